"""The people page: administrators add, shut out, and help those who forgot. First passwords are drawn, told once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from gateway.domain.person import Role
from gateway.errors import PersonRefused
from gateway.services.access.access import Access
from gateway.services.access.passwords import drawn
from gateway.web.gate import by_of
from gateway.web.rendering import Rendering
from gateway.web.visitor import needing

Name = Annotated[str, Form()]
_GROUPS = 4  # of four letters: 79 bits


def people_routes(access: Access, rendering: Rendering) -> APIRouter:
    """`/people` and its forms; a person is named in the form, not in the URL."""
    routes = APIRouter(prefix="/people", dependencies=[Depends(needing(Role.ADMINISTRATOR))])
    page = _Page(access, rendering)

    @routes.get("")
    async def people(request: Request) -> Response:
        return await page.shown(request)

    _add_newcomers(routes, page)
    _add_changes(routes, page)
    return routes


@dataclass(frozen=True, slots=True)
class _Page:
    access: Access
    rendering: Rendering

    async def shown(self, request: Request, *, fault: str = "", told: tuple[str, str] | None = None) -> Response:
        """Everybody; with why something was refused, or with a name and its new password."""
        people = await asyncio.to_thread(self.access.accounts.everybody)
        status = 400 if fault else 200
        return self.rendering.page(
            request, "people.html", status, people=people, roles=list(Role), fault=fault, told=told
        )

    async def telling(self, request: Request, name: str, give: Callable[[str], object]) -> Response:
        """Give a name the password drawn here, and show it this once."""
        password = drawn(_GROUPS)
        try:
            await asyncio.to_thread(give, password)
        except PersonRefused as fault:
            return await self.shown(request, fault=str(fault))
        return await self.shown(request, told=(name, password))

    async def changed(self, request: Request, change: Callable[[], None]) -> Response:
        """Do it and show the page anew."""
        try:
            await asyncio.to_thread(change)
        except PersonRefused as fault:
            return await self.shown(request, fault=str(fault))
        return RedirectResponse("/people", status_code=303)


def _add_newcomers(routes: APIRouter, page: _Page) -> None:
    accounts = page.access.accounts

    @routes.post("")
    async def add(request: Request, role: Annotated[Role, Form()], name: Annotated[str, Form()] = "") -> Response:
        by = by_of(request)
        return await page.telling(request, name, lambda password: accounts.add(name, role, password, by))

    @routes.post("/password")
    async def new_password(request: Request, name: Name) -> Response:
        by = by_of(request)
        return await page.telling(request, name, lambda password: accounts.set_password(name, password, by))


def _add_changes(routes: APIRouter, page: _Page) -> None:
    accounts = page.access.accounts

    @routes.post("/role")
    async def set_role(request: Request, name: Name, role: Annotated[Role, Form()]) -> Response:
        return await page.changed(request, lambda: accounts.set_role(name, role, by_of(request)))

    @routes.post("/second-factor")
    async def reset_second_factor(request: Request, name: Name) -> Response:
        return await page.changed(request, lambda: accounts.reset_second_factor(name, by_of(request)))

    @routes.post("/log-out")
    async def end_stays(request: Request, name: Name) -> Response:
        return await page.changed(request, lambda: accounts.end_stays(name, by_of(request)))

    @routes.post("/disable")
    async def disable(request: Request, name: Name) -> Response:
        return await page.changed(request, lambda: accounts.disable(name, by_of(request)))

    @routes.post("/enable")
    async def enable(request: Request, name: Name) -> Response:
        return await page.changed(request, lambda: accounts.enable(name, by_of(request)))
