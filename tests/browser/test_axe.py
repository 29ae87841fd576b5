"""axe finds nothing on any page, light and dark: pages are listed in `tests/rigs/pages.py`."""

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.domain.person import Role
from tests.rigs.browser import chromium
from tests.rigs.browser import served as served_app
from tests.rigs.pages import PAGES, AnyPage
from tests.rigs.review_site import ReviewSite, a_booking, a_note, review_site
from tests.rigs.site import a_site

pytestmark = pytest.mark.slow
AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}"
ROLES = {role.value: role for role in Role}
Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Clinics:
    """Addresses by the clinic's name, a browser, and what may stand in paths."""

    browser: Browser
    addresses: dict[str, str]
    named: dict[str, object]

    def open(self, page: AnyPage, scheme: Scheme) -> Page:
        address = self.addresses["stranger" if page.who == "stranger" and page.clinic == "full" else page.clinic]
        context = self.browser.new_context(
            base_url=address, viewport={"width": 1366, "height": 768}, color_scheme=scheme
        )
        context.set_default_timeout(45_000)
        if page.who != "stranger":
            context.add_cookies([{"name": "x-visitor", "value": page.who, "url": address}])
        return context.new_page()


def fill(site: ReviewSite) -> dict[str, object]:
    """Something of everything."""
    number = site.clinic.refer("Okafor", "Maria", "1961-04-23")
    filed = site.clinic.refer("Brandt", "Otto", "1938-07-30", urgency="emergent")
    named = {
        "settled": site.queue(a_note("Brandt", "Otto"))[0],
        "kept": site.queue(a_note("Stranger"))[0],
        "junk": site.queue(a_note("Nobody"), sender="+18005550198")[0],
        "back": site.queue(a_note("Okafor", "Maria"))[0],
        "read": site.queue(a_note("Okafor", "Maria", pages=(0, 1)))[0],
        "item": site.queue(a_booking("Okafor", None), waited=timedelta(days=5))[0],
        "broken": site.unreadable(),
    }
    desk = site.clinic.desk
    desk.settle.assign(named["settled"], [filed], "Omar")
    desk.settle.keep(named["kept"], "new referral to us", "Omar")
    desk.settle.discard(named["junk"], "advertisement", "Omar", blocks_sender=True)
    desk.settle.assign(named["back"], [number], "Omar")
    desk.undo.take_back(named["back"], "Omar")
    desk.marks.note(named["item"], "looks odd", "Omar")
    desk.marks.label(named["item"], "odd", "Omar")
    site.review.rearrange.split(named["read"], 1, "Omar")
    return {**named, "number": number}


@pytest.fixture(scope="module")
def clinics(tmp_path_factory: pytest.TempPathFactory) -> Generator[Clinics, None, None]:
    with ExitStack() as stack:
        full = stack.enter_context(review_site(tmp_path_factory.mktemp("full"), ROLES))
        empty = stack.enter_context(review_site(tmp_path_factory.mktemp("empty"), ROLES))
        strange = stack.enter_context(a_site(tmp_path_factory.mktemp("strange")))
        strange.person()
        new = stack.enter_context(a_site(tmp_path_factory.mktemp("new")))
        named = fill(full)
        apps = {"full": full.web, "empty": empty.web, "stranger": strange.app, "new": new.app}
        addresses = {name: stack.enter_context(served_app(app)).rstrip("/") for name, app in apps.items()}
        yield Clinics(stack.enter_context(chromium()), addresses, named)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_axe_finds_nothing(clinics: Clinics, page: AnyPage, scheme: Scheme) -> None:
    seen = clinics.open(page, scheme)
    try:
        seen.goto(page.path.format(**clinics.named))
        expect(seen.locator("h1").first).to_be_visible()
        if page.key:
            seen.wait_for_selector("body[data-keys]")
            seen.keyboard.press(page.key)
            expect(seen.get_by_role("dialog")).to_be_visible()
        seen.evaluate(AXE)
        result = seen.evaluate(f"() => axe.run({RULES})")
        found = [f"{one['id']}: {node['html'][:200]}" for one in result["violations"] for node in one["nodes"]]
        assert found == []
        wide = seen.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "nothing is cut off at the side"
    finally:
        seen.context.close()
