"""What comes in is scanned before it is read: infected is quarantined, a scanner that is down is complained of."""

import asyncio
import zipfile
from collections.abc import Generator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from config.vocabulary import Channel
from gateway.clamd import Clamd
from gateway.domain.arrival import Arrival, ArrivalState, Envelope
from gateway.domain.event import EventKind
from gateway.domain.person import Role
from gateway.errors import Quarantined
from gateway.services.read_arrival import ReadArrival
from gateway.services.scanning import Clean, Infected, NotScanned
from gateway.testing import FixedClock
from parsers.options import ReadOptions
from parsers.read import read
from parsers.reading import Reading
from tests.builders import NOON
from tests.rigs.clamd_server import NAME, VIRUS, a_clamd, a_liar, is_installed
from tests.rigs.review_site import ReviewSite, review_site

needs_clamd = pytest.mark.skipif(not is_installed(), reason="apt-get install clamav-daemon")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    with a_clamd(tmp_path_factory.mktemp("clamd")) as opened:
        yield opened


def a_scanner(place: str, *, waits: bool = True, timeout_s: float = 20) -> Clamd:
    return Clamd(place, waits_when_down=waits, timeout_s=timeout_s, most_mb=1)


def a_file(folder: Path, data: bytes) -> Path:
    (folder / "file").write_bytes(data)
    return folder / "file"


def zipped(data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", data)
    return out.getvalue()


@needs_clamd
async def test_the_real_clamd_tells_clean_from_infected(place: str, tmp_path: Path) -> None:
    scanner = a_scanner(place)
    assert await scanner.scan(a_file(tmp_path, b"Thank you for the referral." * 1000)) == Clean()
    assert await scanner.scan(a_file(tmp_path, b"x" * 500 + VIRUS)) == Infected(f"{NAME}.UNOFFICIAL")
    assert await scanner.scan(a_file(tmp_path, zipped(b"see " + VIRUS))) == Infected(f"{NAME}.UNOFFICIAL")
    assert await scanner.scan(a_file(tmp_path, b"")) == Clean()
    assert scanner.troubles() == ()


@needs_clamd
async def test_a_file_larger_than_clamd_takes_is_said_and_does_not_wait_for_ever(place: str, tmp_path: Path) -> None:
    verdict = await a_scanner(place).scan(a_file(tmp_path, b"x" * 3_000_000))
    assert isinstance(verdict, NotScanned)
    assert not verdict.may_work_later
    assert "larger than the scanner takes" in verdict.why


@pytest.mark.parametrize("answer", [b"", b"stream: what is this\0", b"COMMAND READ TIMED OUT\0", b"no end"])
async def test_an_answer_that_makes_no_sense_is_no_verdict(answer: bytes, tmp_path: Path) -> None:
    async with a_liar(answer) as place:
        scanner = a_scanner(place, timeout_s=3)
        assert isinstance(await scanner.scan(a_file(tmp_path, b"hello")), NotScanned)
        assert "what comes in waits" in scanner.troubles()[0]


async def test_a_scanner_that_hangs_costs_its_patience_and_no_more(tmp_path: Path) -> None:
    async with a_liar(None) as place:
        scanner = a_scanner(place, timeout_s=0.3, waits=False)
        assert isinstance(await scanner.scan(a_file(tmp_path, b"hello")), NotScanned)
        assert "read unscanned" in scanner.troubles()[0]


class HereReader:
    """Reads in this process, and remembers what it was given."""

    def __init__(self) -> None:
        self.opened: list[Path] = []

    async def read(self, path: Path, envelope: Envelope, received_at: object) -> Reading:
        del received_at
        self.opened.append(path)
        return read(await asyncio.to_thread(path.read_bytes), envelope.name, ReadOptions())


@pytest.fixture
def site(tmp_path: Path) -> Generator[ReviewSite, None, None]:
    with review_site(tmp_path, {"Mia": Role.MANAGER, "Lena": Role.STAFF}) as opened:
        yield opened


def take(site: ReviewSite, data: bytes) -> Arrival:
    return site.clinic.take(data, Channel.EMAIL)


def now(site: ReviewSite, arrival: Arrival) -> Arrival:
    with site.clinic.desk.store.transaction() as tx:
        return tx.arrival(arrival.id)


async def step(site: ReviewSite, scanner: Clamd, clock: FixedClock | None = None) -> HereReader:
    """Read what waits, once."""
    desk, reader = site.clinic.desk, HereReader()
    await ReadArrival(desk.store, desk.vault, clock or desk.clock, reader, scanner).read_next()
    return reader


@needs_clamd
async def test_an_infected_document_is_kept_and_nobody_opens_it(site: ReviewSite, place: str) -> None:
    arrival = take(site, b"Thank you for the referral. " + VIRUS)
    reader = await step(site, a_scanner(place))
    assert reader.opened == []
    kept = now(site, arrival)
    assert kept.state is ArrivalState.UNREADABLE
    assert NAME in kept.infection
    assert VIRUS in site.clinic.desk.vault.path(kept.sha256).read_bytes()
    with site.clinic.desk.store.transaction() as tx:
        assert EventKind.DOCUMENT_QUARANTINED in [one.event.kind for one in tx.events(limit=1000)]
        assert tx.mark(-arrival.id).label == "for a manager"
    for path in ("original", "original/file", "pages/0.png"):
        answer = await site.of("Mia").get(f"/documents/{arrival.id}/{path}")
        assert answer.status_code == 404
        assert VIRUS not in answer.content
    shown = await site.text(f"/queue/{-arrival.id}", "Lena")
    assert "quarantined: the virus scanner found" in shown
    assert "/pages/0.png" not in shown
    assert 'id="file"' not in shown
    await site.send(f"/queue/{-arrival.id}/release", by="Lena", status=204)
    assert "Unrelated" in await site.text(f"/queue/{-arrival.id}", "Mia")


@needs_clamd
async def test_a_quarantined_document_is_discarded_and_never_filed(site: ReviewSite, place: str) -> None:
    number = site.clinic.refer("Okafor")
    arrival = take(site, VIRUS)
    await step(site, a_scanner(place))
    with pytest.raises(Quarantined):
        site.clinic.desk.settle.assign(-arrival.id, [number], "Mia")
    assert site.clinic.desk.settle.discard(-arrival.id, "infected", "Mia")


async def test_while_the_scanner_is_down_documents_wait_and_nothing_is_counted_against_them(
    site: ReviewSite, tmp_path: Path
) -> None:
    arrival = take(site, b"Thank you for the referral of Ada Okafor, born 3/9/1958.")
    clock = FixedClock(NOON + timedelta(days=400))
    for _ in range(5):
        reader = await step(site, a_scanner(f"unix:{tmp_path}/nobody"), clock)
        assert reader.opened == []
        clock.advance(timedelta(minutes=2))
    assert now(site, arrival).state is ArrivalState.RECEIVED
    assert now(site, arrival).attempts == 0
    async with a_liar(b"stream: OK\0") as back:
        assert len((await step(site, a_scanner(back), clock)).opened) == 1
    assert now(site, arrival).state is ArrivalState.READ


async def test_where_the_settings_say_so_reading_goes_on_and_a_person_looks(site: ReviewSite, tmp_path: Path) -> None:
    arrival = take(site, b"Thank you for the referral of Ada Okafor, born 3/9/1958.")
    scanner = a_scanner(f"unix:{tmp_path}/nobody", waits=False)
    assert len((await step(site, scanner)).opened) == 1
    assert "read unscanned" in scanner.troubles()[0]
    assert "not scanned for viruses" in now(site, arrival).error
