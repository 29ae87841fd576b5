"""Another arrangement of a file's pages, read by the real process; the file itself stays byte for byte."""

from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path

import pytest

from gateway.demo.notes import Known
from gateway.domain.arrival import PartState
from parsers.reading import Document
from tests.rigs.review_site import ReviewSite, a_note, review_site

pytestmark = pytest.mark.slow


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[ReviewSite, None]:
    with review_site(tmp_path) as opened:
        async with opened.painter:
            yield opened


def two_patients_as_one(site: ReviewSite) -> tuple[int, bytes]:
    """A fax of two notes that the reader took for one document."""
    data = site.clinic.note(Known("Okafor", "Maria", date(1961, 4, 23)), Known("Brandt", "Otto", date(1938, 7, 30)))
    (item,) = site.queue(a_note("Okafor", "Maria", pages=(0, 1)), data=data)
    return item, data


def document(site: ReviewSite, item: int) -> Document:
    part = site.part(item)
    with site.clinic.desk.store.transaction() as tx:
        reading = tx.reading_of(part.arrival_id)
    assert reading is not None
    return reading.documents[part.index]


def rotations(site: ReviewSite, item: int) -> list[int]:
    arrival = site.part(item).arrival_id
    with site.clinic.desk.store.transaction() as tx:
        return [tx.page_rotation(arrival, n) for n in (0, 1)]


async def test_a_fax_of_two_patients_is_split_and_each_is_filed_where_it_belongs(site: ReviewSite) -> None:
    maria, otto = site.clinic.refer("Okafor", "Maria", "1961-04-23"), site.clinic.refer("Brandt", "Otto", "1938-07-30")
    item, data = two_patients_as_one(site)
    where = await site.send(f"/queue/{item}/split", after="1")
    first, second = site.clinic.waiting()
    assert where == f"/queue/{first}?told=arranged"
    assert site.part(item).state is PartState.REPLACED
    pages = {one: await site.text(f"/queue/{one}") for one in (first, second)}
    assert maria in pages[first].split('<li class="candidate')[1]
    assert otto in pages[second].split('<li class="candidate')[1]
    await site.send(f"/queue/{first}/file", number=maria, kind="consult_note")
    await site.send(f"/queue/{second}/file", number=otto, kind="consult_note")
    assert [site.part(one).state for one in (first, second)] == [PartState.FILED] * 2
    arrival = site.part(item).arrival_id
    with site.clinic.desk.store.transaction() as tx:
        sha256 = tx.arrival(arrival).sha256
    assert site.clinic.desk.vault.path(sha256).read_bytes() == data


async def test_what_was_split_is_joined_again_and_pages_are_turned_ordered_and_left_out(site: ReviewSite) -> None:
    item, _ = two_patients_as_one(site)
    await site.send(f"/queue/{item}/split", after="1")
    first, second = site.clinic.waiting()
    await site.send(f"/queue/{second}/join", other=str(first))
    (joined,) = site.clinic.waiting()
    assert site.part(joined).pages == (0, 1)
    assert document(site, joined).text.index("Okafor") < document(site, joined).text.index("Otto")
    await site.send(f"/queue/{joined}/pages", pages="1:0 0:180")
    (ordered,) = site.clinic.waiting()
    assert site.part(ordered).pages == (1, 0)
    assert rotations(site, ordered) == [180, 0]
    await site.send(f"/queue/{ordered}/pages", pages="1:0 0:180")
    (ordered,) = site.clinic.waiting()
    assert rotations(site, ordered) == [0, 0], "turned from how it stands"
    await site.send(f"/queue/{ordered}/pages", pages="1:0")
    (short,) = site.clinic.waiting()
    assert site.part(short).pages == (1,)
    for nonsense in ("7:0", "", "1:45", "x"):
        await site.send(f"/queue/{short}/pages", status=422 if not nonsense else 404, pages=nonsense)
