"""The pages of the review queue together, with their own style and scripts."""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import APIRouter, Response

from gateway.web.deed_pages import settling_routes
from gateway.web.document_desk import DocumentDesk
from gateway.web.document_pages import document_routes
from gateway.web.mark_pages import arranging_routes, holding_routes, mark_routes
from gateway.web.picture_pages import picture_routes
from gateway.web.queue_desk import QueueDesk
from gateway.web.queue_pages import list_routes
from gateway.web.rendering import Rendering
from gateway.web.review_desk import ReviewDesk

_STATIC = {"queue.css": "text/css", "queue.js": "text/javascript", "htmx.min.js": "text/javascript"}


def review_routes(desk: ReviewDesk, rendering: Rendering) -> APIRouter:
    """Everything under `/queue` and `/documents`."""
    queue, documents = QueueDesk(desk), DocumentDesk(desk)
    routes = APIRouter()
    for part in (
        list_routes(queue, rendering),
        document_routes(documents, queue, rendering),
        settling_routes(desk, queue, rendering),
        holding_routes(desk, rendering),
        mark_routes(desk, queue, rendering),
        arranging_routes(desk, queue, rendering),
        picture_routes(desk, rendering),
        _static_routes(),
    ):
        routes.include_router(part)
    return routes


def _static_routes() -> APIRouter:
    routes = APIRouter()
    held = {name: files("gateway.web").joinpath("static", name).read_bytes() for name in _STATIC}
    for name, media_type in _STATIC.items():
        routes.add_api_route(f"/static/{name}", _file(held[name], media_type), methods=["GET"])
    return routes


def _file(held: bytes, media_type: str) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        return Response(held, media_type=media_type)

    return answer
