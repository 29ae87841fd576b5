"""Another arrangement of a file's pages, read by the real process; the file itself stays byte for byte."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.notes import Known
from gateway.domain.arrival import Envelope, PartState
from gateway.domain.event import EventKind
from gateway.errors import NotFound, WorkerFailed
from parsers.reading import Document, Reading
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


async def arranged(site: ReviewSite, path: str, **form: Any) -> None:
    """Asked for, and read by the step."""
    await site.send(path, **form)
    assert await site.review.rearrange.arrange_next()


async def test_a_fax_of_two_patients_is_split_and_each_is_filed_where_it_belongs(site: ReviewSite) -> None:
    maria, otto = site.clinic.refer("Okafor", "Maria", "1961-04-23"), site.clinic.refer("Brandt", "Otto", "1938-07-30")
    item, data = two_patients_as_one(site)
    assert await site.send(f"/queue/{item}/split", after="1") == f"/queue/{item}"
    assert site.rung == [True]
    assert site.part(item).state is PartState.ARRANGING
    page = await site.text(f"/queue/{item}")
    assert "Split by Lena" in page
    assert "waiting for its turn" in page
    assert "File it" not in page
    assert "Being read</b> in another arrangement" in await site.text("/queue")
    assert (await site.of("Lena").get(f"/queue/{item}/arranged?auto")).status_code == 204
    refused = await site.send(f"/queue/{item}/file", status=409, number=maria, kind="consult_note")
    assert "being read in another arrangement" in refused
    assert await site.review.rearrange.arrange_next()
    assert not await site.review.rearrange.arrange_next(), "there is nothing more to do"
    first, second = site.clinic.waiting()
    assert await site.text(f"/queue/{item}/arranged?auto") == f"/queue/{first}?told=arranged"
    assert (await site.of("Lena").get(f"/queue/{item}")).headers["location"] == f"/queue/{first}?told=arranged"
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
    await arranged(site, f"/queue/{item}/split", after="1")
    first, second = site.clinic.waiting()
    await arranged(site, f"/queue/{second}/join", other=str(first))
    (joined,) = site.clinic.waiting()
    assert site.part(joined).pages == (0, 1)
    assert document(site, joined).text.index("Okafor") < document(site, joined).text.index("Otto")
    await arranged(site, f"/queue/{joined}/pages", pages="1:0 0:180")
    (ordered,) = site.clinic.waiting()
    assert site.part(ordered).pages == (1, 0)
    assert rotations(site, ordered) == [180, 0]
    await arranged(site, f"/queue/{ordered}/pages", pages="1:0 0:180")
    (ordered,) = site.clinic.waiting()
    assert rotations(site, ordered) == [0, 0], "turned from how it stands"
    await arranged(site, f"/queue/{ordered}/pages", pages="1:0")
    (short,) = site.clinic.waiting()
    assert site.part(short).pages == (1,)
    for nonsense in ("7:0", "", "1:45", "x"):
        await site.send(f"/queue/{short}/pages", status=422 if not nonsense else 404, pages=nonsense)


class Failing:
    """A reader that dies so many times, and then refuses."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)

    async def arrange(
        self, path: Path, envelope: Envelope, received_at: datetime, groups: Sequence[Sequence[tuple[int, int]]]
    ) -> Reading:
        del path, envelope, received_at, groups
        raise self.faults.pop(0)


async def test_what_cannot_be_arranged_waits_again_as_it_was_with_the_reason(site: ReviewSite) -> None:
    maria = site.clinic.refer("Okafor", "Maria", "1961-04-23")
    item, _ = two_patients_as_one(site)
    rearrange = replace(site.review.rearrange, arranger=Failing(*[WorkerFailed("it took longer than 60 s")] * 2))
    before = site.part(item)
    await site.send(f"/queue/{item}/split", after="1")
    assert await rearrange.arrange_next()
    assert site.part(item).state is PartState.ARRANGING, "bad luck gets a second chance"
    assert await rearrange.arrange_next()
    after = site.part(item)
    assert after.state is PartState.REVIEW
    assert after.reason == f"it could not be split by Lena: it took longer than 60 s; {before.reason}"
    page = await site.text(f"/queue/{item}")
    assert "it took longer than 60 s" in page
    assert maria in page.split('<li class="candidate')[1], "its candidates stand as before"
    assert await site.text(f"/queue/{item}/arranged?auto") == f"/queue/{item}"
    assert EventKind.PART_NOT_ARRANGED in [kind for kind, _ in site.events(item)]
    rearrange.arranger = Failing(NotFound("page 2 has no picture"))
    await site.send(f"/queue/{item}/split", after="1")
    assert await rearrange.arrange_next()
    assert site.part(item).reason.startswith("it could not be split by Lena: page 2 has no picture")


async def test_an_arrangement_in_hand_is_taken_over_once_its_lease_is_over(site: ReviewSite) -> None:
    item, _ = two_patients_as_one(site)
    await site.send(f"/queue/{item}/split", after="1")
    now = site.clinic.desk.clock.now()
    lease = timedelta(minutes=10)
    with site.clinic.desk.store.transaction() as tx:
        assert tx.lease_arrangement(now, now + lease) is not None
        assert tx.lease_arrangement(now, now + lease) is None
    assert "being read now" in await site.text(f"/queue/{item}")
    with site.clinic.desk.store.transaction() as tx:
        assert tx.release_leases() == 1, "the daemon starts anew"
    assert await site.review.rearrange.arrange_next()
    assert site.part(item).state is PartState.REPLACED
