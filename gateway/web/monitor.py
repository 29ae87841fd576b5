"""Health and metrics, for a monitor on this machine: no log-in, and nothing of any patient."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.web.desk import WebDesk
from gateway.web.metrics import Measured, exposed

_DEAF_S = 300.0  # longer than any poll the settings allow: a watcher that heard nothing for so long is deaf


def monitor_routes(
    desk: WebDesk, heard_seconds_ago: Callable[[], Mapping[str, float]], step_failures: Callable[[], Mapping[str, int]]
) -> APIRouter:
    """`/healthz` and `/metrics`. Each watcher is told with how many seconds ago it last heard its source."""
    routes = APIRouter()

    async def complaints() -> list[str]:
        deaf = [f"{name} has heard nothing for {s:.0f} s" for name, s in heard_seconds_ago().items() if s > _DEAF_S]
        return [*await desk.complaints(), *deaf]

    @routes.get("/healthz")
    async def health() -> JSONResponse:
        try:
            said = await complaints()
        except Exception as error:  # noqa: BLE001 - a monitor must be told, whatever broke; the text may be a patient's
            said = [f"the store does not answer ({type(error).__name__})"]
        body = {"is_well": not said, "complaints": said, "heard_seconds_ago": dict(heard_seconds_ago())}
        return JSONResponse(body, status_code=503 if said else 200)

    @routes.get("/metrics")
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

    return routes
