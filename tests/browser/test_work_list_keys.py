"""The work list in a real browser: worked by keys alone, and never under somebody's hands."""

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gateway.domain.person import Role
from gateway.domain.referral import Status
from gateway.domain.task import TaskKind
from tests.rigs.browser import browsing
from tests.rigs.site import NAME, PASSWORD, Site, a_site

pytestmark = pytest.mark.slow
FAX = {"fax": {"carrier": "loopback"}, "clinic": {"fax_number": "+15085550100"}}
AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
LONG = "Wolfeschlegelsteinhausenbergerdorff-Vandenbrouckhuysen"


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(tmp_path, settings=FAX) as opened:
        opened.person(role=Role.STAFF)
        yield opened


def to_do(site: Site, family: str, kind: TaskKind) -> str:
    number = site.refer(family)
    site.move(number, Status.SENT)
    open_task(site, number, kind)
    return number


def open_task(site: Site, number: str, kind: TaskKind) -> None:
    with site.desk.store.transaction() as tx:
        referral = tx.referral_numbered(number.replace("-", ""))
        assert referral is not None
        tx.open_task(referral.id, kind, f"{kind.value} {LONG}", site.clock.now(), None)


def status(site: Site, number: str) -> Status:
    with site.desk.store.transaction() as tx:
        referral = tx.referral_numbered(number.replace("-", ""))
        assert referral is not None
        return referral.status


@pytest.fixture
def work(site: Site) -> Generator[Page, None, None]:
    with browsing(site.app) as page:
        page.goto("/work")
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        heard(page)
        yield page


def heard(page: Page) -> None:
    expect(page.locator("#live-state")).to_have_text(", and as it changes")


def test_calls_are_worked_off_by_keys_alone(site: Site, work: Page) -> None:
    first, second = to_do(site, "Okafor", TaskKind.CALL), to_do(site, "Winter", TaskKind.CALL)
    expect(work.locator("article")).to_have_count(2)
    work.keyboard.press("j")
    work.keyboard.press("m")
    expect(work.locator("article").first).to_contain_text("with me")
    work.keyboard.press("c")
    expect(work.get_by_label("What came of it").first).to_be_focused()
    work.keyboard.type("They accept")
    work.keyboard.press("Tab")
    work.keyboard.type("Jo at the desk")
    work.keyboard.press("Enter")
    expect(work.locator("article")).to_have_count(1)
    expect(work.locator("#news")).to_have_text("The call is logged.")
    assert status(site, first) is Status.ACKNOWLEDGED
    expect(work.locator("article")).to_be_focused()
    work.keyboard.press("d")
    expect(work.get_by_text("Nothing to do")).to_be_visible()
    assert status(site, second) is Status.SENT


def test_what_was_begun_stays_while_the_list_changes_around_it(site: Site, work: Page) -> None:
    number = to_do(site, "Okafor", TaskKind.CALL)
    expect(work.locator("article")).to_have_count(1)
    work.keyboard.press("j")
    work.keyboard.press("c")
    begun = work.locator(f"article:has-text('{number}')").get_by_label("What they said")
    begun.fill("they will look")
    to_do(site, "Winter", TaskKind.CALL)
    expect(work.locator("article")).to_have_count(2)
    expect(begun).to_have_value("they will look")
    site.desk.contact.done(number, TaskKind.CALL, "Omar")  # somebody else was first
    expect(work.locator("article.gone")).to_have_count(1)
    expect(begun).to_have_value("they will look")


def test_why_something_was_not_done_stands_beside_its_button(site: Site, work: Page) -> None:
    to_do(site, "Okafor", TaskKind.CALL)
    expect(work.locator("article")).to_have_count(1)
    work.keyboard.press("j")
    work.keyboard.press("c")
    work.get_by_role("button", name="Log it").click()
    expect(work.get_by_role("alert")).to_contain_text("Say who answered the phone")
    expect(work.locator("article")).to_have_count(1)


def test_axe_finds_nothing_and_nothing_is_cut_off(site: Site, work: Page) -> None:
    found: dict[str, list[str]] = {}
    for what in ("none", "all"):
        if what == "all":
            number = to_do(site, LONG, TaskKind.CALL)
            for kind in TaskKind:
                open_task(site, number, kind)
        for width, height in ((1366, 768), (683, 384)):
            work.set_viewport_size({"width": width, "height": height})
            work.goto("/work")
            work.wait_for_selector("body[data-keys]")
            work.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            work.evaluate(AXE)
            result = work.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
            nodes = [(v["id"], n["html"][:200]) for v in result["violations"] for n in v["nodes"]]
            found[f"{what} {width}"] = [f"{rule}: {html}" for rule, html in nodes]
            assert work.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert {name: told for name, told in found.items() if told} == {}
