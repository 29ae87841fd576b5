"""The board: what stands where."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.web.desk import WebDesk
from gateway.web.rendering import Rendering


def board_routes(desk: WebDesk, rendering: Rendering) -> APIRouter:
    """`/`."""
    routes = APIRouter()

    @routes.get("/")
    async def board(request: Request) -> HTMLResponse:
        return rendering.page(request, "board.html", board=await desk.board())

    return routes
