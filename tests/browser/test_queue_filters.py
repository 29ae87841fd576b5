"""Filters of the review queue in a real browser: kept under a name, opened by one click, dropped, all by keys too."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.rigs.browser import browsing
from tests.rigs.review_site import ReviewSite, a_note, review_site

AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
LONG = "Wolfeschlegelsteinhausenbergerdorff-Vand"


@pytest.fixture
def site(tmp_path: Path) -> Generator[ReviewSite, None, None]:
    with review_site(tmp_path) as opened:
        opened.queue(a_note("Okafor"))
        opened.unreadable()
        yield opened


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    result = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [f"{one['id']}: {node['html'][:200]}" for one in result["violations"] for node in one["nodes"]]


@pytest.mark.slow
def test_a_filter_of_the_queue_is_kept_opened_and_dropped_and_is_nobody_elses(site: ReviewSite, tmp_path: Path) -> None:
    with browsing(site.web) as page:
        page.goto("/queue")
        page.wait_for_selector("body[data-keys]")
        expect(page.get_by_text("Keep this filter")).to_have_count(0)
        page.get_by_label("Kind").select_option("unreadable")
        expect(page).to_have_url(re.compile("kind=unreadable"))
        summary = page.locator("details.keep summary")
        summary.focus()
        page.keyboard.press("Enter")
        page.get_by_label("Call it").focus()
        page.keyboard.type(LONG)
        page.keyboard.press("Enter")
        kept = page.get_by_role("link", name=LONG)
        expect(kept).to_have_attribute("aria-current", "page")
        page.goto("/queue")
        expect(page.locator("table.queue tbody tr")).to_have_count(2)
        kept.click()
        expect(page.locator("table.queue tbody tr")).to_have_count(1)
        for width, height in ((1366, 768), (683, 384)):
            page.set_viewport_size({"width": width, "height": height})
            page.locator("details.keep").evaluate("(one) => { one.open = true; }")
            page.screenshot(path=tmp_path / f"queue-filters-{width}.png")
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        page.context.set_extra_http_headers({"x-visitor": "Omar"})
        page.goto("/queue")
        expect(kept).to_have_count(0)
        page.context.set_extra_http_headers({})
        page.goto("/queue?kind=unreadable")
        page.get_by_role("button", name=f"Drop the filter {LONG}").click()
        expect(kept).to_have_count(0)
        expect(page).to_have_url(re.compile("/queue$"))
