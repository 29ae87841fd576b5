"""axe finds nothing on any page, light and dark, whole, with errors and unfolded: listed in `tests/rigs/pages.py`."""

import re
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp.totp import TOTP

from gateway.desk import Desk
from gateway.domain.person import Role
from gateway.domain.task import TaskKind
from tests.rigs.browser import chromium
from tests.rigs.browser import served as served_app
from tests.rigs.entry_site import LINES, an_office, served_site
from tests.rigs.pages import PAGES, AnyPage
from tests.rigs.review_site import ReviewSite, a_booking, a_note, review_site
from tests.rigs.site import NAME, PASSWORD, Site, a_site

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
    (acting,) = site.queue(a_note("Okafor", "Maria"), active=("it runs a script when it is opened",))
    desk = site.clinic.desk
    for kind in TaskKind:
        to_do(desk, number, kind)
    desk.settle.assign(named["settled"], [filed], "Omar")
    desk.settle.keep(named["kept"], "new referral to us", "Omar")
    desk.settle.discard(named["junk"], "advertisement", "Omar", blocks_sender=True)
    desk.settle.assign(named["back"], [number], "Omar")
    desk.undo.take_back(named["back"], "Omar")
    desk.marks.note(named["item"], "looks odd", "Omar")
    desk.marks.label(named["item"], "odd", "Omar")
    site.review.rearrange.split(named["read"], 1, "Omar")
    return {**named, "number": number, "acting": site.part(acting).arrival_id}


def to_do(desk: Desk, number: str, kind: TaskKind) -> None:
    with desk.store.transaction() as tx:
        referral = tx.referral_numbered(number.replace("-", ""))
        assert referral is not None
        tx.open_task(referral.id, kind, "Ask for the fax number of their second desk", desk.clock.now(), None)


def fill_in(site: Site) -> dict[str, object]:
    """Drafts and offices."""
    now = site.clock.now()
    office = an_office(site, city="Fall River", notes="Ask for Rita.", email="a@b.example")
    aside = an_office(site, "Bayview Cardiolgy", "+15085550112", fax_set_aside_at=now)
    merged = an_office(site, "Bayview Cardiology Group", "+15085550113")
    site.desk.directory.merge(office.id, merged.id, "Maria")
    site.refer("Okafor", recipient=office.id)
    whole = {
        "patient.family": "Okafor",
        "patient.given": "Ada",
        "patient.birth_date": "1958-03-09",
        "clinician.name": "Helen Marsh MD",
        "specialty": "cardiology",
        "question": "Why?",
        "recipient": str(office.id),
    }
    with site.desk.store.transaction() as tx:
        kept = {
            name: tx.save_sheet(replace(tx.start_sheet(number, now, "Lena"), fields=fields), now, "Lena")
            for name, number, fields in (
                ("ready", "4K7M92XQ", whole),
                ("begun", "4K7M93XP", {"patient.family": "Brandt", "patient.phone": "12"}),
                ("thrown", "4K7M94XN", {"patient.family": "Nguyen"}),
            )
        }
        tx.save_sheet(replace(kept["thrown"], discarded_at=now), now, "Lena")
    sheets = {name: sheet.id for name, sheet in kept.items()}
    return {**sheets, "office": office.id, "aside": aside.id, "merged": merged.id}


def sent_too_late(desk: Desk, address: str, number: str) -> None:
    """Somebody's words, kept until they come back."""
    assert httpx.get(address, headers={"x-visitor": "late"}).status_code == 200
    with desk.access.accounts.store.transaction() as tx:
        person = tx.person_named("late")
        assert person is not None
        typed = [("spoke_with", "Dana"), ("learned", "They will book her next week")]
        tx.keep_draft(person.id, f"/referrals/{number}/call", typed, desk.clock.now())


@pytest.fixture(scope="module")
def clinics(tmp_path_factory: pytest.TempPathFactory) -> Generator[Clinics, None, None]:
    with ExitStack() as stack:
        full = stack.enter_context(review_site(tmp_path_factory.mktemp("full"), ROLES))
        empty = stack.enter_context(review_site(tmp_path_factory.mktemp("empty"), ROLES))
        strange = stack.enter_context(a_site(tmp_path_factory.mktemp("strange")))
        strange.person()
        new = stack.enter_context(a_site(tmp_path_factory.mktemp("new")))
        lines = stack.enter_context(a_site(tmp_path_factory.mktemp("lines"), settings=LINES))
        named = fill(full) | fill_in(lines)
        apps = {"full": full.web, "empty": empty.web, "stranger": strange.app, "new": new.app}
        addresses = {name: stack.enter_context(served_app(app)).rstrip("/") for name, app in apps.items()}
        addresses["lines"] = stack.enter_context(served_site(lines, ROLES)).rstrip("/")
        sent_too_late(full.clinic.desk, addresses["full"], str(named["number"]))
        yield Clinics(stack.enter_context(chromium()), addresses, named)


@pytest.mark.parametrize(("width", "height"), [(683, 384), (768, 1024)], ids=["200 percent", "tablet"])
def test_no_page_is_cut_off_at_the_side_at_twice_the_size_or_on_a_tablet(
    clinics: Clinics, width: int, height: int
) -> None:
    wide: dict[str, int] = {}
    for page in PAGES:
        if page.key or page.sends:
            continue
        seen = clinics.open(page, "light")
        seen.set_viewport_size({"width": width, "height": height})
        seen.goto(page.path.format(**clinics.named))
        if page.opens:
            seen.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        wide[page.name] = seen.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        seen.context.close()
    assert {name: by for name, by in wide.items() if by > 0} == {}


def violations(seen: Page) -> list[str]:
    seen.evaluate(AXE)
    result = seen.evaluate(f"() => axe.run({RULES})")
    return [f"{one['id']}: {node['html'][:200]}" for one in result["violations"] for node in one["nodes"]]


def sent_as_it_stands(seen: Page, button: str) -> None:
    """Press it as if the browser knew nothing of required fields; until the page says what is wrong."""
    pressed = seen.locator(button).first
    pressed.evaluate(
        """(one) => {
            const folded = one.closest("details");
            if (folded) folded.open = true;
            one.form.noValidate = true;
            one.click();
        }"""
    )
    expect(seen.get_by_role("alert").first).to_be_visible()


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
        if page.sends:
            sent_as_it_stands(seen, page.sends)
        if page.opens:
            seen.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert violations(seen) == []
        wide = seen.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "nothing is cut off at the side"
    finally:
        seen.context.close()


def test_axe_finds_nothing_on_the_way_in_by_a_code_and_on_the_codes_for_its_loss(
    clinics: Clinics, tmp_path: Path
) -> None:
    with a_site(tmp_path) as site, served_app(site.app) as address:
        site.person()
        context = clinics.browser.new_context(base_url=address, viewport={"width": 1366, "height": 768})
        context.set_default_timeout(45_000)
        seen = context.new_page()
        log_in(seen)
        seen.goto("/account/second-factor")
        secret = seen.locator(".hint .number").inner_text().replace(" ", "")
        seen.locator("#code").fill(TOTP(secret).at(site.clock.now()))
        seen.locator("#password").fill(PASSWORD)
        seen.get_by_role("button", name="Put it in force").click()
        expect(seen.locator("h1")).to_contain_text("recovery codes")
        assert violations(seen) == []
        seen.get_by_role("button", name="Log out").click()
        log_in(seen)
        expect(seen).to_have_url(re.compile("/login/code"))
        assert violations(seen) == []
        sent_as_it_stands(seen, "main form button")
        assert violations(seen) == []
        context.close()


def log_in(seen: Page) -> None:
    seen.goto("/login")
    seen.get_by_label("Name").fill(NAME)
    seen.get_by_label("Password").fill(PASSWORD)
    seen.get_by_role("button", name="Log in").click()
    expect(seen.get_by_label("Name")).to_have_count(0)
