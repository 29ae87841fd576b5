"""First pages are drawn before anybody opens them, at the head of the queue only, and no failure stops it."""

import asyncio
from collections.abc import Generator
from pathlib import Path

import pytest

from gateway.errors import WorkerFailed
from gateway.services.page_pictures import PagePictures
from tests.rigs.review_site import ReviewSite, a_note, review_site


class Painter:
    """Draws a byte, and cannot draw what comes to it at these turns."""

    def __init__(self, *fails_at: int) -> None:
        self.fails_at = fails_at
        self.drawn: list[Path] = []

    async def paint(self, path: Path, page: int, degrees: int, into: Path) -> None:
        del page, degrees
        self.drawn.append(path)
        if len(self.drawn) in self.fails_at:
            raise WorkerFailed("it took too long")
        await asyncio.to_thread(into.write_bytes, b"x")

    async def cut(self, png: Path, box: object, into: Path) -> None:
        raise AssertionError("nothing is cut ahead")


@pytest.fixture
def site(tmp_path: Path) -> Generator[ReviewSite, None, None]:
    with review_site(tmp_path) as opened:
        yield opened


def pictures(site: ReviewSite, painter: Painter) -> PagePictures:
    desk = site.clinic.desk
    return PagePictures(desk.store, desk.vault, desk.shelf, painter)


async def all_drawn(ahead: PagePictures) -> int:
    drawn = 0
    while await ahead.draw_ahead():
        drawn += 1
    return drawn


async def test_what_waits_is_drawn_once_and_what_comes_later_too(site: ReviewSite) -> None:
    painter = Painter()
    ahead = pictures(site, painter)
    assert await ahead.draw_ahead() == 0
    for _ in range(3):
        site.queue(a_note("Okafor"))
    assert await all_drawn(ahead) == 3
    site.queue(a_note("Brandt"))
    assert await all_drawn(ahead) == 1
    assert len(painter.drawn) == len(set(painter.drawn)) == 4


async def test_a_page_that_cannot_be_drawn_does_not_stop_the_others(site: ReviewSite) -> None:
    for _ in range(3):
        site.queue(a_note("Okafor"))
    painter = Painter(2)
    ahead = pictures(site, painter)
    assert await all_drawn(ahead) == 2
    assert len(painter.drawn) == 3
    assert await ahead.draw_ahead() == 0, "it is not tried over and over"
