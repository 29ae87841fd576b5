"""The board: what stands where. Searches are sent in the body, never in a URL: they are patients' names."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.domain.person import Role
from gateway.errors import NotSaid
from gateway.services.keep_filter import KeepFilter
from gateway.web.board_desk import BoardDesk
from gateway.web.board_filters import Narrowing, path_of
from gateway.web.rendering import Rendering
from gateway.web.visitor import Visitor, needing, visitor_of

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]
Text = Annotated[str, Form()]


def board_routes(desk: BoardDesk, filters: KeepFilter, rendering: Rendering) -> APIRouter:
    """`/`, its searches, and the filters a person keeps."""
    routes = APIRouter()

    async def shown(
        request: Request, narrowing: Narrowing, searched: str = "", fault: str = "", status: int = 200
    ) -> HTMLResponse:
        visitor = visitor_of(request)
        board = await desk.board(narrowing, visitor.name, searched)
        may_act = visitor.role.allows(Role.STAFF)
        return rendering.page(request, "board.html", status, board=board, may_act=may_act, fault=fault)

    @routes.get("/")
    async def board(request: Request, visitor: Viewer) -> HTMLResponse:
        del visitor
        return await shown(request, Narrowing.of(request.query_params))

    @routes.post("/")
    async def searched(request: Request, visitor: Viewer, q: Text = "") -> HTMLResponse:
        del visitor
        return await shown(request, Narrowing.of(request.query_params), q[:200])

    @routes.post("/filters")
    async def keep(request: Request, visitor: Viewer, name: Text = "") -> Response:
        narrowing = Narrowing.of(request.query_params)
        try:
            await asyncio.to_thread(filters.keep, visitor.name, name, narrowing.query())
        except NotSaid as fault:
            return await shown(request, narrowing, fault=str(fault), status=409)
        return RedirectResponse(path_of(narrowing.query()), status_code=303)

    @routes.post("/filters/{filter_id}/drop")
    async def drop(request: Request, visitor: Viewer, filter_id: int) -> Response:
        await asyncio.to_thread(filters.drop, visitor.name, filter_id)
        return RedirectResponse(path_of(Narrowing.of(request.query_params).query()), status_code=303)

    return routes
