"""`/live`: server-sent events, which browsers open by themselves; a stream keeps no stay alive and ends with it."""

from functools import partial

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from gateway.domain.person import Role
from gateway.services.access.access import Access
from gateway.web.board_filters import whole
from gateway.web.house import House
from gateway.web.live import Live
from gateway.web.live_lines import HEADERS, MEDIA_TYPE, live_lines
from gateway.web.visitor import needing


def live_routes(live: Live, access: Access, house: House) -> APIRouter:
    """One stream a page."""
    routes = APIRouter()

    @routes.get("/live", dependencies=[Depends(needing(Role.VIEWER))])
    async def stream(request: Request) -> Response:
        after = whole(request.headers.get("last-event-id", "") or request.query_params.get("after", ""))
        if live.is_full:
            return PlainTextResponse("Too many pages are open: ask from time to time.", status_code=503)
        secret = request.cookies.get(house.cookie, "")
        return StreamingResponse(
            live_lines(live, after, partial(_is_over, access, secret)), media_type=MEDIA_TYPE, headers=HEADERS
        )

    return routes


def _is_over(access: Access, secret: str) -> bool:
    """Whether who opened the stream may no longer see anything; asking is no sign that anybody sits there."""
    guest = access.stays.guest(secret, is_by_itself=True)
    return guest is None or guest.is_over or not guest.session.is_whole
