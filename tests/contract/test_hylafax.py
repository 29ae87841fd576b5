"""The carrier's contract over a real fax line: HylaFAX dials, modems train, pages go through as pixels."""

import asyncio
import dataclasses
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageSequence

from outbound.carriers.hylafax import HylafaxFax
from outbound.sender import Accepted, Cause, Deferred, DeliveryState, DeliveryStatus, Packet, Refused, Sender
from outbound.tiff_file import FaxTiff
from parsers.raster import Scan
from parsers.tiff import scans
from tests.contract.rigs import commit_nothing
from tests.rigs.fax_line import OURS, THEIRS, FaxLine, fax_line

pytestmark = pytest.mark.slow
_ENDED = {DeliveryState.DELIVERED, DeliveryState.FAILED}
_LONGEST_S = 240.0


@pytest.fixture(name="line")
async def a_line() -> AsyncIterator[FaxLine]:
    async with fax_line("--rule", "01=busy", "--rule", "02=noanswer", "--rule", "03=nocarrier") as line:
        yield line


def a_packet(folder: Path, pages: int) -> Packet:
    """As packets are drawn: Pillow's own fax TIFFs a modem sends as a negative."""
    path = folder / f"packet-{pages}.tiff"
    with FaxTiff(path, pages=pages, x_dpi=204, y_dpi=196) as file:
        for number in range(pages):
            page = Image.new("1", (1728, 2156), 1)
            ImageDraw.Draw(page).rectangle((100, 100 + 50 * number, 900, 140 + 50 * number), fill=0)
            file.add(page)
    return Packet(path, "image/tiff", pages, "4K7M-92XQ")


def pixels(tiff: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(tiff)) as image:
        return [frame.convert("1").tobytes() for frame in ImageSequence.Iterator(image)]


async def ended(sender: Sender, reference: str) -> DeliveryStatus:
    started_at = time.monotonic()
    while (status := await sender.status(reference)).state not in _ENDED:
        assert time.monotonic() - started_at < _LONGEST_S, status
        await asyncio.sleep(0.3)
    return status


async def sent(carrier: HylafaxFax, tmp_path: Path, to: str = THEIRS, key: str = "k1", pages: int = 2) -> str:
    outcome = await carrier.submit(a_packet(tmp_path, pages), to, key, commit_nothing)
    assert isinstance(outcome, Accepted), outcome
    return outcome.reference


async def test_the_pages_that_arrive_are_the_pages_sent_and_a_key_is_queued_once(line: FaxLine, tmp_path: Path) -> None:
    carrier = line.carrier()
    assert await carrier.find("k1") is None
    committed: list[str] = []

    async def commit(reference: str) -> None:
        assert await line.carrier().find("k1") is None, "committed only after the job was queued"
        committed.append(reference)

    packet = a_packet(tmp_path, 2)
    first = await carrier.submit(packet, THEIRS, "k1", commit)
    again = await line.carrier().submit(packet, THEIRS, "k1", commit_nothing)
    assert first == again == Accepted(committed[0])
    assert await line.carrier().find("k1") == committed[0]
    status = await ended(line.carrier(), committed[0])
    assert (status.state, status.pages_confirmed, status.attempts) == (DeliveryState.DELIVERED, 2, 1)
    assert not await carrier.cancel(committed[0])
    assert await line.carrier().submit(packet, THEIRS, "k1", commit_nothing) == first
    assert [pixels(fax) for fax in line.received()] == [pixels(packet.path.read_bytes())]

    inbox = line.carrier()
    faxes = [fax async for fax in inbox.fetch_received()]
    assert [pixels(fax.path.read_bytes()) for fax in faxes] == [pixels(packet.path.read_bytes())]
    assert [(f.sender_number, f.station_id, f.is_partial) for f in faxes] == [(OURS, OURS, False)]
    await inbox.forget(faxes[0].source_id)
    assert [fax async for fax in line.carrier().fetch_received()] == []
    assert len(line.received()) == 1, "only HylaFAX's administrator may delete"


async def test_what_cannot_be_sent_is_refused_and_what_may_work_later_is_deferred(
    line: FaxLine, tmp_path: Path
) -> None:
    carrier, packet = line.carrier(), a_packet(tmp_path, 1)
    for evil in ("5085550199", f"{THEIRS}\r\nJKILL 1", f'{THEIRS}"', "", f"{THEIRS}\0"):
        assert isinstance(await carrier.submit(packet, evil, "k1", commit_nothing), Refused), repr(evil)
    text = tmp_path / "packet.txt"
    text.write_text("no fax")
    wrong = dataclasses.replace(packet, path=text)
    assert isinstance(await carrier.submit(wrong, THEIRS, "k1", commit_nothing), Refused)
    gone = dataclasses.replace(packet, path=tmp_path / "gone")
    assert isinstance(await carrier.submit(gone, THEIRS, "k1", commit_nothing), Deferred)
    for nobodys in ("HF-7-k1", "../../etc/passwd", ""):
        assert (await carrier.status(nobodys)).state is DeliveryState.UNKNOWN
        assert not await carrier.cancel(nobodys)
    line.stop_server()
    assert isinstance(await carrier.submit(packet, THEIRS, "k1", commit_nothing), Deferred)


async def test_hylafax_dials_again_by_itself_and_then_says_why_it_failed(line: FaxLine, tmp_path: Path) -> None:
    carrier = line.carrier(max_dials=2)
    numbers = {"+15085550901": Cause.BUSY, "+15085550902": Cause.NO_ANSWER, "+15085550903": Cause.NOT_A_FAX}
    references = [await sent(carrier, tmp_path, number, f"k{number[1:]}") for number in numbers]
    ends = [await ended(carrier, reference) for reference in references]
    assert [end.cause for end in ends] == list(numbers.values())
    assert {(end.state, end.attempts, end.pages_confirmed) for end in ends} == {(DeliveryState.FAILED, 2, 0)}


async def test_what_hylafax_fails_to_prepare_was_never_dialled_and_may_work_later(
    line: FaxLine, tmp_path: Path
) -> None:
    half_made = line.run / "spool" / "docq" / "doc1.tif;f1"  # as a server leaves it that goes down in the middle of it
    half_made.touch()
    carrier = line.carrier()
    status = await ended(carrier, await sent(carrier, tmp_path, key="k1"))
    assert (status.state, status.cause, status.attempts) == (DeliveryState.FAILED, Cause.SERVER, 0), status.detail
    assert status.cause.may_work_later(was_dialled_again=carrier.capabilities.retries_itself)
    assert (await ended(carrier, await sent(carrier, tmp_path, key="k2"))).state is DeliveryState.DELIVERED
    assert len(line.received()) == 1


async def test_a_job_that_waits_for_its_turn_can_be_cancelled(line: FaxLine, tmp_path: Path) -> None:
    carrier = line.carrier()
    first, second = await sent(carrier, tmp_path, key="k1"), await sent(carrier, tmp_path, key="k2")
    assert await carrier.cancel(second)
    assert (await ended(carrier, first)).state is DeliveryState.DELIVERED
    assert (await carrier.status(second)).state is DeliveryState.FAILED
    assert len(line.received()) == 1


async def test_a_call_cut_between_pages_is_taken_up_again_and_what_came_in_is_kept(
    line: FaxLine, tmp_path: Path
) -> None:
    carrier = line.carrier()
    reference = await sent(carrier, tmp_path, pages=6)
    while ((await carrier.status(reference)).pages_confirmed or 0) < 2:  # noqa: ASYNC110 - another process's queue
        await asyncio.sleep(0.05)
    line.hang_up()
    status = await ended(carrier, reference)
    assert (status.state, status.pages_confirmed) == (DeliveryState.DELIVERED, 6)
    assert status.attempts > 1
    faxes = [fax async for fax in carrier.fetch_received()]
    assert len(faxes) > 1
    whole = [page for fax in faxes for page in scans(fax.path.read_bytes(), 99) if isinstance(page, Scan)]
    assert len(whole) >= 6, "the page that the cut went through may be there as a damaged one"
