"""First run and log-in, in a real browser."""

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gateway.domain.person import Role
from gateway.services.access.passwords import first_code
from tests.rigs.browser import browsing
from tests.rigs.site import NAME, PASSWORD, Site, a_site


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def page(site: Site) -> Generator[Page, None, None]:
    with browsing(site.app) as opened:
        yield opened


def log_in(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_the_first_administrator_comes_in_with_the_first_code_and_adds_somebody(site: Site, page: Page) -> None:
    page.goto("/referrals/AAAA-AAAA")
    expect(page.get_by_role("heading", name="Welcome to Referloop")).to_be_visible()
    page.get_by_label("First code").fill(first_code(site.desk.code_keys[0]).lower())
    page.get_by_label("Your name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password once more").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="Open referrals")).to_be_visible()
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name").fill("Jo Park")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The password of Jo Park")
    first_password = page.get_by_role("status").locator(".number").inner_text()
    page.get_by_role("button", name="Log out").click()
    log_in(page, "jo park", first_password)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()


def test_by_keyboard_alone_somebody_logs_in_skips_to_the_content_and_logs_out(site: Site, page: Page) -> None:
    site.person(role=Role.VIEWER)
    page.goto("/")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Open referrals")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.get_by_role("button", name="Log out").press("Enter")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Open referrals")).to_have_count(0)


def test_what_is_sent_after_a_stay_was_over_is_shown_again_and_then_done(site: Site, page: Page) -> None:
    site.person()
    page.goto("/people")
    log_in(page)
    page.get_by_label("Name").fill("Anne-Marie O'Neill")
    site.clock.advance(site.access.stays.limits.idle)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("What you sent last is kept for you")).to_be_visible()
    log_in(page)
    expect(page.get_by_role("heading", name="Kept for you")).to_be_visible()
    expect(page.get_by_text("Anne-Marie O'Neill")).to_be_visible()
    assert [person.name for person in site.access.accounts.everybody()] == [NAME]
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("status")).to_contain_text("Anne-Marie O'Neill")
