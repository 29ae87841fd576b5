"""The sending ledger: what every database must answer."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from config.vocabulary import Channel
from gateway.domain.event import Event, EventKind
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.errors import StaleRow
from gateway.storage.store import SqlStore, SqlTransaction
from tests.builders import NOON, SHA
from tests.contract.stores import opened, with_recipient

T = TransmissionState
LATER = NOON + timedelta(minutes=20)


def intended(tx: SqlTransaction, referral_id: int, key: str = "k1") -> Transmission:
    return tx.intend_transmission(
        referral_id=referral_id,
        purpose=Purpose.REQUEST,
        channel=Channel.FAX,
        destination="+15085550101",
        key=key,
        requested_by="Lena",
        at=NOON,
    )


def moved(tx: SqlTransaction, row: Transmission, state: T, expected: T) -> Transmission:
    event = Event(EventKind.TRANSMISSION_MOVED, NOON, transmission_id=row.id)
    return tx.save_transmission(replace(row, state=state), expected, event)


def test_an_intent_is_kept_once_and_counted_within_its_referral(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral, other = opened(tx, 0), opened(tx, 1)
        first = intended(tx, referral.id)
        assert (first.ordinal, first.state, first.next_attempt_at) == (1, T.INTENDED, NOON)
        assert intended(tx, referral.id) == first
        second = intended(tx, referral.id, "k2")
        assert (second.ordinal, intended(tx, other.id, "k3").ordinal) == (2, 1)
        assert tx.transmissions_of(referral.id) == [first, second]
        assert tx.transmission_keyed("k2") == second == tx.transmission(second.id)
        assert tx.transmission_keyed("k9") is None
        assert [e.event.kind for e in tx.events()].count(EventKind.TRANSMISSION_INTENDED) == 3


def test_due_is_what_nobody_has_and_whose_time_has_come(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        id_ = opened(tx).id
        row, later = intended(tx, id_), intended(tx, id_, "k2")
        later = tx.save_transmission(replace(later, next_attempt_at=LATER), T.INTENDED, None)
        assert tx.transmissions_due(NOON, Channel) == [row]
        leased = tx.lease_transmission(row.id, NOON, LATER)
        assert leased == replace(row, lease_until=LATER)
        assert tx.lease_transmission(row.id, NOON, LATER) is None
        assert tx.transmissions_due(NOON, Channel) == []
        assert tx.transmissions_due(LATER, Channel) == [leased, later]
        assert tx.lease_transmission(row.id, LATER, LATER + timedelta(minutes=1)) is not None
        assert tx.release_leases() == 1
        assert tx.transmissions_due(NOON, Channel) == [row]


def test_a_step_is_taken_from_the_state_it_was_meant_for(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        row = intended(tx, opened(tx).id)
        full = replace(
            row,
            state=T.SENDING,
            packet_sha256=SHA,
            pages=3,
            pages_confirmed=2,
            carrier="loopback",
            carrier_reference="r\0-1",
            cause="line: cut",
            is_simulated=True,
            submitted_at=NOON,
            ended_at=LATER,
            attempts=1,
            dials=4,
        )
        tx.save_transmission(full, T.INTENDED, Event(EventKind.TRANSMISSION_MOVED, NOON, transmission_id=row.id))
        assert tx.transmission(row.id) == replace(full, carrier_reference="r\N{REPLACEMENT CHARACTER}-1")
        with pytest.raises(StaleRow, match="no longer intended"):
            moved(tx, row, T.CANCELLED, T.INTENDED)
        assert tx.lease_transmission(row.id, NOON, LATER) is None
        assert [t.id for t in tx.transmissions_in([T.SENDING, T.ACCEPTED])] == [row.id]
        assert tx.counts()["transmissions.sending"] == 1


def test_many_threads_at_once_send_one_packet_and_break_no_chain(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        id_ = opened(tx).id
    won: list[str] = []

    def try_to_send() -> None:
        with store.transaction() as tx:
            row = intended(tx, id_)
        with store.transaction() as tx:
            leased = tx.lease_transmission(row.id, NOON, LATER)
        if leased is None:
            return
        with store.transaction() as tx:
            moved(tx, leased, T.SENDING, T.INTENDED)
        won.append("sent")

    threads = [threading.Thread(target=try_to_send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == ["sent"]
    with store.transaction() as tx:
        assert len(tx.transmissions_of(id_)) == 1
    assert list(store.verify_chain()) == []


def test_a_transaction_inside_a_transaction_is_refused(store: SqlStore) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="pass that one on"), store.transaction():
        pass
    with store.transaction() as tx:
        assert tx.referrals() == []
