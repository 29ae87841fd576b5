"""What was sent after a stay was over: shown again to the one who typed it, to be sent or thrown away."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.services.access.access import Access
from gateway.web.gate import guest_of
from gateway.web.rendering import Rendering
from gateway.web.words import spaced


def draft_routes(access: Access, rendering: Rendering) -> APIRouter:
    """`/draft` and what can be done with one."""
    routes = APIRouter()

    @routes.get("/draft")
    async def show(request: Request) -> Response:
        typed = await asyncio.to_thread(access.stays.typed, guest_of(request).person)
        if not typed:
            return RedirectResponse("/", status_code=303)
        rows = [(spaced(name), value) for name, value in typed[0].fields if value]
        return rendering.page(request, "draft.html", draft=typed[0], rows=rows, more=len(typed) - 1)

    @routes.post("/draft/{draft_id}/send")
    async def send(request: Request, draft_id: int) -> Response:
        draft = await asyncio.to_thread(access.stays.take_typed, guest_of(request).person, draft_id)
        # 307: the browser sends the same fields once more, to where they were meant for
        return RedirectResponse(draft.path if draft else "/", status_code=307 if draft else 303)

    @routes.post("/draft/{draft_id}/drop")
    async def drop(request: Request, draft_id: int) -> Response:
        await asyncio.to_thread(access.stays.take_typed, guest_of(request).person, draft_id)
        return RedirectResponse("/draft", status_code=303)

    return routes
