"""Logging in and out: the name and password, the second factor's code, the cookie."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from gateway.domain.session import Draft
from gateway.services.access.access import Access
from gateway.services.access.log_in import LetIn, Outcome, Shut
from gateway.services.access.stays import Guest
from gateway.web.gate import address_of, guest_of, safe_path
from gateway.web.house import House
from gateway.web.rendering import Rendering
from gateway.web.words import span_in_words

Typed = Annotated[str, Form()]


def login_routes(access: Access, house: House, rendering: Rendering) -> APIRouter:
    """`/login`, `/login/code` and `/logout`."""
    routes = APIRouter()

    @routes.get("/login")
    async def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - a word of the URL
        if getattr(request.state, "visitor", None):
            return RedirectResponse("/", status_code=303)
        was_over = _known(request) is not None
        return rendering.page(request, "login.html", next=safe_path(next), fault="", name="", was_over=was_over)

    @routes.post("/login")
    async def take(request: Request, name: Typed = "", password: Typed = "", next: Typed = "/") -> Response:  # noqa: A002
        outcome = await asyncio.to_thread(access.log_in.with_password, name, password, address_of(request))
        if isinstance(outcome, LetIn):
            return await let_in_to(access, house, outcome, safe_path(next))
        fault = _why_not(access, outcome, "This name and password do not go together.")
        values: dict[str, object] = {"next": safe_path(next), "fault": fault, "name": name, "was_over": False}
        return rendering.page(request, "login.html", 401, **values)

    @routes.get("/login/code")
    async def ask_code(request: Request, next: str = "/") -> Response:  # noqa: A002
        return rendering.page(request, "login_code.html", next=safe_path(next), fault="")

    @routes.post("/login/code")
    async def take_code(request: Request, code: Typed = "", next: Typed = "/") -> Response:  # noqa: A002
        outcome = await asyncio.to_thread(access.log_in.with_code, guest_of(request), code, address_of(request))
        if isinstance(outcome, LetIn):
            return await let_in_to(access, house, outcome, safe_path(next))
        fault = _why_not(access, outcome, "This code is wrong or was used already: wait for the next one.")
        return rendering.page(request, "login_code.html", 401, next=safe_path(next), fault=fault)

    @routes.post("/logout")
    async def leave(request: Request) -> Response:
        await asyncio.to_thread(access.stays.end, guest_of(request), address_of(request))
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(house.cookie, path="/", secure=house.is_secure, httponly=True, samesite="strict")
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    return routes


async def let_in_to(access: Access, house: House, let_in: LetIn, onward: str) -> Response:
    """On to the code, to what was typed too late, or to where they wanted."""
    if not let_in.is_whole:
        target = f"/login/code?next={onward}"
    else:
        target = "/draft" if await asyncio.to_thread(_typed, access, let_in.secret) else onward
    response = RedirectResponse(target, status_code=303)
    response.set_cookie(house.cookie, let_in.secret, path="/", secure=house.is_secure, httponly=True, samesite="strict")
    return response


def _typed(access: Access, secret: str) -> list[Draft]:
    guest = access.stays.guest(secret)
    return access.stays.typed(guest.person) if guest else []


def _known(request: Request) -> Guest | None:
    guest: Guest | None = request.state.guest
    return guest


def _why_not(access: Access, outcome: Outcome, wrong: str) -> str:
    if isinstance(outcome, Shut):
        return f"Too many tries. Try again in {span_in_words(outcome.until - access.clock.now())}."
    return wrong
