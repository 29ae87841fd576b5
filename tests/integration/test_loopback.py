"""The loopback exchange with its faults, after crashes and between processes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from outbound.carriers.loopback import LoopbackFax, send_fax
from outbound.sender import Accepted, Cause, Deferred, DeliveryState, DeliveryStatus, Outcome, ReceivedFax
from tests.contract.rigs import commit_nothing, tiff_packet, tiff_pages

CLINIC, OFFICE = "+15085550100", "+15085550199"
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Hands:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time


def scripted(exchange: Path, lines: str, number: str = OFFICE) -> None:
    exchange.mkdir(exist_ok=True)
    (exchange / "script.toml").write_text(f'["{number}"]\n{lines}\n')


async def told(fax: LoopbackFax, outcome: Outcome) -> DeliveryStatus:
    assert isinstance(outcome, Accepted)
    status = await fax.status(outcome.reference)
    assert status.is_simulated
    assert status.detail.startswith("SIMULATED")
    return status


async def received(exchange: Path, number: str = OFFICE) -> list[ReceivedFax]:
    return [fax async for fax in LoopbackFax(exchange, number, lambda: START).fetch_received()]


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        ("voice = true", Cause.NOT_A_FAX),
        ("wrong_number = true", Cause.WRONG_NUMBER),
        ("rejected = true", Cause.REJECTED),
        ("no_answer = 9", Cause.NO_ANSWER),
        ("cut_after_page = 0", Cause.LINE),
    ],
)
async def test_a_call_that_fails_lands_nothing(tmp_path: Path, lines: str, cause: Cause) -> None:
    exchange = tmp_path / "exchange"
    scripted(exchange, lines)
    fax = LoopbackFax(exchange, CLINIC, lambda: START)
    status = await told(fax, await fax.submit(tiff_packet(tmp_path, 2), OFFICE, "k", commit_nothing))
    assert (status.state, status.cause, status.pages_confirmed) == (DeliveryState.FAILED, cause, 0)
    assert await received(exchange) == []


async def test_busy_twice_then_through_and_each_key_keeps_its_own_fate(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    scripted(exchange, "busy = 2")
    fax = LoopbackFax(exchange, CLINIC, lambda: START)
    outcomes = [await fax.submit(tiff_packet(tmp_path, 1), OFFICE, f"k{n}", commit_nothing) for n in (1, 1, 2, 3)]
    states = [(await told(fax, outcome)).cause for outcome in outcomes]
    assert states == [Cause.BUSY, Cause.BUSY, Cause.BUSY, Cause.NONE]
    assert len(await received(exchange)) == 1


async def test_a_cut_line_leaves_the_pages_so_far_marked_partial(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    scripted(exchange, "cut_after_page = 2")
    fax = LoopbackFax(exchange, CLINIC, lambda: START)
    packet = tiff_packet(tmp_path, 4)
    status = await told(fax, await fax.submit(packet, OFFICE, "k", commit_nothing))
    assert (status.state, status.cause, status.pages_confirmed) == (DeliveryState.FAILED, Cause.LINE, 2)
    (partial,) = await received(exchange)
    assert partial.is_partial
    with Image.open(partial.path) as got, Image.open(packet.path) as sent:
        assert (getattr(got, "n_frames", 0), got.info["dpi"], got.info["compression"]) == (
            2,
            sent.info["dpi"],
            "group4",
        )
        for page in (0, 1):
            got.seek(page)
            sent.seek(page)
            assert got.tobytes() == sent.tobytes()


async def test_an_accepted_call_may_be_silent_for_ever_and_only_it_can_be_cancelled(tmp_path: Path) -> None:
    exchange, hands = tmp_path / "exchange", Hands()
    scripted(exchange, "silent = true")
    fax = LoopbackFax(exchange, CLINIC, hands.now)
    outcome = await fax.submit(tiff_packet(tmp_path, 1), OFFICE, "k", commit_nothing)
    hands.time += timedelta(days=30)
    assert (await told(fax, outcome)).state is DeliveryState.SENDING
    assert isinstance(outcome, Accepted)
    assert await fax.cancel(outcome.reference)
    assert (await told(fax, outcome)).state is DeliveryState.CANCELLED


async def test_a_late_receipt_comes_when_its_time_has_come(tmp_path: Path) -> None:
    exchange, hands = tmp_path / "exchange", Hands()
    scripted(exchange, "late_seconds = 5")
    fax = LoopbackFax(exchange, CLINIC, hands.now)
    outcome = await fax.submit(tiff_packet(tmp_path, 1), OFFICE, "k", commit_nothing)
    assert len(await received(exchange)) == 1
    assert (await told(fax, outcome)).state is DeliveryState.SENDING
    hands.time += timedelta(seconds=5)
    assert (await told(fax, outcome)).state is DeliveryState.DELIVERED


async def test_what_waits_stays_until_forgotten_and_is_never_deleted(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    first, second = tiff_pages(1), tiff_pages(2)
    ids = [send_fax(exchange, OFFICE, CLINIC, data, "OFFICE FAX") for data in (first, second)]
    fax = LoopbackFax(exchange, CLINIC, lambda: START)
    waiting = [one async for one in fax.fetch_received()]
    assert [one.source_id for one in waiting] == ids
    assert [one.path.read_bytes() for one in waiting] == [first, second]
    assert (waiting[0].sender_number, waiting[0].station_id, waiting[0].called_number) == (OFFICE, "OFFICE FAX", CLINIC)
    await fax.forget(ids[0])
    await fax.forget(ids[0])
    await fax.forget("../../etc/passwd")
    assert [one.source_id async for one in fax.fetch_received()] == ids[1:]
    assert (exchange / CLINIC[1:] / "taken" / f"{ids[0]}.tiff").read_bytes() == first


async def test_a_tiff_without_its_sidecar_is_not_yet_there(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    source_id = send_fax(exchange, OFFICE, CLINIC, tiff_pages(1))
    (exchange / CLINIC[1:] / f"{source_id}.json").unlink()
    assert await received(exchange, CLINIC) == []


async def test_an_announcement_may_come_twice(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    scripted(exchange, "repeat_events = true", CLINIC)
    source_id = send_fax(exchange, OFFICE, CLINIC, tiff_pages(1))
    assert [one.source_id for one in await received(exchange, CLINIC)] == [source_id, source_id]


async def test_a_broken_script_defers_and_names_the_slip(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    scripted(exchange, "busy 2")
    fax = LoopbackFax(exchange, CLINIC, lambda: START)
    outcome = await fax.submit(tiff_packet(tmp_path, 1), OFFICE, "k", commit_nothing)
    assert isinstance(outcome, Deferred)
    assert "script.toml" in outcome.cause


async def test_the_sidecar_names_both_ends_and_says_simulated(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    fax = LoopbackFax(exchange, CLINIC, lambda: START)
    outcome = await fax.submit(tiff_packet(tmp_path, 2), OFFICE, "k", commit_nothing)
    (one,) = await received(exchange)
    assert isinstance(outcome, Accepted)
    sidecar = json.loads(one.path.with_suffix(".json").read_bytes())
    assert (sidecar["from"], sidecar["to"], sidecar["pages"]) == (CLINIC, OFFICE, 2)
    assert (sidecar["key"], sidecar["reference"], sidecar["line"]) == ("k", outcome.reference, "SIMULATED")
    assert one.source_id == outcome.reference


_SENDER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from outbound.carriers.loopback import LoopbackFax
from outbound.sender import Packet

async def main(exchange, path):
    async def commit(reference):
        print("sending", flush=True)
    fax = LoopbackFax(Path(exchange), "+15085550100", lambda: datetime.now(UTC))
    packet = Packet(Path(path), "image/tiff", 2, "4K7M-92XQ")
    for number in range(1000):
        await fax.submit(packet, "+15085550199", f"key-{number}", commit)

asyncio.run(main(*sys.argv[1:]))
"""


def killed_sender(exchange: Path, packet: Path, seconds: float) -> None:
    """A process that sends, killed so long after its first commit."""
    child = subprocess.Popen([sys.executable, "-c", _SENDER, str(exchange), str(packet)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()


@pytest.mark.slow
async def test_after_kill_9_at_any_moment_each_key_is_found_and_lands_once_or_surely_not_at_all(tmp_path: Path) -> None:
    exchange, packet, rng = tmp_path / "exchange", tiff_packet(tmp_path, 2), random.Random(7)
    for _ in range(8):
        killed_sender(exchange, packet.path, rng.uniform(0.0, 0.4))
    fax = LoopbackFax(exchange, CLINIC, lambda: datetime.now(UTC))
    placed = [key for key in (f"key-{n}" for n in range(1000)) if await fax.find(key)]
    assert placed
    for key in placed:
        assert (await told(fax, await fax.submit(packet, OFFICE, key, commit_nothing))).state is DeliveryState.DELIVERED
    landed = await received(exchange)
    assert len(landed) == len(placed)
    assert {one.path.read_bytes() for one in landed} == {packet.path.read_bytes()}
