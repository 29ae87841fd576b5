"""Chromium, driven as a person would: keys, eyes on the page, one window a person."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Browser, Page

from tests.rigs.browser import chromium

_PATIENCE_MS = 45_000


@dataclass(slots=True)
class Windows:
    """One browser; each person has cookies and a window of their own."""

    browser: Browser
    address: str

    def of(self, person: str, width: int = 1366, height: int = 768, zoom: float = 1.0) -> Page:
        """A person's window; at zoom 2 a page sees half the pixels, each twice as large."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": round(width / zoom), "height": round(height / zoom)},
            device_scale_factor=zoom,
        )
        context.add_cookies([{"name": "x-visitor", "value": quote(person), "url": self.address}])
        context.set_default_timeout(_PATIENCE_MS)
        return context.new_page()


@contextmanager
def windows(address: str) -> Generator[Windows, None, None]:
    """A browser in front of the pages served at this address."""
    with chromium() as browser:
        yield Windows(browser, address)
