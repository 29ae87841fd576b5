"""What arrived, its parts, the queue and what is forgotten: what every database must answer."""

from datetime import timedelta

import pytest

from config.vocabulary import DocumentKind
from gateway.domain.arrival import Arrival, ArrivalState, Candidate, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Attachment
from gateway.errors import NotFound, StaleRow
from gateway.storage.store import SqlStore, SqlTransaction
from parsers.reading import Document, Page, Reading
from tests.builders import NOON, SHA, an_envelope, an_intake
from tests.contract.stores import opened, with_recipient

LATER = NOON + timedelta(minutes=10)
READ = Event(EventKind.DOCUMENT_READ, NOON)
A_READING = Reading(
    "image/tiff",
    pages=(Page(0, "Dear Dr. Marsh"), Page(1)),
    documents=(
        Document((0,), DocumentKind.CONSULT_NOTE, 0.9, text="Dear Dr. Marsh"),
        Document((1,), DocumentKind.OTHER, 0.2),
    ),
)


def arrived(tx: SqlTransaction, source: str = "loopback/1", sha256: str = SHA) -> Arrival:
    return tx.add_arrival(an_envelope(source_id=source), sha256, 1000, NOON)[0]


def parts_read(tx: SqlTransaction, source: str = "loopback/1", sha256: str = SHA) -> list[Part]:
    return tx.record_reading(arrived(tx, source, sha256), A_READING, A_READING.documents, READ)


def one_part(tx: SqlTransaction) -> Part:
    return parts_read(tx)[0]


def unreadable(tx: SqlTransaction, source: str = "loopback/9", sha256: str = "99" * 32) -> Arrival:
    arrival = arrived(tx, source, sha256)
    tx.record_unreadable(arrival, "the PDF is encrypted", Event(EventKind.DOCUMENT_UNREADABLE, NOON))
    return tx.arrival(arrival.id)


def test_the_same_source_is_taken_in_once(store: SqlStore) -> None:
    with store.transaction() as tx:
        first, is_new = tx.add_arrival(an_envelope(received_at=NOON), SHA, 1000, NOON)
        assert is_new
        assert tx.add_arrival(an_envelope(name="renamed"), "cd" * 32, 5, LATER) == (first, False)
        assert first.envelope == an_envelope(received_at=NOON)
        assert tx.knows_source("loopback/1")
        assert not tx.knows_source("loopback/2")
        assert [e.event.kind for e in tx.events()] == [EventKind.DOCUMENT_RECEIVED]


def test_the_same_content_from_elsewhere_is_linked_to_the_first(store: SqlStore) -> None:
    with store.transaction() as tx:
        first = arrived(tx)
        second, third = arrived(tx, "imap/7"), arrived(tx, "imap/8")
        assert [second.state, third.state] == [ArrivalState.DUPLICATE] * 2
        assert [second.duplicate_of, third.duplicate_of] == [first.id] * 2
        assert tx.lease_unread_arrival(NOON, LATER) is not None
        assert tx.lease_unread_arrival(NOON, LATER) is None


def test_an_empty_file_is_nobodys_duplicate(store: SqlStore) -> None:
    with store.transaction() as tx:
        states = [tx.add_arrival(an_envelope(source_id=f"scan/{n}"), SHA, 0, NOON)[0].state for n in range(2)]
    assert states == [ArrivalState.RECEIVED] * 2


def test_a_file_name_of_broken_bytes_loses_no_document(store: SqlStore) -> None:
    broken = an_envelope(source_id="folder/caf\udce9\0.pdf", name="caf\udce9\0.pdf")
    with store.transaction() as tx:
        first, _ = tx.add_arrival(broken, SHA, 1, NOON)
        assert tx.add_arrival(broken, SHA, 1, NOON) == (first, False)
        assert tx.knows_source(broken.source_id)
    assert list(store.verify_chain()) == []


def test_a_claimed_arrival_is_nobody_elses_until_its_time_is_over(store: SqlStore) -> None:
    with store.transaction() as tx:
        arrived(tx)
        claimed = tx.lease_unread_arrival(NOON, LATER)
        assert claimed is not None
        assert (claimed.attempts, claimed.lease_until) == (1, LATER)
        assert tx.lease_unread_arrival(NOON, LATER) is None
        again = tx.lease_unread_arrival(LATER, LATER + timedelta(minutes=10))
        assert again is not None
        assert again.attempts == 2
        tx.release_arrival(again.id)
        third = tx.lease_unread_arrival(LATER, LATER + timedelta(minutes=10))
        assert third is not None
        assert third.attempts == 3
        assert tx.release_leases() == 1


def test_what_was_tried_less_often_is_read_first(store: SqlStore) -> None:
    with store.transaction() as tx:
        poison, fresh = arrived(tx), arrived(tx, "imap/1", "cd" * 32)
        assert tx.lease_unread_arrival(NOON, LATER) is not None
        tx.release_arrival(poison.id)
        second = tx.lease_unread_arrival(NOON, LATER)
        assert second is not None
        assert second.id == fresh.id


def test_a_reading_is_kept_with_its_parts_and_only_once(store: SqlStore) -> None:
    with store.transaction() as tx:
        arrival = arrived(tx)
        parts = tx.record_reading(arrival, A_READING, A_READING.documents, READ)
        assert [(p.index, p.pages, p.kind, p.state) for p in parts] == [
            (0, (0,), DocumentKind.CONSULT_NOTE, PartState.UNMATCHED),
            (1, (1,), DocumentKind.OTHER, PartState.UNMATCHED),
        ]
        assert tx.reading_of(arrival.id) == A_READING
        assert tx.unmatched_parts() == parts == tx.parts_of(arrival.id)
        kept = tx.arrival(arrival.id)
        assert (kept.state, kept.pages, kept.media_type, kept.lease_until) == (
            ArrivalState.READ,
            2,
            "image/tiff",
            None,
        )
        with pytest.raises(StaleRow):
            tx.record_reading(arrival, A_READING, A_READING.documents, READ)
        with pytest.raises(StaleRow):
            tx.record_unreadable(arrival, "too late", READ)
        assert [a.id for a in tx.arrivals([ArrivalState.READ])] == [arrival.id]


def test_one_part_may_answer_several_referrals(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        first, second = opened(tx, 0), opened(tx, 1)
        part = one_part(tx)
        filed = tx.file_part(part, [first.id, second.id, first.id], '{"why": 1}', NOON, "system")
        assert (filed.state, filed.settled_by, filed.settled_at) == (PartState.FILED, "system", NOON)
        assert tx.filed_on(first.id) == tx.filed_on(second.id) == [filed]
        assert tx.evidence_of(part.id) == '{"why": 1}'
        about = [e.event.referral_id for e in tx.events() if e.event.kind is EventKind.PART_FILED]
        assert about == [first.id, second.id]
        assert EventKind.DOCUMENT_RECEIVED in [e.event.kind for e in tx.events(referral_id=first.id)]


def test_a_settled_part_stays_settled(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral = opened(tx)
        part = one_part(tx)
        filed = tx.file_part(part, [referral.id], "{}", NOON, "system")
        for stale in (part, filed):
            with pytest.raises(StaleRow):
                tx.file_part(stale, [referral.id], "{}", NOON, "Lena")
            with pytest.raises(StaleRow):
                tx.discard_part(stale, "junk", NOON, "Lena")
            with pytest.raises(StaleRow):
                tx.queue_part(stale, "unsure", [], "{}", NOON)


def test_the_queue_shows_parts_with_their_candidates_and_what_could_not_be_read(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        one, two = opened(tx, 0), opened(tx, 1)
        part, other = parts_read(tx)
        found = [
            Candidate(part.id, two.id, 2, 0.1, ("family name agrees",), ("birth date is another",)),
            Candidate(part.id, one.id, 1, 0.6, ("name agrees", "birth date agrees")),
        ]
        tx.queue_part(part, "several fit", found, '{"e": 1}', NOON)
        tx.queue_part(other, "names no referral of ours", [], "{}", NOON)
        lost = unreadable(tx)
        items = {item.id: item for item in tx.queue()}
        assert set(items) == {part.id, other.id, -lost.id}
        assert items[part.id].candidates == (found[1], found[0])
        assert (items[part.id].reason, items[part.id].arrival.id) == ("several fit", part.arrival_id)
        assert (items[-lost.id].part, items[-lost.id].reason) == (None, "the PDF is encrypted")
        assert all(tx.queue_item(id_) == item for id_, item in items.items())
        assert len(tx.queue(limit=2)) == 2
        assert tx.evidence_of(part.id) == '{"e": 1}'


def test_queue_events_hold_ids_and_no_words_of_the_document(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        one = opened(tx)
        part, other = parts_read(tx)
        found = [Candidate(part.id, one.id, 1, 0.6, ("Maria Okafor",), ("Okafor",))]
        waiting = tx.queue_part(part, "Okafor's note.pdf is damaged", found, '{"p": "Okafor"}', NOON)
        tx.discard_part(waiting, "Okafor is not ours", NOON, "Lena")
        tx.file_part(other, [one.id], '{"p": "Okafor"}', NOON, "system")
        assert "Okafor" not in str(tx.events())


def test_an_unreadable_arrival_is_settled_as_a_whole_and_once(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral = opened(tx)
        lost = unreadable(tx)
        whole = tx.part_for_unreadable(lost.id, NOON)
        assert (whole.state, whole.reason, whole.arrival_id) == (PartState.REVIEW, "the PDF is encrypted", lost.id)
        tx.file_part(whole, [referral.id], "{}", NOON, "Lena")
        assert tx.filed_on(referral.id)[0].id == whole.id
        with pytest.raises(StaleRow):
            tx.part_for_unreadable(lost.id, NOON)
        with pytest.raises(NotFound):
            tx.queue_item(-lost.id)
        assert tx.queue() == []


def discard_all(tx: SqlTransaction, parts: list[Part]) -> None:
    for part in parts:
        tx.discard_part(part, "junk", NOON, "Lena")


def test_only_what_is_wholly_discarded_for_long_enough_may_go(store: SqlStore) -> None:
    with store.transaction() as tx:
        parts = parts_read(tx)
        discard_all(tx, parts[:1])
        assert tx.purgeable(LATER) == []
        discard_all(tx, parts[1:])
        assert tx.purgeable(NOON) == []
        (old,) = tx.purgeable(LATER)
        duplicate = arrived(tx, "imap/7")
        assert [a.id for a in tx.purgeable(LATER)] == [old.id]
        tx.record_purged(old, LATER)
        tx.record_purged(old, LATER)
        assert tx.purgeable(LATER) == []
        assert tx.reading_of(old.id) is None
        assert tx.evidence_of(parts[0].id) == "{}"
        assert tx.arrival(duplicate.id).duplicate_of == old.id
        assert [e.event.kind for e in tx.events()].count(EventKind.PURGED) == 1
        again = arrived(tx, "imap/8")
        assert again.state is ArrivalState.RECEIVED, "the first is gone: this one must be read"


def test_bytes_that_a_referral_encloses_never_go(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        opened(tx, 0, an_intake(attachments=(Attachment(SHA, "labs.pdf", "application/pdf"),)))
        discard_all(tx, parts_read(tx))
        discard_all(tx, parts_read(tx, "imap/2", "77" * 32))
        assert [arrival.sha256 for arrival in tx.purgeable(LATER)] == ["77" * 32]


def test_bytes_are_named_by_an_arrival_until_it_is_purged(store: SqlStore) -> None:
    with store.transaction() as tx:
        arrival = arrived(tx)
        assert tx.unnamed([SHA, "cd" * 32]) == {"cd" * 32}
        tx.record_purged(arrival, NOON)
        assert tx.unnamed([SHA]) == {SHA}


def test_a_discarded_unreadable_arrival_may_go_too(store: SqlStore) -> None:
    with store.transaction() as tx:
        lost = unreadable(tx)
        tx.discard_part(tx.part_for_unreadable(lost.id, NOON), "junk", NOON, "Lena")
        assert [arrival.id for arrival in tx.purgeable(LATER)] == [lost.id]
