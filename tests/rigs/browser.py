"""A real Chromium in front of the real pages: `with browsing(app) as page: page.goto("/")`."""

import asyncio
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager
from queue import Queue
from typing import Literal

from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from config.settings import WebSettings
from gateway.web.serve import serve_web

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_S = 60  # a busy machine is no failure


@contextmanager
def browsing(
    app: FastAPI,
    *,
    width: int = 1366,
    height: int = 768,
    scheme: Literal["light", "dark"] = "light",
) -> Generator[Page, None, None]:
    """A fresh browser's page; paths are the app's. For tests without async: Playwright drives it from this thread."""
    with served(app) as address, chromium() as browser:
        context = browser.new_context(
            base_url=address, viewport={"width": width, "height": height}, color_scheme=scheme
        )
        context.set_default_timeout(_PATIENCE_S * 1000)
        expect.set_options(timeout=_PATIENCE_S * 1000)
        try:
            yield context.new_page()
        finally:
            context.close()


@contextmanager
def chromium() -> Generator[Browser, None, None]:
    """Debian's Chromium, started afresh."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: ./test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(app: FastAPI) -> Generator[str, None, None]:
    """The app on a free port of this machine, in a thread of its own; its address."""
    told: Queue[str] = Queue()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(app, told, stop)))
    thread.start()
    try:
        yield told.get(timeout=_PATIENCE_S)
    finally:
        stop.set()
        thread.join()


async def _serve(app: FastAPI, told: "Queue[str]", stop: threading.Event) -> None:
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve_web(app, WebSettings(port=0), told.put_nowait))
        await asyncio.to_thread(stop.wait)
        serving.cancel()
