"""The first administrator: while nobody has an account, whoever knows the clinic's first code makes one."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from gateway.errors import PersonRefused
from gateway.services.access.access import Access
from gateway.services.access.log_in import LetIn
from gateway.services.access.passwords import SHORTEST
from gateway.web.gate import address_of
from gateway.web.house import House
from gateway.web.login import let_in_to
from gateway.web.rendering import Rendering

Typed = Annotated[str, Form()]


def first_run_routes(access: Access, house: House, rendering: Rendering) -> APIRouter:
    """`/first-run`, which is the log-in once there is an account."""
    routes = APIRouter()

    @routes.get("/first-run")
    async def ask(request: Request) -> Response:
        if not await asyncio.to_thread(access.accounts.nobody_yet):
            return RedirectResponse("/login", status_code=303)
        return rendering.page(request, "first_run.html", fault="", name="", code="", shortest=SHORTEST)

    @routes.post("/first-run")
    async def take(
        request: Request, code: Typed = "", name: Typed = "", password: Typed = "", again: Typed = ""
    ) -> Response:
        try:
            if password != again:
                raise PersonRefused("the two passwords differ: type them anew")
            await asyncio.to_thread(access.accounts.begin, code, name, password, address_of(request))
        except PersonRefused as fault:
            values: dict[str, object] = {"fault": str(fault), "name": name, "code": code, "shortest": SHORTEST}
            return rendering.page(request, "first_run.html", 400, **values)
        outcome = await asyncio.to_thread(access.log_in.with_password, name, password, address_of(request))
        if isinstance(outcome, LetIn):
            return await let_in_to(access, house, outcome, "/")
        return RedirectResponse("/login", status_code=303)

    return routes
