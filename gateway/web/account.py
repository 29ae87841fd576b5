"""A visitor's own account: password and second factor."""

import asyncio
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from gateway.errors import PersonRefused
from gateway.services.access.access import Access
from gateway.services.access.passwords import SHORTEST
from gateway.services.access.second_factor import in_app_words
from gateway.web.gate import by_of, guest_of
from gateway.web.house import House
from gateway.web.rendering import Rendering

Typed = Annotated[str, Form()]


def account_routes(access: Access, house: House, rendering: Rendering) -> APIRouter:
    """`/account`, `/account/password` and `/account/second-factor`."""
    routes = APIRouter()

    @routes.get("/account")
    async def account(request: Request) -> Response:
        person = guest_of(request).person
        left = await asyncio.to_thread(access.second_factor.codes_left, person.id)
        needs = person.role in access.second_factor_for
        return rendering.page(request, "account.html", person=person, codes_left=left, needs_factor=needs)

    @routes.get("/account/password")
    async def ask_password(request: Request) -> Response:
        return _password_page(request, rendering)

    @routes.post("/account/password")
    async def take_password(request: Request, old: Typed = "", new: Typed = "", again: Typed = "") -> Response:
        guest, by = guest_of(request), by_of(request)
        try:
            if new != again:
                raise PersonRefused("the two new passwords differ: type them anew")
            change = access.accounts.change_own_password
            await asyncio.to_thread(change, guest.person, old, new, by, here=guest.session.token_hash)
        except PersonRefused as fault:
            return _password_page(request, rendering, str(fault))
        return RedirectResponse("/account", status_code=303)

    @routes.get("/account/second-factor")
    async def ask_factor(request: Request) -> Response:
        return await _factor_page(request, access, house, rendering)

    @routes.post("/account/second-factor")
    async def take_factor(request: Request, password: Typed = "", code: Typed = "") -> Response:
        person, by = guest_of(request).person, by_of(request)
        try:
            await asyncio.to_thread(access.accounts.prove, person, password, by)
            codes = await asyncio.to_thread(access.second_factor.confirm, person.id, code, by.address)
        except PersonRefused as fault:
            return await _factor_page(request, access, house, rendering, str(fault))
        return rendering.page(request, "recovery_codes.html", codes=codes)

    return routes


def _password_page(request: Request, rendering: Rendering, fault: str = "") -> Response:
    must = guest_of(request).person.must_change_password
    return rendering.page(request, "password.html", 400 if fault else 200, fault=fault, must=must, shortest=SHORTEST)


async def _factor_page(
    request: Request, access: Access, house: House, rendering: Rendering, fault: str = ""
) -> Response:
    person = guest_of(request).person
    secret = await asyncio.to_thread(access.second_factor.offer, person.id)
    picture = segno.make(in_app_words(secret, person.name, house.clinic), error="m")
    values: dict[str, object] = {
        "fault": fault,
        "must": access.lacks_second_factor(person),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "picture": Markup(picture.svg_inline(scale=4, border=4, dark="#000", light="#fff")),  # noqa: S704 - drawn by us
    }
    return rendering.page(request, "second_factor.html", 400 if fault else 200, **values)
