"""The way to the identity provider and back. What the browser carries meanwhile is sealed, in a cookie of its own.

That cookie is Lax, for the way back begins elsewhere; for the same reason the stay's cookie, which is Strict, is not
sent by a redirect from there: a page of ours leads on.
"""

import asyncio
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.errors import PersonRefused, ProviderFailed
from gateway.services.access.single_sign_on import Asked, IdentityProvider, SingleSignOn
from gateway.web.gate import address_of, safe_path
from gateway.web.house import House
from gateway.web.rendering import Rendering

BEGIN, BACK, OUT = "/login/provider", "/login/provider/back", "/login/provider/out"
_KEPT_S = 600


@dataclass(frozen=True, slots=True)
class SignOn:
    """The provider, and what is done with its word."""

    provider: IdentityProvider
    service: SingleSignOn


def sign_on_routes(sign_on: SignOn, house: House, rendering: Rendering) -> APIRouter:
    """`/login/provider` and the way back from there."""
    routes = APIRouter()
    ways = _Ways(sign_on, house, rendering)

    @routes.get(BEGIN)
    async def begin(request: Request, next: str = "/") -> Response:  # noqa: A002 - a word of the URL
        return await ways.there(request, safe_path(next))

    @routes.get(BACK)
    async def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        return await ways.back(request, code, state, error)

    @routes.get(OUT)
    async def out(request: Request) -> Response:
        try:
            where = await sign_on.provider.way_out(_address(request, "/login"))
        except ProviderFailed as fault:
            return ways.refused(request, str(fault))
        return RedirectResponse(where or "/login", status_code=303)

    return routes


@dataclass(frozen=True, slots=True)
class _Ways:
    sign_on: SignOn
    house: House
    rendering: Rendering

    async def there(self, request: Request, onward: str) -> Response:
        """To the provider, with what the way back is known by."""
        asked, kept = self.sign_on.service.ask(onward)
        try:
            where = await self.sign_on.provider.way_in(asked, _address(request, BACK))
        except ProviderFailed as fault:
            return self.refused(request, str(fault))
        response = RedirectResponse(where, status_code=303)
        response.set_cookie(
            self._cookie,
            kept,
            max_age=_KEPT_S,
            path="/",
            secure=self.house.is_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def back(self, request: Request, code: str, state: str, error: str) -> Response:
        """From the provider: in, or not and why."""
        service, address = self.sign_on.service, address_of(request)
        asked = service.asked(request.cookies.get(self._cookie, ""), state)
        if asked is None:
            await asyncio.to_thread(service.refused, "not the way this browser was on", address)
            return self.refused(request, "this log-in took too long, or began in another browser: begin again")
        if error or not code:
            await asyncio.to_thread(service.refused, "it did not let them in there", address)
            return self.refused(
                request, "the identity provider did not let you in: try again, or ask its administrator"
            )
        try:
            return await self._entered(request, code, asked, address)
        except ProviderFailed as fault:
            await asyncio.to_thread(service.refused, "its word does not hold, or it does not answer", address)
            return self.refused(request, str(fault))
        except PersonRefused as fault:
            return self.refused(request, str(fault), status=403)

    async def _entered(self, request: Request, code: str, asked: Asked, address: str) -> Response:
        claims = await self.sign_on.provider.claims(code, asked, _address(request, BACK))
        let_in = await asyncio.to_thread(self.sign_on.service.enter, claims, address)
        response = self.rendering.page(request, "signed_on.html", onward=safe_path(asked.onward))
        secure = self.house.is_secure
        response.set_cookie(self.house.cookie, let_in.secret, path="/", secure=secure, httponly=True, samesite="strict")
        self._forget(response)
        return response

    def refused(self, request: Request, fault: str, *, status: int = 401) -> Response:
        """The log-in with what went wrong; whoever has a password may use it."""
        values: dict[str, object] = {"next": "/", "fault": fault, "name": "", "was_over": False}
        response = self.rendering.page(request, "login.html", status, **values)
        self._forget(response)
        return response

    def _forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path="/", secure=self.house.is_secure, httponly=True, samesite="lax")

    @property
    def _cookie(self) -> str:
        return f"{self.house.cookie}-way"


def _address(request: Request, path: str) -> str:
    """A path of ours as the browser reaches it; its host name is one that is answered to."""
    return f"{request.url.scheme}://{request.url.netloc}{path}"
