"""Short of settling: hold, hand on, label, note; and other arrangements of a document's pages."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from gateway.domain.arrangement import Arrangement
from gateway.domain.person import Role
from gateway.errors import NotFound
from gateway.services.retry_reading import RetryReading
from gateway.web.queue_desk import QueueDesk
from gateway.web.queue_filters import Filters
from gateway.web.queue_pages import onward
from gateway.web.refusals import refusing
from gateway.web.rendering import Rendering
from gateway.web.review_desk import ReviewDesk
from gateway.web.visitor import Visitor, needing

Staff = Annotated[Visitor, Depends(needing(Role.STAFF))]
Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]
Text = Annotated[str, Form()]
Onward = Annotated[str, Form(alias="onward")]


def holding_routes(desk: ReviewDesk, rendering: Rendering) -> APIRouter:
    """What an open page says of itself: still open, closed."""
    routes = APIRouter(route_class=refusing(rendering))

    @routes.post("/queue/{item}/hold")
    async def hold(item: int, visitor: Staff) -> Response:
        mark = await asyncio.to_thread(desk.marks.hold, item, visitor.name)
        if mark.held_by != visitor.name:
            return PlainTextResponse(mark.held_by, status_code=409)
        return Response(status_code=204)

    @routes.post("/queue/{item}/release")
    async def release(item: int, visitor: Staff) -> Response:
        await asyncio.to_thread(desk.marks.release, item, visitor.name)
        return Response(status_code=204)

    return routes


def mark_routes(desk: ReviewDesk, queue: QueueDesk, rendering: Rendering) -> APIRouter:
    """Hand on, label, note; hear a blocked sender again."""
    routes = APIRouter(route_class=refusing(rendering))

    @routes.post("/queue/unblock")
    async def unblock(visitor: Staff, sender: Text) -> Response:
        await asyncio.to_thread(desk.marks.unblock, sender, visitor.name)
        return RedirectResponse("/queue/trash", status_code=303)

    @routes.post("/queue/{item}/hand")
    async def hand(
        request: Request, item: int, visitor: Staff, *, person: Text = "", note: Text = "", onward_to: Onward = ""
    ) -> Response:
        if note.strip():
            await asyncio.to_thread(desk.marks.note, item, note, visitor.name)
        await asyncio.to_thread(desk.marks.hand_to, item, person.strip(), visitor.name)
        filters = Filters.of(request.query_params)
        if onward_to == "list":
            return onward(None, filters)
        if person.strip() in ("", visitor.name):
            return _again(item, request)
        return onward(await queue.next_item(filters, visitor.name, item), filters, told="handed")

    @routes.post("/queue/{item}/label")
    async def label(request: Request, item: int, visitor: Staff, label: Text = "") -> Response:
        await asyncio.to_thread(desk.marks.label, item, label, visitor.name)
        return _again(item, request)

    @routes.post("/queue/{item}/note")
    async def note(request: Request, item: int, visitor: Staff, note: Text = "") -> Response:
        if note.strip():
            await asyncio.to_thread(desk.marks.note, item, note, visitor.name)
        return _again(item, request)

    return routes


def arranging_routes(desk: ReviewDesk, queue: QueueDesk, rendering: Rendering) -> APIRouter:
    """Split, join, turn, order, leave out, read again. The original is never touched."""
    routes = APIRouter(route_class=refusing(rendering))
    retrying = RetryReading(desk.store, desk.clock)

    async def asked(item: int, request: Request, ask: Callable[[], object]) -> Response:
        await asyncio.to_thread(ask)
        desk.rearrange.ring()
        return _again(item, request)

    @routes.post("/queue/{item}/split")
    async def split(request: Request, item: int, visitor: Staff, after: Annotated[int, Form()]) -> Response:
        return await asked(item, request, lambda: desk.rearrange.split(item, after, visitor.name))

    @routes.post("/queue/{item}/join")
    async def join(request: Request, item: int, visitor: Staff, other: Annotated[int, Form()]) -> Response:
        return await asked(item, request, lambda: desk.rearrange.join(item, other, visitor.name))

    @routes.post("/queue/{item}/pages")
    async def order(request: Request, item: int, visitor: Staff, pages: Text) -> Response:
        chosen = _arrangement(pages)
        return await asked(item, request, lambda: desk.rearrange.order(item, chosen, visitor.name))

    @routes.get("/queue/{item}/arranged")
    async def arranged(request: Request, item: int, visitor: Viewer) -> Response:
        """What the waiting page asks by itself: nothing while it is read, then where to go."""
        del visitor
        said = await asyncio.to_thread(arrangement_of, desk, item)
        if said is not None and said.ended_at is None:
            return Response(status_code=204)
        query = Filters.of(request.query_params).query()
        first = said.new_ids[0] if said and said.new_ids else item
        told = "told=arranged" if said and said.new_ids else ""
        return PlainTextResponse(f"/queue/{first}?{'&'.join(filter(None, (query, told)))}".rstrip("?"))

    @routes.post("/queue/files/{arrival}/retry")
    async def retry(arrival: int, visitor: Staff) -> Response:
        await asyncio.to_thread(retrying.retry, arrival, visitor.name)
        desk.rearrange.ring()
        return RedirectResponse("/queue?told=retried", status_code=303)

    @routes.post("/queue/{item}/read-again")
    async def read_again(request: Request, item: int, visitor: Staff) -> Response:
        filters = Filters.of(request.query_params)
        onto = await queue.next_item(filters, visitor.name, item)
        await asyncio.to_thread(desk.rearrange.read_again, item, visitor.name)
        desk.rearrange.ring()
        return onward(onto, filters, told="again")

    return routes


def _arrangement(text: str) -> list[tuple[int, int]]:
    """Pages as the page's script writes them: `2:90 0:0` is the file's third page turned, then its first."""
    try:
        return [(int(index), int(degrees)) for index, _, degrees in (one.partition(":") for one in text.split())]
    except ValueError:
        raise NotFound("that is no arrangement of pages") from None


def arrangement_of(desk: ReviewDesk, item: int) -> Arrangement | None:
    """The arrangement that an item was given to. Raises NotFound."""
    with desk.store.transaction() as tx:
        return tx.arrangement_of(tx.part(item).id) if item > 0 else None


def _again(item: int, request: Request) -> Response:
    return RedirectResponse(f"/queue/{item}?{Filters.of(request.query_params).query()}".rstrip("?"), status_code=303)
