"""The web pages: the board, one referral, health and metrics, and the review queue where a store of its own is given.

No login yet, which is why settings refuse any address but loopback and why only loopback names are answered to.
Referral numbers are the only thing in a URL.
"""

from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.domain.person import Role
from gateway.web.desk import WebDesk
from gateway.web.metrics import Measured, exposed
from gateway.web.rendering import Rendering
from gateway.web.review_desk import ReviewDesk
from gateway.web.review_pages import review_routes
from gateway.web.visitor import Visitor

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_DEAF_S = 300.0  # longer than any poll the settings allow: a watcher that heard nothing for so long is deaf
_Next = Callable[[Request], Awaitable[Response]]


def make_app(
    desk: WebDesk,
    heard_seconds_ago: Callable[[], Mapping[str, float]],
    step_failures: Callable[[], Mapping[str, int]],
    review: ReviewDesk | None = None,
) -> FastAPI:
    """The application. Each watcher is told with how many seconds ago it last heard its source."""
    app = FastAPI(title="Referloop", docs_url=None, redoc_url=None, openapi_url=None)
    app.middleware("http")(_let_in)
    app.middleware("http")(_harden)
    rendering = Rendering()
    _add_pages(app, desk, rendering)
    if review is not None:
        app.include_router(review_routes(review, rendering))

    async def complaints() -> list[str]:
        deaf = [f"{name} has heard nothing for {s:.0f} s" for name, s in heard_seconds_ago().items() if s > _DEAF_S]
        return [*await desk.complaints(), *deaf]

    @app.get("/healthz")
    async def health() -> JSONResponse:
        try:
            said = await complaints()
        except Exception as error:  # noqa: BLE001 - a monitor must be told, whatever broke; the text may be a patient's
            said = [f"the store does not answer ({type(error).__name__})"]
        body = {"is_well": not said, "complaints": said, "heard_seconds_ago": dict(heard_seconds_ago())}
        return JSONResponse(body, status_code=503 if said else 200)

    @app.get("/metrics")
    async def metrics() -> PlainTextResponse:
        measured = Measured(
            counts=await desk.counts(),
            heard_seconds_ago=heard_seconds_ago(),
            step_failures=step_failures(),
            queue_age_s=await desk.queue_age_s(),
            disk_free_bytes=await desk.disk_free_bytes(),
            complaints=len(await complaints()),
        )
        return PlainTextResponse(exposed(measured), media_type=CONTENT_TYPE_LATEST)

    return app


def _add_pages(app: FastAPI, desk: WebDesk, rendering: Rendering) -> None:
    css = files("gateway.web").joinpath("static", "style.css").read_bytes()

    @app.get("/")
    async def board(request: Request) -> HTMLResponse:
        return rendering.page(request, "board.html", board=await desk.board())

    @app.get("/referrals/{number}")
    async def referral(request: Request, number: str) -> HTMLResponse:
        history = await desk.history(number)
        if history is None:
            return rendering.page(request, "missing.html", 404)
        return rendering.page(request, "referral.html", history=history)

    @app.get("/static/style.css")
    async def style() -> Response:
        return Response(css, media_type="text/css")


async def _harden(request: Request, call_next: _Next) -> Response:
    """Answer to loopback names only (a stranger's name that resolves here is DNS rebinding), with strict headers."""
    if _is_loopback(request.headers.get("host", "")):
        response = await call_next(request)
    else:
        response = PlainTextResponse("This page is for this machine alone.", status_code=421)
    kept = {"Cache-Control": response.headers["cache-control"]} if "cache-control" in response.headers else {}
    response.headers.update(_HEADERS | kept)
    return response


async def _let_in(request: Request, call_next: _Next) -> Response:
    if not hasattr(request.state, "visitor"):
        request.state.visitor = Visitor("desk", Role.STAFF)
    return await call_next(request)


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
