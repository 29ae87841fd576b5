"""The page that stands before a file that could act, in a real browser."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.rigs.active_files import a_pdf, a_program, a_zip, with_launch
from tests.rigs.queue_browser import Windows, windows
from tests.rigs.review_clinic import ReviewClinic, review_clinic, served

AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
LONG = "An extraordinarily long name of a file that somebody scanned on Monday and again on Tuesday morning.exe"


@pytest.fixture
def clinic(tmp_path: Path) -> Generator[ReviewClinic, None, None]:
    with review_clinic(tmp_path) as opened:
        opened.take(a_zip({"letter.pdf": a_pdf(with_launch), LONG: a_program()}))
        opened.read_all()
        yield opened


@pytest.fixture
def seen(clinic: ReviewClinic) -> Generator[Windows, None, None]:
    with served(clinic) as address, windows(address) as opened:
        yield opened


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    result = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [f"{one['id']}: {node['html'][:200]}" for one in result["violations"] for node in one["nodes"]]


@pytest.mark.slow
def test_a_file_that_could_act_is_seen_as_pictures_and_saved_only_behind_a_warning(
    clinic: ReviewClinic, seen: Windows, tmp_path: Path
) -> None:
    [item] = clinic.waiting()
    for zoom in (1.0, 2.0):
        page = seen.of("Lena Marsh", zoom=zoom)
        page.goto(f"/queue/{item}")
        page.wait_for_selector("body[data-keys]")
        expect(page.get_by_text("holds what could act when it is opened")).to_be_visible()
        page.wait_for_function("() => document.querySelector('.leaf img').naturalWidth > 0")
        page.screenshot(path=tmp_path / f"document-{zoom}.png")
        assert violations(page) == []
        page.get_by_role("link", name=re.compile("Original")).click()
        expect(page.get_by_role("heading", name="Before you open this file")).to_be_visible()
        expect(page.get_by_text("a PDF action that starts a program")).to_be_visible()
        page.screenshot(path=tmp_path / f"original-{zoom}.png")
        assert violations(page) == []
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        with page.expect_download() as saving:
            page.get_by_role("link", name="Save the file all the same").click()
        assert saving.value.suggested_filename.endswith(".zip")
        page.context.close()
