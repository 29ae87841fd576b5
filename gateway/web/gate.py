"""The gate in front of every page: who asks, and where they must go first. What is sent too late is kept."""

import asyncio
import re
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from gateway.services.access.access import Access
from gateway.services.access.accounts import By
from gateway.services.access.stays import Guest
from gateway.web.hardening import Next, is_of_api, is_own_name, is_safe
from gateway.web.house import House
from gateway.web.visitor import Visitor, visitor_of

_FOR_MONITORS = frozenset({"/healthz", "/metrics"})
_OPEN = frozenset({"/login", "/login/provider", "/login/provider/back", "/login/provider/out", "/first-run"})
_SECRETS = ("/account", "/login")  # what is typed there is kept nowhere
_SENT_BY_ITSELF = re.compile(r"/|/queue|/queue/-?\d+/(hold|release)")
_LONGEST_FROM_STRANGERS = 256 * 1024
_TOO_LONG = PlainTextResponse("This is longer than may be sent before logging in.", status_code=413)


class Gate:
    """Middleware: lets a visitor through to the pages, everybody to the log-in, monitors of this machine to theirs."""

    def __init__(self, access: Access, house: House) -> None:
        self._access = access
        self._house = house
        self._is_begun = False

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """The page, or the way to where they must go first."""
        path = request.url.path
        if (
            path.startswith("/static/")
            or is_of_api(request)
            or (path in _FOR_MONITORS and _is_of_this_machine(request))
        ):
            return await call_next(request)
        guest = await self._guest(request)
        request.state.guest = guest
        if guest is None or guest.is_over or not guest.session.is_whole:
            return await self._without_visitor(request, call_next, guest)
        request.state.visitor = Visitor(guest.person.name, guest.person.role)
        first = self._must_do_first(guest)
        if first and path not in (first, "/logout"):
            return RedirectResponse(first, status_code=303)
        return await call_next(request)

    async def _guest(self, request: Request) -> Guest | None:
        secret = request.cookies.get(self._house.cookie)
        if not secret:
            return None
        return await asyncio.to_thread(self._access.stays.guest, secret, is_by_itself=is_by_itself(request))

    async def _without_visitor(self, request: Request, call_next: Next, guest: Guest | None) -> Response:
        if not is_safe(request) and _is_too_long(request):
            return _TOO_LONG
        if await self._nobody_yet():
            here = request.url.path == "/first-run"
            return await call_next(request) if here else RedirectResponse("/first-run", status_code=303)
        if request.url.path in _OPEN:
            return await call_next(request)
        if guest and not guest.is_over and request.url.path in ("/login/code", "/logout"):
            return await call_next(request)
        keeps = not (is_safe(request) or is_by_itself(request) or request.url.path.startswith(_SECRETS))
        if guest and guest.session.is_whole and keeps:
            await self._keep_typed(request, guest)
        return _to_login(request)

    async def _nobody_yet(self) -> bool:
        if not self._is_begun:
            self._is_begun = not await asyncio.to_thread(self._access.accounts.nobody_yet)
        return not self._is_begun

    async def _keep_typed(self, request: Request, guest: Guest) -> None:
        try:
            form = await request.form()
        except HTTPException:
            return  # no form that a page of ours would send
        typed = [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]
        if typed:
            await asyncio.to_thread(self._access.stays.keep_typed, guest, request.url.path, typed)

    def _must_do_first(self, guest: Guest) -> str:
        if guest.person.must_change_password:
            return "/account/password"
        return "/account/second-factor" if self._access.lacks_second_factor(guest.person) else ""


def is_by_itself(request: Request) -> bool:
    """Whether the page only refreshed, `?auto`: that is no sign that anybody sits there.

    A search is refreshed by sending it again, and an open document says from time to time that it is open; of nothing
    else that is sent is `?auto` believed.
    """
    if "auto" not in request.query_params:
        return False
    return request.method == "GET" or _SENT_BY_ITSELF.fullmatch(request.url.path) is not None


def guest_of(request: Request) -> Guest:
    """The account and stay behind the visitor."""
    guest: Guest = request.state.guest
    return guest


def by_of(request: Request) -> By:
    """The visitor and their address, as the audit log names them."""
    return By(visitor_of(request).name, address_of(request))


def address_of(request: Request) -> str:
    """Where the browser is; of a proxy that the settings name, where it says the browser is."""
    return request.client.host if request.client else ""


def safe_path(path: str) -> str:
    """A path of ours to go on to: no other host, no question (which may hold what was searched for)."""
    plain = urlsplit(path).path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
    return quote(plain, safe="/-._~")


def _to_login(request: Request) -> Response:
    came_for = safe_path(request.url.path) if is_safe(request) else "/"
    login = "/login" if came_for in ("/", "/logout", "/login/code") else f"/login?next={quote(came_for)}"
    if "hx-request" in request.headers:  # a piece of a page: the whole page must go
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(login, status_code=303)


def _is_of_this_machine(request: Request) -> bool:
    """By address and by name: what a proxy passes on has the name people type."""
    try:
        return is_own_name(request.headers.get("host", "")) and ip_address(address_of(request)).is_loopback
    except ValueError:
        return False


def _is_too_long(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return not length.isdigit() or int(length) > _LONGEST_FROM_STRANGERS
