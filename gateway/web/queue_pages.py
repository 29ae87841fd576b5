"""The lists of the review queue: what waits, what was filed, kept or thrown away.

Searches are sent in the body, never in a URL: they are patients' names.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.domain.person import Role
from gateway.errors import NotSaid
from gateway.web.board_filters import whole
from gateway.web.queue_desk import QueueDesk
from gateway.web.queue_filters import Filters
from gateway.web.queue_views import Done, QueueList
from gateway.web.refusals import refusing
from gateway.web.rendering import Rendering
from gateway.web.visitor import Visitor, needing, visitor_of

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]


def list_routes(queue: QueueDesk, rendering: Rendering) -> APIRouter:
    """`/queue`, its searches and kept filters, `/queue/next`, and what is settled."""
    routes = APIRouter(route_class=refusing(rendering))
    _add_waiting(routes, queue, rendering)
    _add_filters(routes, queue, rendering)
    _add_settled(routes, queue, rendering)
    return routes


def _add_waiting(routes: APIRouter, queue: QueueDesk, rendering: Rendering) -> None:

    @routes.get("/queue")
    async def waiting(request: Request, visitor: Viewer, done: int | None = None, told: str = "") -> HTMLResponse:
        shown = await queue.waiting(Filters.of(request.query_params), visitor.name)
        settled = await queue.done(done) if done else None
        return _page(rendering, request, shown, done=settled, told=TOLD.get(told, ""))

    @routes.post("/queue")
    async def searched(request: Request, visitor: Viewer, q: Annotated[str, Form()] = "") -> HTMLResponse:
        return _page(rendering, request, await queue.waiting(Filters.of(request.query_params), visitor.name, q))

    @routes.get("/queue/next")
    async def next_item(request: Request, visitor: Viewer, behind: int | None = None) -> Response:
        filters = Filters.of(request.query_params)
        return onward(await queue.next_item(filters, visitor.name, behind), filters)


def _add_filters(routes: APIRouter, queue: QueueDesk, rendering: Rendering) -> None:
    @routes.post("/queue/filters")
    async def keep(request: Request, visitor: Viewer, name: Annotated[str, Form()] = "") -> Response:
        filters = Filters.of(request.query_params)
        try:
            await asyncio.to_thread(queue.keeping.keep, visitor.name, name, filters.query())
        except NotSaid as fault:
            shown = await queue.waiting(filters, visitor.name)
            return _page(rendering, request, shown, fault=str(fault))
        return onward(None, filters)

    @routes.post("/queue/filters/{filter_id}/drop")
    async def drop(request: Request, visitor: Viewer, filter_id: int) -> Response:
        await asyncio.to_thread(queue.keeping.drop, visitor.name, filter_id)
        return onward(None, Filters.of(request.query_params))


def _add_settled(routes: APIRouter, queue: QueueDesk, rendering: Rendering) -> None:
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


def _page(
    rendering: Rendering,
    request: Request,
    shown: QueueList,
    *,
    done: Done | None = None,
    told: str = "",
    fault: str = "",
) -> HTMLResponse:
    """The list; with what was just done, or why something was not."""
    values: dict[str, object] = {"list": shown, "done": done, "told": told, "fault": fault}
    acts = may_act(visitor_of(request))
    return rendering.page(request, "queue.html", 409 if fault else 200, may_act=acts, **values)


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
