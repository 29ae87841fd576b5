"""What every answer carries and no request gets past: known host names, requests of our own pages, strict headers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from gateway.errors import StorageFailed
from gateway.web.house import House

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
API = "/api"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Next = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Hardening:
    """Middleware around everything else."""

    house: House

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """The inner answer, or a refusal, with the headers."""
        host = request.headers.get("host", "")
        if not (is_own_name(host) or _name(host) in self.house.names):
            response: Response = PlainTextResponse(
                "This name is not answered to: add it to web.names in referloop.toml.", status_code=421
            )
        elif not (is_safe(request) or is_of_api(request) or _is_of_our_pages(request)):
            response = PlainTextResponse("This was not sent from a page of ours.", status_code=403)
        else:
            response = await _answered(request, call_next)
        kept = {"Cache-Control": response.headers["cache-control"]} if "cache-control" in response.headers else {}
        response.headers.update(_HEADERS | kept | (_HTTPS_ONLY if self.house.is_secure else {}))
        return response


async def _answered(request: Request, call_next: Next) -> Response:
    """The inner answer; a store that fails the gate or the audit log fails the page, whatever it was going to say."""
    try:
        return await call_next(request)
    except StorageFailed:
        return PlainTextResponse("The database does not answer, so nothing is shown.", status_code=503)


def is_safe(request: Request) -> bool:
    """Whether it only asks, and changes nothing."""
    return request.method in _SAFE


def is_of_api(request: Request) -> bool:
    """Whether a program asks: with a token and never a cookie, so that no other site can ask in its name."""
    return request.url.path.startswith(f"{API}/")


def is_own_name(host: str) -> bool:
    """Whether a Host header names this machine itself; a stranger's name that resolves here is DNS rebinding."""
    name = _name(host)
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_of_our_pages(request: Request) -> bool:
    """As browsers say themselves: Sec-Fetch-Site, or where it is not known Origin. Without either it is refused."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
