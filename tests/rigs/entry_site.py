"""The pages of new referrals and of the directory in a real browser, over the real limited processes that draw."""

import asyncio
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import Queue

from playwright.sync_api import Browser, Page

from config.settings import WebSettings
from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.web.serve import serve_web
from gateway.workers import WorkerPool
from tests.rigs.browser import chromium
from tests.rigs.site import NAME, PASSWORD, Site, a_site
from tests.rigs.visitors import let_in_as_told

LINES: dict[str, dict[str, object]] = {
    "clinic": {
        "name": "Northside Family Medicine",
        "phone": "+15085550100",
        "always_open": True,
        "fax_number": "+15085550100",
        "reply_address": "desk@clinic.example",
    },
    "fax": {"carrier": "loopback"},
    "mail": {
        "enabled": True,
        "from_address": "desk@clinic.example",
        "smtp": {"host": "localhost"},
        "imap": {"host": "localhost", "username": "desk"},
    },
}
"""A clinic that faxes and mails."""
_START_S = 120
_PATIENCE_MS = 90_000


def an_office(site: Site, name: str = "Bayview Cardiology", fax: str = "+15085550111", **changed: object) -> Recipient:
    """An entry of the directory."""
    told: dict[str, object] = {"name": name, "fax": fax, "specialty": "cardiology"}
    with site.desk.store.transaction() as tx:
        saved = Recipient(**(told | changed))  # pyright: ignore[reportArgumentType]
        return tx.save_recipient(saved, Event(EventKind.RECIPIENT_SAVED, site.clock.now(), "Lena Marsh"))


class Desk:
    """A served site, and a browser in front of it."""

    def __init__(self, site: Site, address: str, browser: Browser) -> None:
        self.site, self.address, self.browser = site, address, browser

    def window(self, name: str = NAME, width: int = 1366, height: int = 768, zoom: float = 1.0) -> Page:
        """A logged-in person's; at zoom 2 a page sees half the pixels, each twice as large."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": round(width / zoom), "height": round(height / zoom)},
            device_scale_factor=zoom,
        )
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        page.goto("/login")
        self.log_in(page, name)
        page.wait_for_url(self.address + "/")
        return page

    def log_in(self, page: Page, name: str = NAME) -> None:
        """Type name and password."""
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()

    def leave_for(self, time: timedelta) -> None:
        """Everybody is away for so long."""
        self.site.clock.advance(time)


@contextmanager
def entry_desk_open(folder: Path) -> Generator[Desk, None, None]:
    """A clinic whose manager is logged in when asked; `Omar Farouk` is staff."""
    with a_site(folder, settings=LINES) as site:
        site.person(NAME, Role.MANAGER)
        site.person("Omar Farouk", Role.STAFF)
        with served_site(site) as address, chromium() as browser:
            yield Desk(site, address.rstrip("/"), browser)


@contextmanager
def served_site(site: Site, roles: Mapping[str, Role] | None = None) -> Generator[str, None, None]:
    """A site with its real limited processes on a free port; where roles are told, people are let in as they say."""
    told: Queue[str] = Queue()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(site, roles, told, stop)))
    thread.start()
    try:
        yield told.get(timeout=_START_S)
    finally:
        stop.set()
        thread.join()


async def _serve(site: Site, roles: Mapping[str, Role] | None, told: "Queue[str]", stop: threading.Event) -> None:
    async with WorkerPool.from_settings(site.desk.settings, site.desk.code_keys, processes=1) as pool:
        site.painter = pool
        app = site.built(site.house)
        if roles is not None:
            let_in_as_told(app, site.desk, dict(roles))
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(serve_web(app, WebSettings(port=0), told.put_nowait))
            await asyncio.to_thread(stop.wait)
            serving.cancel()
