"""What staff do on one referral's page, in a real browser."""

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.domain.person import Role
from gateway.domain.referral import Status
from tests.rigs.browser import browsing
from tests.rigs.site import NAME, PASSWORD, Site, a_site

FAX_LINE = {"clinic": {"fax_number": "+15085550100"}, "fax": {"carrier": "loopback"}}


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(tmp_path, settings=FAX_LINE) as opened:
        yield opened


def test_a_packet_is_sent_again_and_a_call_logged_after_an_idle_hour_is_not_lost(site: Site) -> None:
    number = site.refer("Okafor")
    site.move(number, Status.SENT, due_in=timedelta(days=2))
    site.person(role=Role.STAFF)
    with browsing(site.app) as page:
        page.goto(f"/referrals/{number}")
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.locator("summary").filter(has_text="Send again").click()
        page.get_by_role("button", name="Send the packet again").click()
        expect(page.get_by_role("row", name="request by fax")).to_contain_text("intended")
        page.locator("summary").filter(has_text="Log a phone call").click()
        page.get_by_label("Who answered").fill("front desk")
        page.get_by_label("What they said").fill("booked,\nsee the letter")
        site.clock.advance(timedelta(hours=1))
        page.get_by_role("button", name="Log the call").click()
        assert "front" not in page.url
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text("Nothing was done with it yet.")).to_be_visible()
        page.get_by_role("button", name="Send it now").click()
        expect(page.get_by_role("listitem").filter(has_text="call logged")).to_contain_text("see the letter")
