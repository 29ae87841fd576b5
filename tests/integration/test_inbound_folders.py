"""The scan folder, the drop folder and the fax poller, on a real file system."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.errors import InvalidIntake, StorageFailed
from gateway.inbound.drop_folder import DropFolder
from gateway.inbound.fax_poller import FaxPoller
from gateway.inbound.folder import ScanFolder
from gateway.services.intake_form import parse_intake_json
from outbound.sender import ReceivedFax
from tests.rigs.fake_door import FakeDoor
from tests.rigs.waiting import running, until

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
TIFF = b"II*\0\x08\0\0\0\0\0\0\0\0\0"
SETTLE_S = 0.1


def a_scan_folder(folder: Path) -> tuple[ScanFolder, FakeDoor]:
    door = FakeDoor()
    return ScanFolder(folder, door, settle_s=SETTLE_S, sweep_s=0.5), door


async def test_a_scan_is_taken_in_and_moved_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "old.pdf").write_bytes(PDF)
    watcher, door = a_scan_folder(tmp_path)
    async with running(watcher.run):
        await until((tmp_path / "taken" / "old.pdf").exists)
        (tmp_path / "new.tif").write_bytes(TIFF)
        await until((tmp_path / "taken" / "new.tif").exists, 3)
    assert door.contents == sorted([PDF, TIFF])
    assert watcher.last_heard_at > 0


async def test_a_file_written_slowly_is_taken_once_and_whole(tmp_path: Path) -> None:
    watcher, door = a_scan_folder(tmp_path)
    async with running(watcher.run):
        with (tmp_path / "slow.bin").open("wb") as file:
            for _ in range(4):
                file.write(b"piece of a scan ")
                file.flush()
                await asyncio.sleep(3 * SETTLE_S)  # still for longer than it need be, but open for writing
        await until(lambda: bool(door.taken))
    assert door.contents == [b"piece of a scan " * 4]


@pytest.mark.parametrize("half", [PDF[:-8], b"MM\0*\0\0\x10\0" + b"\0" * 40])
async def test_a_file_without_its_end_waits_for_it(tmp_path: Path, half: bytes) -> None:
    watcher, door = a_scan_folder(tmp_path)
    path = tmp_path / "half"
    path.write_bytes(half)
    async with running(watcher.run):
        await asyncio.sleep(6 * SETTLE_S)
        assert door.taken == {}
        path.write_bytes(PDF)
        await until(lambda: bool(door.taken))
    assert door.contents == [PDF]


async def test_pipes_links_hidden_and_unfinished_names_are_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside.pdf"
    outside.write_bytes(PDF)
    folder = tmp_path / "scans"
    folder.mkdir()
    os.mkfifo(folder / "pipe.pdf")
    (folder / "link.pdf").symlink_to(outside)
    (folder / "dangling.pdf").symlink_to(tmp_path / "nothing")
    (folder / "sub.pdf").mkdir()
    for name in (".hidden.pdf", "a.pdf.part", "b.TMP", "c.pdf~", "d.crdownload"):
        (folder / name).write_bytes(PDF)
    (folder / "empty.pdf").touch()
    (folder / "good.pdf").write_bytes(PDF)
    watcher, door = a_scan_folder(folder)
    async with running(watcher.run):
        await until(lambda: bool(door.taken))
        await asyncio.sleep(4 * SETTLE_S)
    assert [envelope.name for envelope in door.envelopes.values()] == ["good.pdf"]
    assert len(list(folder.iterdir())) == 11


async def test_names_of_any_bytes_are_taken(tmp_path: Path) -> None:
    names = [b"line\nbreak.pdf", b"\xff\xfe.pdf", "Müller ☂.pdf".encode()]
    for number, name in enumerate(names):
        (tmp_path / os.fsdecode(name)).write_bytes(PDF + bytes([number]))
    watcher, door = a_scan_folder(tmp_path)
    async with running(watcher.run):
        await until(lambda: len(door.taken) == 3)
    for envelope in door.envelopes.values():
        envelope.source_id.encode("ascii")
        assert envelope.name.encode().isascii() or envelope.name.isprintable()


async def test_the_same_name_twice_overwrites_nothing(tmp_path: Path) -> None:
    watcher, door = a_scan_folder(tmp_path)
    async with running(watcher.run):
        for data in (PDF, PDF + b"second\n"):
            (tmp_path / "scan.pdf").write_bytes(data)
            await until(lambda: not (tmp_path / "scan.pdf").exists())
    kept = sorted(path.read_bytes() for path in (tmp_path / "taken").iterdir())
    assert kept == door.contents == sorted([PDF, PDF + b"second\n"])


async def test_a_full_disk_leaves_the_scan_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(PDF)
    watcher, door = a_scan_folder(tmp_path)
    door.failures_left = 2
    async with running(watcher.run):
        await until(lambda: door.failures_left == 0)
        await until((tmp_path / "taken" / "scan.pdf").exists)
    assert door.contents == [PDF]


class Desk:
    """Opens what the form accepts and the attachments allow."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.attachments: list[bytes] = []

    async def open(self, intake_json: bytes, folder: Path, origin: str) -> str:
        form = parse_intake_json(intake_json)
        for name in form.attachments:
            if not (folder / name).is_file():
                raise InvalidIntake(f"attachments: there is no file {name!r}")
            self.attachments.append((folder / name).read_bytes())
        self.opened.append(form.external_id)
        return "4K7M92XQ"


def an_intake(external_id: str = "ehr-1", **changes: object) -> dict[str, object]:
    return {
        "external_id": external_id,
        "patient": {"family": "Quimby", "given": "Ada", "birth_date": "1958-03-09"},
        "clinician": {"name": "Helen Marsh MD", "npi": "1245319599"},
        "recipient": "Bayview Cardiology",
        "specialty": "cardiology",
        "question": "Chest pain on exertion?",
    } | changes


def a_drop_folder(folder: Path, patience_s: float = 0.6) -> tuple[DropFolder, Desk]:
    desk = Desk()
    return DropFolder(folder, desk, settle_s=SETTLE_S, sweep_s=0.5, patience_s=patience_s), desk


async def test_a_dropped_referral_is_opened_with_its_attachments_and_moved(tmp_path: Path) -> None:
    watcher, desk = a_drop_folder(tmp_path, patience_s=10)
    async with running(watcher.run):
        (tmp_path / "one.json").write_text(json.dumps(an_intake(attachments=["ecg.pdf"])))
        await asyncio.sleep(4 * SETTLE_S)
        assert desk.opened == []
        (tmp_path / "ecg.pdf").write_bytes(PDF)
        await until((tmp_path / "accepted" / "one.json").exists)
    assert (desk.opened, desk.attachments) == (["ehr-1"], [PDF])
    assert (tmp_path / "accepted" / "ecg.pdf").read_bytes() == PDF


async def test_half_a_json_waits_for_the_other_half(tmp_path: Path) -> None:
    text = json.dumps(an_intake())
    watcher, desk = a_drop_folder(tmp_path, patience_s=10)
    async with running(watcher.run):
        (tmp_path / "one.json").write_text(text[:60])
        await asyncio.sleep(4 * SETTLE_S)
        (tmp_path / "one.json").write_text(text)
        await until(lambda: desk.opened == ["ehr-1"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            json.dumps(an_intake(patient={"family": "Q", "given": "A", "birth_date": "03/09/1958"})),
            "patient.birth_date",
        ),
        (json.dumps(an_intake(attachments=["never.pdf"])), "never.pdf"),
        ('{"external_id": ', "is no JSON"),
        ("[]", "one object"),
    ],
)
async def test_a_bad_one_lies_in_rejected_with_the_reason_beside_it(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    watcher, desk = a_drop_folder(tmp_path)
    async with running(watcher.run):
        await until((tmp_path / "rejected" / "bad.json").exists)
    assert told in (tmp_path / "rejected" / "bad.reason.txt").read_text()
    assert (tmp_path / "rejected" / "bad.json").read_text() == text
    assert desk.opened == []


async def test_an_attachment_of_two_referrals_stays_for_the_second(tmp_path: Path) -> None:
    (tmp_path / "labs.pdf").write_bytes(PDF)
    for name in ("one", "two"):
        (tmp_path / f"{name}.json").write_text(json.dumps(an_intake(name, attachments=["labs.pdf"])))
    watcher, desk = a_drop_folder(tmp_path)
    async with running(watcher.run):
        await until(lambda: len(desk.opened) == 2)
        await until((tmp_path / "accepted" / "labs.pdf").exists)
    assert desk.attachments == [PDF, PDF]


class Carrier:
    """Faxes that wait until they are forgotten."""

    name = "carrier"

    def __init__(self, faxes: list[ReceivedFax]) -> None:
        self.waiting = {fax.source_id: fax for fax in faxes}

    async def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        for fax in list(self.waiting.values()):
            yield fax

    async def forget(self, source_id: str) -> None:
        del self.waiting[source_id]


async def test_a_fax_is_forgotten_at_the_carrier_only_when_it_is_durable(tmp_path: Path) -> None:
    (tmp_path / "fax.tif").write_bytes(TIFF)
    carrier = Carrier([ReceivedFax("r1", tmp_path / "fax.tif", "+15085550111", "BAYVIEW")])
    door = FakeDoor()
    door.failures_left = 1
    poller = FaxPoller(carrier, door, 0.05)
    with pytest.raises(StorageFailed):
        await poller.poll()
    assert list(carrier.waiting) == ["r1"]
    started = time.time()
    async with running(poller.run):
        await until(lambda: not carrier.waiting)
    (envelope,) = door.envelopes.values()
    assert (envelope.source_id, envelope.sender, envelope.station_id) == ("fax:carrier:r1", "+15085550111", "BAYVIEW")
    assert poller.last_heard_at >= started
