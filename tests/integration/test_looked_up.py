"""A packet that nobody answered for: left alone until the carrier's list can be trusted, then found or sent again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain.event import EventKind
from gateway.domain.transmission import TransmissionState
from gateway.storage.store import SqlStore
from gateway.testing import RecordingSender, memory_store
from outbound.sender import Deferred
from tests.rigs.cloud_server import Answer, Fault
from tests.rigs.sending_desk import SendingDesk
from tests.rigs.sinch_server import SinchServer, sinch_server

T = TransmissionState


@pytest.fixture(name="store")
def a_store() -> Iterator[SqlStore]:
    store = memory_store()
    yield store
    store.close()


@pytest.fixture(name="sinch")
def a_sinch() -> Iterator[SinchServer]:
    with sinch_server() as server:
        yield server


def a_desk(store: SqlStore, folder: Path, sinch: SinchServer) -> SendingDesk:
    desk = SendingDesk(store, folder, sinch.carrier(folder))
    desk.clock.at = datetime.now(UTC)
    return desk


async def test_a_packet_that_was_taken_in_silence_is_found_and_not_sent_again(
    store: SqlStore, tmp_path: Path, sinch: SinchServer
) -> None:
    desk = a_desk(store, tmp_path, sinch)
    sinch.http.faults.append(Fault("POST", "/faxes", is_done=True))
    sinch.http.faults += [Fault("GET", "/faxes", Answer(body={"faxes": []}))] * 2  # before and after
    await desk.send()
    assert (desk.rows[0].state, desk.tasks) == (T.SENDING, [])
    assert await desk.reconcile() == 0, "its time to settle is not over"
    desk.later(seconds=121)
    assert await desk.reconcile() == 1
    assert desk.rows[0].state is T.ACCEPTED
    await desk.poll()
    assert (desk.rows[0].state, desk.rows[0].pages_confirmed, len(sinch.forms)) == (T.DELIVERED, 2, 1)
    assert desk.events(EventKind.TRANSMISSION_PRICED) == [{"amount": "0.0700", "currency": "USD"}]


async def test_a_packet_that_never_arrived_is_sent_again_but_not_for_ever(
    store: SqlStore, tmp_path: Path, sinch: SinchServer
) -> None:
    desk = a_desk(store, tmp_path, sinch)
    for _ in range(20):
        sinch.http.faults.append(Fault("POST", "/faxes"))
        await desk.send()
        if desk.rows[0].state is T.FAILED:
            break
        desk.later(seconds=121)
        await desk.reconcile()
        desk.later(hours=2)
    assert desk.rows[0].state is T.FAILED
    assert desk.rows[0].attempts == 4, "at once, and after 5, 15 and 60 minutes, as whatever is deferred"
    assert sinch.forms == []
    assert [task.kind.value for task in desk.tasks] == ["fix_destination"]


async def test_a_daemon_that_starts_while_the_carrier_is_down_starts_and_asks_later(
    store: SqlStore, tmp_path: Path, sinch: SinchServer
) -> None:
    desk = a_desk(store, tmp_path, sinch)
    sinch.http.faults.append(Fault("POST", "/faxes", is_done=True))
    sinch.http.faults += [Fault("GET", "/faxes", Answer(body={"faxes": []}))] * 2  # before and after
    await desk.send()
    sinch.http.faults.append(Fault("GET", "/faxes", Answer(500)))
    assert await desk.reconcile(at_start=True) == 0
    assert desk.rows[0].state is T.SENDING
    assert await desk.reconcile() == 1
    assert desk.rows[0].state is T.ACCEPTED


async def test_what_a_daemon_that_died_a_moment_ago_was_sending_is_not_sent_again_at_once(
    store: SqlStore, tmp_path: Path, sinch: SinchServer
) -> None:
    """The request may still be on its way through the carrier's machines."""
    desk = a_desk(store, tmp_path, sinch)
    sinch.http.faults.append(Fault("POST", "/faxes"))
    await desk.send()
    assert await desk.reconcile(at_start=True) == 0
    assert desk.rows[0].state is T.SENDING


async def test_the_carriers_patience_is_kept_where_it_is_longer_than_ours(store: SqlStore, tmp_path: Path) -> None:
    desk = SendingDesk(store, tmp_path, RecordingSender([Deferred("busy", 3000), Deferred("busy", 1)]))
    await desk.send()
    assert desk.rows[0].next_attempt_at == desk.clock.now() + timedelta(seconds=3000)
    desk.later(seconds=3000)
    await desk.send()
    assert desk.rows[0].next_attempt_at is not None
    assert desk.rows[0].next_attempt_at >= desk.clock.now() + timedelta(minutes=15)
