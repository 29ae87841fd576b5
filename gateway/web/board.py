"""The board: what stands where."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.domain.person import Role
from gateway.web.desk import WebDesk
from gateway.web.rendering import Rendering
from gateway.web.visitor import visitor_of


def board_routes(desk: WebDesk, rendering: Rendering) -> APIRouter:
    """`/`."""
    routes = APIRouter()

    @routes.get("/")
    async def board(request: Request) -> HTMLResponse:
        may_act = visitor_of(request).role.allows(Role.STAFF)
        return rendering.page(request, "board.html", board=await desk.board(), may_act=may_act)

    return routes
