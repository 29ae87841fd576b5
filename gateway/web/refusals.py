"""What a page of the queue says when it cannot do what was asked: who was first, what is gone, what to do next."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.routing import APIRoute

from gateway.errors import NotFound, ReferloopError, StaleRow, WorkerFailed
from gateway.web.queue_filters import Filters
from gateway.web.rendering import Rendering

Answer = Callable[[Request], Awaitable[Response]]


def refusing(rendering: Rendering) -> type[APIRoute]:
    """A kind of route whose refusals are pages in the house's words."""

    class Refusing(APIRoute):
        """Answers as its handler does, and for the house's errors with a page of its own."""

        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
            """The handler, with its refusals caught."""
            answer: Answer = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    return await answer(request)
                except ReferloopError as error:
                    return _refusal(rendering, request, error)

            return handle

    return Refusing


def _refusal(rendering: Rendering, request: Request, error: ReferloopError) -> Response:
    title, status = _meaning(error)
    filters = Filters.of(request.query_params).query()
    item = request.path_params.get("item", "")
    return rendering.page(
        request, "queue_refusal.html", status, title=title, told=str(error), filters=filters, item=item
    )


def _meaning(error: ReferloopError) -> tuple[str, int]:
    match error:
        case StaleRow():
            return "Somebody else was first", 409
        case NotFound():
            return "Look again", 404
        case WorkerFailed():
            return "This could not be drawn or read", 422
        case _:
            return "This is not possible", 409
