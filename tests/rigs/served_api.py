"""The API on a real socket with its real worker processes, for a caller that shows wrong tokens by the hundred."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from queue import Queue

from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings import WebSettings
from gateway.daemon import painters, workers
from gateway.web.serve import serve_web
from gateway.web_desks import review_desk
from tests.rigs.review_clinic import ReviewClinic, pages_of_clinic

_START_S = 120


class ManyDesks:
    """Every request seems to come from another address: no door that wrong tokens shut stands in the next one's way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._told = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask in the name of the next desk."""
        n = next(self._told)
        scope["client"] = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", 40_000)
        await self._app(scope, receive, send)


@contextmanager
def served_api(clinic: ReviewClinic) -> Generator[str, None, None]:
    """The clinic's API on a free port; its address."""
    told: Queue[str] = Queue()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(clinic, told, stop)))
    thread.start()
    try:
        yield told.get(timeout=_START_S).rstrip("/") + "/api/v1"
    finally:
        stop.set()
        thread.join()


async def _serve(clinic: ReviewClinic, told: "Queue[str]", stop: threading.Event) -> None:
    desk = clinic.desk
    async with workers(desk) as pool, painters(desk) as painter:
        review = review_desk(desk, pool, painter, lambda: None, lambda: None)
        outer = pages_of_clinic(desk, review)
        outer.add_middleware(ManyDesks)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(serve_web(outer, WebSettings(port=0), told.put_nowait))
            await asyncio.to_thread(stop.wait)
            serving.cancel()
