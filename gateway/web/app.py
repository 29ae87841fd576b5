"""The first web pages: the board, one referral, health and metrics. Read only; staff pages come later.

No login yet, which is why settings refuse any address but loopback. Referral numbers are the only thing
in a URL.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from jinja2 import Environment, PackageLoader, select_autoescape
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.middleware.trustedhost import TrustedHostMiddleware

from gateway.web.desk import WebDesk

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_DEAF_S = 300.0  # longer than any poll: a watcher that heard nothing for so long is deaf
_Next = Callable[[Request], Awaitable[Response]]


def make_app(desk: WebDesk, watchers: Callable[[], dict[str, float]]) -> FastAPI:
    """The application. `watchers` tells for each watcher how many seconds ago it last heard its source."""
    app = FastAPI(title="Referloop", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]"])
    pages = Environment(loader=PackageLoader("gateway.web"), autoescape=select_autoescape(), trim_blocks=True)

    @app.middleware("http")
    async def harden(request: Request, call_next: _Next) -> Response:
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    @app.get("/")
    async def board() -> HTMLResponse:
        return HTMLResponse(pages.get_template("board.html").render(board=await desk.board()))

    @app.get("/referrals/{number}")
    async def referral(number: str) -> HTMLResponse:
        history = await desk.history(number)
        if history is None:
            return HTMLResponse(pages.get_template("missing.html").render(), status_code=404)
        return HTMLResponse(pages.get_template("referral.html").render(history=history))

    @app.get("/static/style.css")
    async def style() -> Response:
        text = files("gateway.web").joinpath("static", "style.css").read_text(encoding="utf-8")
        return Response(text, media_type="text/css")

    @app.get("/healthz")
    async def health() -> JSONResponse:
        deaf = [f"{name} has heard nothing for {s:.0f} s" for name, s in watchers().items() if s > _DEAF_S]
        complaints = [*await desk.complaints(), *deaf]
        body = {"is_well": not complaints, "complaints": complaints, "heard_seconds_ago": watchers()}
        return JSONResponse(body, status_code=503 if complaints else 200)

    @app.get("/metrics")
    async def metrics() -> PlainTextResponse:
        return PlainTextResponse(_exposed(await desk.counts(), watchers()), media_type=CONTENT_TYPE_LATEST)

    return app


def _exposed(counts: dict[str, int], heard: dict[str, float]) -> str:
    registry = CollectorRegistry()
    rows = Gauge("referloop_rows", "Rows by table and state", ["table", "state"], registry=registry)
    for name, count in counts.items():
        table, _, state = name.partition(".")
        rows.labels(table, state).set(count)
    ago = Gauge("referloop_heard_seconds_ago", "Since a watcher last heard its source", ["watcher"], registry=registry)
    for name, seconds in heard.items():
        ago.labels(name).set(seconds)
    return generate_latest(registry).decode()
