"""Take the pictures of the pages in docs/ anew: `python -m scripts.picture_pages [NAME …]`.

Needs what the tests need (Chromium). The clinic is invented and made afresh, so that every picture shows the pages as
they are now.
"""

import argparse
import io
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Connection, update

from bench.filled_clinic import filled_clinic
from bench.reports import fill
from gateway.desk import Desk
from gateway.domain.person import Role
from gateway.domain.referral import WAITS_FOR, Status
from gateway.storage.tables import referrals
from gateway.web_desks import review_desk
from gateway.workers import WorkerPool
from scripts.pictured_clinic import pictured_clinic
from tests.rigs.browser import chromium
from tests.rigs.browser import served as served_app
from tests.rigs.queue_browser import Windows
from tests.rigs.review_clinic import pages_of_clinic, served
from tests.rigs.site import a_site
from tests.rigs.visitors import let_in_as_told

DOCS = Path(__file__).parents[1] / "docs"
STAFF, CHIEF, OMAR = "Lena Ortiz", "Maria Gomez", "Omar Farouk"
ROLES = {STAFF: Role.STAFF, OMAR: Role.STAFF, CHIEF: Role.ADMINISTRATOR}
_PATIENCE_MS = 120_000  # pages are drawn one after the other
_DRAWN = """() => [...document.images].filter((one) => {
  const { top, left, bottom, right } = one.getBoundingClientRect();
  return one.checkVisibility() && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
}).every((one) => one.complete && one.naturalWidth > 0)"""
"""Every picture in sight is there; those below the window come when somebody scrolls to them."""
_REFERRALS = 900  # of a year, for reports


@dataclass(frozen=True, slots=True)
class Picture:
    """One page to look at; `act` does what a person would before they look."""

    name: str
    path: str
    who: str = STAFF
    act: Callable[[Page], object] = lambda page: page.wait_for_timeout(300)


def _press(key: str, page: Page) -> None:
    page.wait_for_selector("body[data-keys]")
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_visible()


def _morning() -> tuple[Picture, ...]:
    return (
        Picture("board", "/"),
        Picture("referral", "/referrals/{referral}"),
        Picture("worklist", "/work"),
        Picture("queue", "/queue"),
        Picture("queue-document", "/queue/1"),
        Picture("queue-pages", "/queue/{several}", act=partial(_press, "s")),
        Picture("new-referral", "/new/{draft}"),
        Picture("preview", "/new/{draft}/preview", act=lambda page: page.wait_for_load_state("networkidle")),
        Picture("directory", "/directory", CHIEF),
        Picture("office", "/directory/{office}", CHIEF),
        Picture("people", "/people", CHIEF),
        Picture("tokens", "/people/tokens", CHIEF),
        Picture("audit", "/audit", CHIEF),
    )


_YEAR = (
    Picture("reports", "/reports/turnaround?by=specialty", CHIEF),
    Picture("report-open-loops", "/reports/open-loops", CHIEF),
    Picture("report-volume", "/reports/volume", CHIEF),
    Picture("report-closed-loop", "/reports/closed-loop", CHIEF),
)
_BEFORE = (Picture("first-run", "/first-run", ""), Picture("login", "/login", ""))


@contextmanager
def _of_a_morning() -> Generator[tuple[str, dict[str, object]], None, None]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(pictured_clinic(folder))
        address = stack.enter_context(served(made.clinic, ROLES))
        yield address, {"referral": made.referral, "office": made.office, "draft": made.draft, "several": made.several}


def _a_year(connection: Connection, _: Desk) -> None:
    """Of which everything older than seven weeks is closed, and the rest is chased."""
    fill(connection, _REFERRALS)
    of, now = referrals.c, datetime.now(UTC)
    is_open = of.status != Status.CLOSED.value
    old = update(referrals).where(is_open, of.created_at < now - timedelta(days=49))
    connection.execute(old.values(status=Status.CLOSED.value, status_since=now, closed_at=now))
    for status, clock in WAITS_FOR.items():
        waiting = update(referrals).where(of.status == status.value)
        connection.execute(waiting.values(clock=clock.value, due_at=now + timedelta(days=2)))


@contextmanager
def _of_a_year() -> Generator[tuple[str, dict[str, object]], None, None]:
    with filled_clinic(_a_year) as desk:
        pool = WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1)
        app = pages_of_clinic(desk, review_desk(desk, pool, pool, lambda: None, lambda: None))
        let_in_as_told(app, desk, ROLES)
        with served_app(app) as address:
            yield address, {}


@contextmanager
def _before_anybody(picture: Picture) -> Generator[tuple[str, dict[str, object]], None, None]:
    with tempfile.TemporaryDirectory() as folder, a_site(Path(folder)) as site:
        if picture.name == "login":
            site.person()
        with served_app(site.app) as address:
            yield address, {}


def take(browser: Browser, address: str, pictures: Iterable[Picture], named: dict[str, object]) -> None:
    """Look at each and keep it, at the size that the pages are made for."""
    windows = Windows(browser, address.rstrip("/"))
    for picture in pictures:
        page = windows.of(picture.who) if picture.who else browser.new_page(viewport={"width": 1366, "height": 768})
        answer = page.goto(address.rstrip("/") + picture.path.format(**named))
        if answer is None or not answer.ok:
            raise SystemExit(f"{picture.path} did not answer: no picture of it was taken")
        picture.act(page)
        page.wait_for_function(_DRAWN, timeout=_PATIENCE_MS)
        _keep(picture.name, page.screenshot())
        page.context.close()


def _keep(name: str, png: bytes) -> None:
    """As few bytes as show the same: these pages have few colours."""
    few = Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(DOCS / f"{name}.png", optimize=True)
    print(DOCS / f"{name}.png")


def main() -> None:
    """Every picture, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    names = parser.parse_args().names

    def wanted(pictures: Iterable[Picture]) -> list[Picture]:
        return [one for one in pictures if not names or one.name in names]

    for one in wanted(_BEFORE):
        with _before_anybody(one) as (address, named), chromium() as browser:
            take(browser, address, [one], named)
    if mornings := wanted(_morning()):
        with _of_a_morning() as (address, named), chromium() as browser:
            for who in ROLES:  # so that each has an account
                Windows(browser, address).of(who).goto("/account")
            take(browser, address, mornings, named)
    if years := wanted(_YEAR):
        with _of_a_year() as (address, named), chromium() as browser:
            take(browser, address, years, named)


if __name__ == "__main__":
    main()
