"""Where Twilio reaches us: how a message fares, and what patients write back. Signed, or refused."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from gateway.web.callbacks import read_callback
from outbound.callbacks import Callback

_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def text_callback_routes(path: str, public_url: str, hear: Callable[[Callback], Awaitable[bool]]) -> APIRouter:
    """One address for both; `hear` returns once what was said is durable."""
    routes = APIRouter()

    @routes.post(path)
    async def called(request: Request) -> Response:
        callback = await read_callback(request, public_url)
        if callback is None:
            return Response(status_code=413)
        if not await hear(callback):
            return Response(status_code=403)
        return Response(_NOTHING_TO_SAY, media_type="application/xml")

    return routes
