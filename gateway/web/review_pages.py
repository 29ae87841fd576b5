"""The pages of the review queue together."""

from fastapi import APIRouter

from gateway.web.deed_pages import settling_routes
from gateway.web.document_desk import DocumentDesk
from gateway.web.document_pages import document_routes
from gateway.web.mark_pages import arranging_routes, holding_routes, mark_routes
from gateway.web.picture_pages import picture_routes
from gateway.web.queue_desk import QueueDesk
from gateway.web.queue_pages import list_routes
from gateway.web.rendering import Rendering
from gateway.web.review_desk import ReviewDesk


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
    ):
        routes.include_router(part)
    return routes
