"""`/live`: server-sent events, which browsers open by themselves; a stream keeps no stay alive and ends with it."""

import asyncio
import json
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from gateway.domain.person import Role
from gateway.services.access.access import Access
from gateway.web.board_filters import whole
from gateway.web.house import House
from gateway.web.live import Live
from gateway.web.visitor import needing

_RETRY_MS = 3000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def live_routes(live: Live, access: Access, house: House) -> APIRouter:
    """One stream a page."""
    routes = APIRouter()

    @routes.get("/live", dependencies=[Depends(needing(Role.VIEWER))])
    async def stream(request: Request) -> Response:
        after = whole(request.headers.get("last-event-id", "") or request.query_params.get("after", ""))
        if live.is_full:
            return PlainTextResponse("Too many pages are open: ask from time to time.", status_code=503)
        secret = request.cookies.get(house.cookie, "")
        return StreamingResponse(_lines(live, after, access, secret), media_type="text/event-stream", headers=_HEADERS)

    return routes


async def _lines(live: Live, after: int | None, access: Access, secret: str) -> AsyncGenerator[str, None]:
    async with live.listening(after) as ear:
        yield f"retry: {_RETRY_MS}\nid: {ear.seq}\nevent: hello\ndata: {{}}\n\n"
        while True:
            news = await ear.hear(live.beat_s)
            if live.is_over:
                return
            if await asyncio.to_thread(_is_over, access, secret):
                yield "event: over\ndata: {}\n\n"
                return
            if news is None:
                yield ": still here\n\n"
            else:
                yield f"id: {news.seq}\nevent: changed\ndata: {json.dumps({'touched': sorted(news.touched)})}\n\n"


def _is_over(access: Access, secret: str) -> bool:
    """Whether who opened the stream may no longer see anything; asking is no sign that anybody sits there."""
    guest = access.stays.guest(secret, is_by_itself=True)
    return guest is None or guest.is_over or not guest.session.is_whole
