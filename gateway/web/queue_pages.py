"""The lists of the review queue: what waits, what was filed, kept or thrown away.

Searches are sent in the body, never in a URL: they are patients' names.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.domain.person import Role
from gateway.web.board_filters import whole
from gateway.web.queue_desk import QueueDesk
from gateway.web.queue_filters import Filters
from gateway.web.refusals import refusing
from gateway.web.rendering import Rendering
from gateway.web.visitor import Visitor, needing

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]


def list_routes(queue: QueueDesk, rendering: Rendering) -> APIRouter:
    """`/queue`, its searches, `/queue/next`, and what is settled."""
    routes = APIRouter(route_class=refusing(rendering))

    @routes.get("/queue")
    async def waiting(request: Request, visitor: Viewer, done: int | None = None, told: str = "") -> HTMLResponse:
        filters = Filters.of(request.query_params)
        shown = await queue.waiting(filters, visitor.name)
        return rendering.page(
            request,
            "queue.html",
            list=shown,
            done=await queue.done(done) if done else None,
            told=TOLD.get(told, ""),
            may_act=may_act(visitor),
        )

    @routes.post("/queue")
    async def searched(request: Request, visitor: Viewer, q: Annotated[str, Form()] = "") -> HTMLResponse:
        filters = Filters.of(request.query_params)
        shown = await queue.waiting(filters, visitor.name, q)
        return rendering.page(request, "queue.html", list=shown, done=None, told="", may_act=may_act(visitor))

    @routes.get("/queue/next")
    async def next_item(request: Request, visitor: Viewer, behind: int | None = None) -> Response:
        filters = Filters.of(request.query_params)
        return onward(await queue.next_item(filters, visitor.name, behind), filters)

    async def settled(request: Request, visitor: Viewer, q: str) -> HTMLResponse:
        what = request.url.path.rpartition("/")[2]
        behind = whole(request.query_params.get("behind", ""))
        shown = await queue.settled(what, visitor.name, q, behind)
        return rendering.page(request, "queue_settled.html", list=shown, what=what)

    for what in ("filed", "kept", "trash"):

        @routes.get(f"/queue/{what}")
        async def settled_list(request: Request, visitor: Viewer) -> HTMLResponse:
            return await settled(request, visitor, "")

        @routes.post(f"/queue/{what}")
        async def settled_search(request: Request, visitor: Viewer, q: Annotated[str, Form()] = "") -> HTMLResponse:
            return await settled(request, visitor, q)

    return routes


def may_act(visitor: Visitor) -> bool:
    """Whether rows have buttons."""
    return visitor.role.allows(Role.STAFF)


TOLD = {
    "again": "It is being read again and comes back to the queue by itself.",
    "handed": "It is handed over.",
    "retried": "It is tried again, and appears here once it is read.",
    "arranged": "Its pages are arranged anew; the original is as it came.",
}
"""What the next page says of a deed that has no item of its own to undo."""


def onward(item: int | None, filters: Filters, *, done: int | None = None, told: str = "") -> Response:
    """To the next document, or to the list where there is none."""
    said = "&".join(filter(None, (filters.query(), f"done={done}" if done else "", f"told={told}" if told else "")))
    path = f"/queue/{item}" if item is not None else "/queue"
    return RedirectResponse(f"{path}?{said}".rstrip("?"), status_code=303)
