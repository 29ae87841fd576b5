"""The one contract that each carrier passes, and what only carriers that look up, report or receive must keep."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from outbound.sender import (
    Accepted,
    Deferred,
    DeliveryState,
    Outcome,
    Packet,
    Refused,
)
from tests.contract import rigs
from tests.contract.rigs import Rig, commit_nothing

RIGS = {
    "loopback": rigs.loopback_rig,
    "smtp": rigs.smtp_rig,
    "sinch": rigs.sinch_rig,
    "telnyx": rigs.telnyx_rig,
    "signalwire": rigs.signalwire_rig,
    "email": rigs.email_rig,
    "hylafax": rigs.hylafax_rig,
}
_SLOW = {"hylafax"}


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.slow] if name in _SLOW else []) for name in RIGS], name="rig"
)
async def a_rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        yield await RIGS[request.param](stack, tmp_path)


async def submit(rig: Rig, key: str = "key-1", packet: Packet | None = None) -> Outcome:
    return await rig.sender.submit(packet or rig.packet, rig.to, key, commit_nothing)


async def test_the_very_bytes_arrive_and_the_reference_is_the_one_committed(rig: Rig) -> None:
    committed: list[str] = []

    async def commit(reference: str) -> None:
        assert rig.arrived() == [], "committed only after the packet had left"
        committed.append(reference)

    outcome = await rig.sender.submit(rig.packet, rig.to, "key-1", commit)
    await rig.settle()
    assert isinstance(outcome, Accepted)
    assert [rig.content(fax) for fax in rig.arrived()] == [rig.content(rig.packet.path.read_bytes())]
    assert rig.names_it_in_its_answer or outcome.reference == committed[0]
    assert await rig.reopen().status(committed[0]) == await rig.sender.status(outcome.reference)


async def test_a_commit_that_fails_sends_nothing_and_its_error_reaches_the_caller(rig: Rig) -> None:
    async def commit(reference: str) -> None:
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="the database is gone"):
        await rig.sender.submit(rig.packet, rig.to, "key-1", commit)
    assert rig.arrived() == []
    if rig.sender.capabilities.finds_by_key:
        assert await rig.sender.find("key-1") is None


async def test_a_destination_that_cannot_work_is_refused_and_nothing_is_sent(rig: Rig) -> None:
    outcome = await rig.sender.submit(rig.packet, rig.nowhere, "key-1", commit_nothing)
    assert isinstance(outcome, Refused)
    assert outcome.cause
    assert rig.arrived() == []


async def test_no_control_character_in_a_destination_reaches_the_wire(rig: Rig) -> None:
    for evil in (f"{rig.to}\r\nRCPT TO:<evil@example.org>", f"{rig.to}\n", "../../etc", "", f"{rig.to}\0"):
        assert isinstance(await rig.sender.submit(rig.packet, evil, "key-1", commit_nothing), Refused), repr(evil)
    assert rig.arrived() == []


async def test_a_packet_of_the_wrong_kind_is_refused_before_the_commit(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "packet.txt"
    path.write_text("neither a fax nor a PDF")

    async def commit(reference: str) -> None:
        pytest.fail("committed what cannot be sent")

    wrong = dataclasses.replace(rig.packet, path=path, media_type="text/plain")
    assert isinstance(await rig.sender.submit(wrong, rig.to, "key-1", commit), Refused)


async def test_a_packet_whose_file_is_gone_is_deferred(rig: Rig, tmp_path: Path) -> None:
    gone = dataclasses.replace(rig.packet, path=tmp_path / "gone")
    assert isinstance(await submit(rig, packet=gone), Deferred)
    assert rig.arrived() == []


async def test_a_carrier_that_is_down_defers_and_keeps_nothing(rig: Rig) -> None:
    await rig.go_down()
    assert isinstance(await submit(rig), Deferred)


async def test_a_key_has_one_reference_whoever_asks_and_however_often(rig: Rig) -> None:
    first, second, other = (
        await submit(rig),
        await rig.reopen().submit(rig.packet, rig.to, "key-1", commit_nothing),
        (await submit(rig, "key-2")),
    )
    assert first == second
    assert first != other


async def test_a_carrier_that_looks_up_never_delivers_a_key_twice(rig: Rig) -> None:
    if not rig.sender.capabilities.finds_by_key:
        pytest.skip("cannot look up: the caller keeps such a packet uncertain")
    assert await rig.sender.find("key-1") is None
    for sender in (rig.sender, rig.reopen(), rig.sender):
        await sender.submit(rig.packet, rig.to, "key-1", commit_nothing)
    await rig.settle()
    assert len(rig.arrived()) == 1
    outcome = await submit(rig)
    assert isinstance(outcome, Accepted)
    assert await rig.reopen().find("key-1") == outcome.reference


async def test_delivered_means_the_pages_confirmed_are_the_pages_submitted(rig: Rig) -> None:
    outcome = await submit(rig)
    assert isinstance(outcome, Accepted)
    await rig.settle()
    status = await rig.reopen().status(outcome.reference)
    if rig.sender.capabilities.reports_delivery:
        assert status.state is DeliveryState.DELIVERED
        assert status.pages_confirmed in (rig.packet.pages, None), "None: this carrier counts no pages"
    else:
        assert status.state is not DeliveryState.DELIVERED


async def test_a_reference_nobody_gave_out_is_unknown_and_cannot_be_cancelled(rig: Rig) -> None:
    for reference in ("LB-" + "0" * 32, "<nobody@example.org>", "../../etc/passwd", ""):
        status = await rig.sender.status(reference)
        assert status.state not in (DeliveryState.DELIVERED, DeliveryState.FAILED)
        assert not await rig.sender.cancel(reference)


async def test_what_is_delivered_can_no_longer_be_cancelled(rig: Rig) -> None:
    outcome = await submit(rig)
    assert isinstance(outcome, Accepted)
    await rig.settle()
    assert not await rig.sender.cancel(outcome.reference)
