"""The board in a real browser: what others change appears by itself, under nobody's hands, and in every tab."""

import re
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gateway.domain.person import Role
from gateway.domain.referral import Status
from gateway.web.live import Live
from tests.rigs.browser import browsing
from tests.rigs.site import NAME, PASSWORD, Site, a_site

AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
LONG = "Wolfeschlegelsteinhausenbergerdorff-Vandenbrouckhuysen"


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(tmp_path) as opened:
        opened.person(role=Role.STAFF)
        yield opened


@pytest.fixture
def board(site: Site) -> Generator[Page, None, None]:
    site.refer("Okafor")
    with browsing(site.app) as page:
        page.goto("/")
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("cell", name="Okafor, Ada")).to_be_visible()
        heard(page)
        yield page


def heard(page: Page) -> None:
    """Until the page hears of changes."""
    expect(page.locator("#live-state")).to_have_text(", and as it changes")


def in_sight(page: Page, family: str) -> None:
    expect(page.get_by_role("cell", name=f"{family}, Ada")).to_be_visible()


def test_what_is_new_appears_by_itself_and_nothing_typed_or_focused_is_lost(site: Site, board: Page) -> None:
    board.keyboard.press("/")
    board.keyboard.type("half a na")
    board.evaluate("window.isSameDocument = true")
    site.refer("Winter")
    in_sight(board, "Winter")
    board.keyboard.type("me")
    expect(board.locator("#q")).to_have_value("half a name")
    assert board.evaluate("document.activeElement.id") == "q"
    expect(board.locator("#figures li").first).to_contain_text("2 open")
    expect(board.locator("#news")).to_contain_text("Brought up to date")
    assert board.evaluate("window.isSameDocument")


def test_a_row_that_has_the_focus_keeps_it_while_others_come_and_go(site: Site, board: Page) -> None:
    number = site.refer("Winter")
    in_sight(board, "Winter")
    board.locator(f"#r-{number}").focus()
    worst = site.refer("Summer")
    site.move(worst, Status.SENT, is_escalated=True)
    expect(board.locator("tbody tr").first).to_contain_text("Summer, Ada")
    assert board.evaluate("document.activeElement.id") == f"r-{number}"


def test_an_open_dialog_and_the_place_scrolled_to_stay(site: Site, board: Page) -> None:
    for n in range(40):
        site.refer(f"Family{n}")
    expect(board.locator("tbody tr")).to_have_count(41)
    board.evaluate("window.scrollTo(0, 600)")
    board.keyboard.press("?")
    expect(board.get_by_role("dialog")).to_be_visible()
    site.refer("Winter")
    in_sight(board, "Winter")
    expect(board.get_by_role("dialog")).to_be_visible()
    assert board.evaluate("window.scrollY") == 600


def test_two_tabs_stay_true_while_one_of_them_acts(site: Site, board: Page) -> None:
    other = board.context.new_page()
    other.goto("/?whose=unassigned")
    heard(other)
    in_sight(other, "Okafor")
    board.keyboard.press("j")
    board.keyboard.press("m")
    expect(board.locator("tbody tr .with")).to_have_text(re.compile(r"me\s*"))
    expect(other.get_by_text("No referral is like that.")).to_be_visible()
    expect(other.get_by_role("link", name="Mine 1")).to_be_visible()
    assert board.url.endswith("/")


def test_a_search_is_brought_up_to_date_too_and_stands_in_no_address(site: Site, board: Page) -> None:
    board.keyboard.press("/")
    board.keyboard.type("oka")
    board.keyboard.press("Enter")
    expect(board.get_by_text("Show all again")).to_be_visible()
    heard(board)
    assert "oka" not in board.url
    site.refer("Okabe")
    in_sight(board, "Okabe")
    site.refer("Winter")
    site.refer("Okano")
    in_sight(board, "Okano")
    expect(board.get_by_role("cell", name="Winter, Ada")).to_have_count(0)
    assert "oka" not in board.url


def test_rows_are_walked_and_opened_by_keys(site: Site, board: Page) -> None:
    number = site.refer("Winter")
    in_sight(board, "Winter")
    board.keyboard.press("j")
    board.keyboard.press("j")
    board.keyboard.press("Enter")
    expect(board).to_have_url(re.compile(f"/referrals/{number}$"))


def test_a_filter_of_ones_own_is_kept_under_its_name_with_its_count(site: Site, board: Page) -> None:
    site.refer("Hurry", urgency="urgent")
    board.get_by_label("Urgency").select_option("urgent")
    expect(board).to_have_url(re.compile(r"urgency=urgent"))
    board.get_by_text("Keep this filter").click()
    board.get_by_label("Call it").fill("my urgent ones")
    board.keyboard.press("Enter")
    expect(board.get_by_role("link", name="my urgent ones 1")).to_have_attribute("aria-current", "page")
    board.get_by_role("button", name="Drop the filter my urgent ones").click()
    expect(board.get_by_role("link", name="my urgent ones")).to_have_count(0)


def test_a_desk_that_was_left_shows_the_log_in_and_no_patient(site: Site, board: Page) -> None:
    found: Live = site.app.state.live
    found.beat_s = 0.5
    board.reload()  # opened again, it hears the quicker beat
    heard(board)
    site.clock.advance(timedelta(minutes=15))
    expect(board.get_by_role("heading", name="Log in")).to_be_visible()
    expect(board.get_by_text("Okafor")).to_have_count(0)


def test_without_server_sent_events_the_page_asks_from_time_to_time(site: Site, board: Page) -> None:
    other = board.context.new_page()
    other.add_init_script("delete window.EventSource")
    other.clock.install()
    other.goto("/")
    expect(other.locator("#live-state")).to_have_text(", read anew every 30 seconds")
    site.refer("Winter")
    other.clock.run_for(31_000)
    in_sight(other, "Winter")


def test_axe_finds_nothing_and_nothing_is_cut_off_with_long_names_empty_and_at_twice_the_size(
    site: Site, board: Page
) -> None:
    found: dict[str, list[str]] = {}
    for what in ("few", "long", "none"):
        if what == "long":
            number = site.refer(LONG, urgency="emergent", specialty=LONG)
            site.move(number, Status.SENT, is_escalated=True)
        for width, height in ((1366, 768), (683, 384)):
            board.set_viewport_size({"width": width, "height": height})
            board.goto("/?whose=mine" if what == "none" else "/?urgency=high" if what == "long" else "/")
            board.wait_for_selector("body[data-keys]")
            board.evaluate(AXE)
            result = board.evaluate(
                "() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
            )
            found[f"{what} {width}"] = [
                f"{v['id']}: {n['html'][:200]}" for v in result["violations"] for n in v["nodes"]
            ]
            assert board.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert {name: told for name, told in found.items() if told} == {}


def test_axe_finds_nothing_on_a_board_with_a_notice(site: Site, board: Page) -> None:
    site.notices = ["mailbox main is shut: the grant was revoked or has expired. run `referloop mail login main`"]
    board.reload()
    expect(board.get_by_role("alert")).to_be_visible()
    board.evaluate(AXE)
    result = board.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    assert [one["id"] for one in result["violations"]] == []
