"""The board and one referral: what stands where. Referral numbers are the only thing in a URL."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.web.desk import WebDesk
from gateway.web.rendering import Rendering


def board_routes(desk: WebDesk, rendering: Rendering) -> APIRouter:
    """`/` and `/referrals/NUMBER`."""
    routes = APIRouter()

    @routes.get("/")
    async def board(request: Request) -> HTMLResponse:
        return rendering.page(request, "board.html", board=await desk.board())

    @routes.get("/referrals/{number}")
    async def referral(request: Request, number: str) -> HTMLResponse:
        history = await desk.history(number)
        if history is None:
            return rendering.page(request, "missing.html", 404)
        return rendering.page(request, "referral.html", history=history)

    return routes
