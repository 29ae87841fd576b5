"""Reading strangers' files in limited processes: what kills a reader is a sentence in the queue, nothing more."""

import asyncio
import contextlib
import io
import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from config.reference import mint_number
from config.settings import ClinicSettings, CoverSettings, ReadingSettings, Settings
from config.vocabulary import Channel, ServiceKind
from gateway.domain.arrival import Envelope
from gateway.domain.directory import Recipient
from gateway.domain.referral import Clinician, Intake, Patient, Referral, Status
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.errors import WorkerFailed
from gateway.services.ports import PacketRequest
from gateway.worker_process import WorkerLimits, WorkerProcess
from gateway.workers import WorkerPool
from outbound.errors import UnusableAttachment
from parsers.options import ReadOptions
from parsers.reading import READING, Reading
from tests.rigs.hostile_files import encoded_subject, endless_tiff, flate_bomb, nested_forms, nested_parts
from tests.rigs.waiting import until

LETTER = (
    b"From: desk@ortho.example\r\nTo: referrals@clinic.example\r\nSubject: Re: referral\r\nMessage-ID: <1@ortho>\r\n"
    b"\r\nWe have booked the patient for Thursday 12/3/2026 at 2:30 pm.\r\n"
)


async def read(worker: WorkerProcess, path: Path) -> Reading:
    options: dict[str, Any] = {"keys": [], "written": None, "seconds": 20.0}
    reply = await worker.ask({"op": "read", "path": str(path), "name": path.name, "options": options})
    return READING.validate_json(reply["reading"])


@pytest.fixture
def limits() -> WorkerLimits:
    return WorkerLimits(processes=1, seconds=12.0, memory_mb=1500)


@pytest.mark.slow
@pytest.mark.parametrize("make", [flate_bomb, nested_forms, endless_tiff, encoded_subject, nested_parts])
async def test_a_hostile_file_is_a_sentence_and_the_next_file_is_read(
    tmp_path: Path, limits: WorkerLimits, make: Any
) -> None:
    hostile, letter = tmp_path / "hostile", tmp_path / "letter"
    hostile.write_bytes(make())
    letter.write_bytes(LETTER)
    worker = await WorkerProcess.start(limits)
    start = time.monotonic()
    try:
        reading = await read(worker, hostile)
        reason = reading.error
    except WorkerFailed as error:
        reason = str(error)
        await worker.kill()
        worker = await WorkerProcess.start(limits)
    assert reason
    assert time.monotonic() - start < limits.seconds + 35
    assert "2:30" in (await read(worker, letter)).documents[0].text
    await worker.retire()


async def test_a_cancelled_reading_leaves_no_process(tmp_path: Path, limits: WorkerLimits) -> None:
    hostile = tmp_path / "hostile.pdf"
    hostile.write_bytes(nested_forms())
    worker = await WorkerProcess.start(limits)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await read(worker, hostile)
    children = [
        child for child in psutil.Process().children(recursive=True) if "worker_child" in " ".join(child.cmdline())
    ]
    assert children == []


async def test_a_worker_whose_daemon_died_before_it_could_watch_it_does_not_begin(limits: WorkerLimits) -> None:
    command = [sys.executable, "-m", "gateway.worker_child", json.dumps(asdict(limits)), "1"]
    orphan = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    assert await asyncio.wait_for(orphan.wait(), 10) == 1


async def test_a_worker_has_no_network(tmp_path: Path, limits: WorkerLimits) -> None:
    worker = await WorkerProcess.start(limits)
    (tmp_path / "letter").write_bytes(LETTER)
    await read(worker, tmp_path / "letter")
    [child] = [child for child in psutil.Process().children() if "worker_child" in " ".join(child.cmdline())]
    interfaces = proc(child, "net/dev").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    assert "NoNewPrivs:\t1" in proc(child, "status")
    await worker.retire()
    assert not child.is_running()


def a_pool(*, idle_seconds: float = 300.0, memory_mb: int = 1500) -> WorkerPool:
    def nothing_to_build(_: object) -> str:
        raise AssertionError

    limits = WorkerLimits(processes=1, seconds=12.0, idle_seconds=idle_seconds, memory_mb=memory_mb)
    return WorkerPool(ReadOptions(), nothing_to_build, limits)


def proc(process: psutil.Process, name: str) -> str:
    return Path(f"/proc/{process.pid}/{name}").read_text(encoding="ascii")


def our_children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "worker_child" in " ".join(child.cmdline())]


async def test_a_job_that_ends_after_the_pool_was_closed_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(LETTER)
    async with asyncio.TaskGroup() as group, a_pool() as pool:
        read = pool.read(tmp_path / "letter", Envelope("test:1", Channel.EMAIL), datetime.now(UTC))
        late = group.create_task(read)
        await until(lambda: bool(our_children()))
    assert "2:30" in late.result().documents[0].text
    assert our_children() == []


async def test_the_pool_stays_warm_and_counts_time_from_the_letter(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(LETTER.replace(b"Thursday 12/3/2026", b"Thursday the 12th"))
    envelope = Envelope("test:1", Channel.EMAIL, name="letter.eml", received_at=datetime(2026, 11, 6, 12, tzinfo=UTC))
    async with a_pool() as pool:
        for _ in range(3):
            reading = await pool.read(tmp_path / "letter", envelope, datetime(2026, 11, 6, 12, tzinfo=UTC))
            appointment = reading.documents[0].appointment
            assert appointment is not None
            assert (appointment.at.month, appointment.at.day) == (11, 12)
        assert len(our_children()) == 1
    assert our_children() == []


async def test_an_idle_worker_gives_its_memory_back(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(LETTER)
    async with a_pool(idle_seconds=0.2) as pool:
        await pool.read(tmp_path / "letter", Envelope("test:1", Channel.EMAIL), datetime(2026, 11, 6, tzinfo=UTC))
        await asyncio.sleep(1.5)
        assert our_children() == []
        await pool.read(tmp_path / "letter", Envelope("test:1", Channel.EMAIL), datetime(2026, 11, 6, tzinfo=UTC))


async def test_a_dead_worker_is_told_apart_and_replaced(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(LETTER)
    (tmp_path / "bomb").write_bytes(nested_forms())
    at = datetime(2026, 11, 6, tzinfo=UTC)
    async with a_pool(memory_mb=700) as pool:
        with pytest.raises(WorkerFailed, match="look at the original"):
            await pool.read(tmp_path / "bomb", Envelope("test:1", Channel.FAX), at)
        reading = await pool.read(tmp_path / "letter", Envelope("test:2", Channel.EMAIL), at)
        assert "2:30" in reading.documents[0].text


def a_request(attachments: tuple[tuple[Path, str, str], ...] = ()) -> PacketRequest:
    at = datetime(2026, 11, 20, 15, tzinfo=UTC)
    patient = Patient("Doe", "Jane", date(1961, 3, 4), mrn="445566")
    intake = Intake(
        "ext-1",
        patient,
        Clinician("Dr. A. Ray"),
        1,
        "cardiology",
        ServiceKind.SPECIALIST_CONSULT,
        "Chest pain",
        "urgent",
    )
    return PacketRequest(
        referral=Referral(1, mint_number(range(7)), intake, Status.READY, at, at),
        recipient=Recipient("Harbor Cardiology", id=1, fax="+16175550123"),
        transmission=Transmission(
            1, 1, 1, Purpose.REQUEST, Channel.FAX, "+16175550123", "key", TransmissionState.INTENDED, "system", at
        ),
        respond_by=at + timedelta(days=2),
        built_at=at,
        attachments=attachments,
    )


def clinic_settings() -> Settings:
    clinic = ClinicSettings(name="Maple Street", fax_number="+15085550100", zone="America/New_York")
    return Settings.model_construct(clinic=clinic, reading=ReadingSettings(seconds=30), cover=CoverSettings())


async def test_what_a_worker_draws_another_reads_back(tmp_path: Path) -> None:
    key = b"a clinic's own key, long enough"
    request = a_request()
    async with WorkerPool.from_settings(clinic_settings(), (key,)) as pool:
        packet = await pool.build(request, tmp_path)
        reading = await pool.read(packet.path, Envelope("test:1", Channel.FAX), request.built_at)
    assert packet.pages == len(reading.pages)
    assert {code.number for page in reading.pages for code in page.codes} == {request.referral.number}
    assert [page.codes[0].page for page in reading.pages] == list(range(1, packet.pages + 1))
    assert all(code.verified for page in reading.pages for code in page.codes)


async def test_an_attachment_that_cannot_become_pages_is_named(tmp_path: Path) -> None:
    (tmp_path / "ecg").write_bytes(b"not a picture")
    request = a_request(((tmp_path / "ecg", "ECG.jpg", "image/jpeg"),))
    async with WorkerPool.from_settings(clinic_settings(), (b"a clinic's own key, long enough",)) as pool:
        with pytest.raises(UnusableAttachment):
            await pool.build(request, tmp_path)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("pass", "died"),
        ("o.write(struct.pack('>I', 1 << 30)); o.flush(); time.sleep(60)", "larger than 64 MB"),
        ("o.write(struct.pack('>I', 9) + b'not json!'); o.flush(); time.sleep(60)", "made no sense"),
        ("o.write(struct.pack('>I', 2) + b'{}'); o.flush(); time.sleep(60)", "made no sense"),
        ("o.write(struct.pack('>I', 99) + b'{'); o.flush()", "died"),
    ],
    ids=["says nothing", "says a gigabyte", "says no JSON", "says nothing of use", "stops in the middle"],
)
async def test_a_worker_that_answers_nonsense_is_a_sentence(limits: WorkerLimits, says: str, reason: str) -> None:
    script = f"import struct, sys, time; sys.stdin.buffer.read(9); o = sys.stdout.buffer; {says}"
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", script]
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, start_new_session=True)
    with pytest.raises(WorkerFailed, match=reason):
        await WorkerProcess(process, limits).ask({"op": "read"})
    assert process.returncode is not None


def many_pages(count: int) -> bytes:
    frames = [Image.effect_noise((864, 1100), 60) for _ in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=(frames * count)[1:count])
    return out.getvalue()


async def test_how_far_a_long_reading_is_can_be_seen_while_it_runs(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(many_pages(12))
    seen: set[str] = set()
    async with a_pool() as pool:
        at = datetime(2026, 11, 6, 12, tzinfo=UTC)
        reading = asyncio.ensure_future(pool.read(tmp_path / "long", Envelope("test:1", Channel.FAX), at))
        while not reading.done():
            seen |= set(pool.under_way())
            await asyncio.sleep(0.05)
        with contextlib.suppress(WorkerFailed):
            await reading
        assert pool.under_way() == ()
    assert any("of 12 read" in line for line in seen)
