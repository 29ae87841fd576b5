"""The board in a real browser: it reads itself anew, and a desk that was left shows no patient."""

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gateway.domain.person import Role
from tests.rigs.browser import browsing
from tests.rigs.site import NAME, PASSWORD, Site, a_site

AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(tmp_path) as opened:
        opened.person(role=Role.VIEWER)
        yield opened


@pytest.fixture
def board(site: Site) -> Generator[Page, None, None]:
    """With the page's clock in the test's hands."""
    site.refer("Okafor")
    with browsing(site.app) as page:
        page.clock.install()
        page.goto("/")
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("cell", name="Okafor, Ada")).to_be_visible()
        yield page


def test_what_is_new_appears_by_itself_but_not_under_somebodys_hands(site: Site, board: Page) -> None:
    board.get_by_role("link", name="Board").focus()
    site.refer("Winter")
    board.clock.run_for(31_000)
    expect(board.get_by_role("cell", name="Winter, Ada")).to_be_visible()
    assert board.evaluate("document.activeElement.textContent") == "Board"
    board.get_by_role("cell").get_by_role("link").first.focus()
    site.refer("Summer")
    board.clock.run_for(31_000)
    expect(board.get_by_role("cell", name="Summer, Ada")).to_have_count(0)
    board.get_by_role("link", name="Board").focus()
    board.clock.run_for(31_000)
    expect(board.get_by_role("cell", name="Summer, Ada")).to_be_visible()


def test_a_desk_that_was_left_shows_the_log_in_and_no_patient(site: Site, board: Page) -> None:
    site.clock.advance(timedelta(minutes=15))
    board.clock.run_for(31_000)
    expect(board.get_by_role("heading", name="Log in")).to_be_visible()
    expect(board.get_by_text("Okafor")).to_have_count(0)


def test_axe_finds_nothing_on_a_board_with_a_notice(site: Site, board: Page) -> None:
    site.notices = ["mailbox main is shut: the grant was revoked or has expired. run `referloop mail login main`"]
    board.reload()
    expect(board.get_by_role("alert")).to_be_visible()
    board.evaluate(AXE)
    result = board.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    assert [one["id"] for one in result["violations"]] == []
