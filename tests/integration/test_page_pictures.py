"""Pictures of pages: drawn in a limited process, kept within a bound, gone with their document."""

import io
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from PIL import Image

from gateway.storage.pictures import PictureCache
from tests.rigs.review_site import ReviewSite, a_note, review_site
from tests.unit.test_pictures import a_file, corner

SHA, OTHER = "ab" * 32, "cd" * 32


def keep(shelf: PictureCache, sha256: str, name: str, size: int, used_at: float) -> Path:
    draft = shelf.draft(sha256)
    draft.write_bytes(b"x" * size)
    path = shelf.keep(draft, sha256, name)
    os.utime(path, (used_at, used_at))
    return path


def test_what_was_used_longest_ago_goes_when_the_shelf_is_full(tmp_path: Path) -> None:
    shelf = PictureCache(tmp_path, 1000)
    old, used, newer = (keep(shelf, SHA, str(n), 300, float(n)) for n in range(3))
    assert shelf.find(SHA, "0") == old, "finding it counts as use"
    last = keep(shelf, OTHER, "0", 300, 9.0)
    assert [path.exists() for path in (old, used, newer, last)] == [True, False, False, True]


def test_a_draft_is_found_by_nobody_and_a_document_is_forgotten_with_all_its_pages(tmp_path: Path) -> None:
    shelf = PictureCache(tmp_path, 1000)
    draft = shelf.draft(SHA)
    assert shelf.find(SHA, draft.stem) is None
    keep(shelf, SHA, "0-0", 10, 1.0)
    keep(shelf, OTHER, "0-0", 10, 1.0)
    shelf.forget(SHA)
    assert shelf.find(SHA, "0-0") is None
    assert shelf.find(OTHER, "0-0") is not None
    with pytest.raises(ValueError, match="hash"):
        shelf.find("../../etc", "passwd")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[ReviewSite, None]:
    with review_site(tmp_path) as opened:
        async with opened.painter:
            yield opened


async def test_a_page_and_a_spot_on_it_are_drawn_once_and_kept_for_this_browser_alone(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Okafor"), data=a_file("TIFF", 17, 102))
    arrival = site.part(item).arrival_id
    browser = site.of("Lena")
    answer = await browser.get(f"/documents/{arrival}/pages/1.png")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert abs(corner(answer.content) - 102) < 20
    kept = list((site.clinic.desk.settings.storage.data_dir / "pictures").glob("*/*/*"))
    assert [path.name for path in kept] == ["1-0.png"]
    spot = await browser.get(f"/documents/{arrival}/pages/1/200-200-300-300.png")
    with Image.open(io.BytesIO(spot.content)) as cut, Image.open(io.BytesIO(answer.content)) as page:
        assert abs(cut.width - page.width / 10) <= 1
    site.clinic.desk.vault.remove(kept[0].parent.name)
    assert (await browser.get(f"/documents/{arrival}/pages/1.png")).status_code == 200, "not drawn again"


@pytest.mark.parametrize("path", ["9.png", "0/300-200-200-300.png", "0/0-0-1001-10.png", "0/x.png"])
async def test_what_is_no_page_and_no_spot_is_not_found(site: ReviewSite, path: str) -> None:
    (item,) = site.queue(a_note("Okafor"), data=a_file("TIFF", 17))
    answer = await site.of("Lena").get(f"/documents/{site.part(item).arrival_id}/pages/{path}")
    assert answer.status_code == 404


async def test_a_file_that_is_no_picture_is_refused_not_opened_here(site: ReviewSite) -> None:
    item = site.unreadable()
    answer = await site.of("Lena").get(f"/documents/{-item}/pages/0.png")
    assert answer.status_code == 404
    drafts = list((site.clinic.desk.settings.storage.data_dir / "pictures").rglob("*.*"))
    assert drafts == [], "no half-drawn picture stays"
