"""What staff do on one referral's page, in a real browser."""

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from gateway.domain.person import Role
from gateway.domain.referral import Status
from tests.rigs.browser import browsing
from tests.rigs.site import NAME, PASSWORD, Site, a_site

AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
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


@pytest.mark.slow
def test_a_file_is_enclosed_and_taken_off_again_and_axe_finds_nothing(site: Site, tmp_path: Path) -> None:
    number = site.refer("Okafor")
    site.move(number, Status.SENT, due_in=timedelta(days=2))
    site.person(role=Role.STAFF)
    file = tmp_path / f"{'a-very-long-name-' * 8}.png"
    Image.new("L", (850, 1100), 240).save(file)
    with browsing(site.app) as page:
        page.goto(f"/referrals/{number}")
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        taking = page.locator("summary").filter(has_text="Take a file off")
        expect(taking).to_have_count(0)
        page.locator("summary").filter(has_text="Enclose a file").click()
        page.get_by_label("PDF, TIFF").set_input_files(file)
        page.get_by_role("button", name="Enclose it").click()
        taking.focus()
        page.keyboard.press("Enter")
        for width, height in ((1366, 768), (683, 384)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=tmp_path / f"take-off-{width}.png", full_page=True)
            page.evaluate(AXE)
            result = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
            assert [one["id"] for one in result["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
            side = page.locator("details", has=taking).evaluate("(one) => one.getBoundingClientRect().right")
            assert page.locator("#taken-off").evaluate("(one) => one.getBoundingClientRect().right") < side
        page.get_by_role("button", name="Take it off").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("nothing beside the letter")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text="enclosure taken off")).to_be_visible()
        expect(taking).to_have_count(0)
