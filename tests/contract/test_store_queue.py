"""What the review queue asks of the store: what every database must answer alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import Arrival, Candidate, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Status
from gateway.domain.standing import FilingEffect, Standing
from gateway.domain.task import TaskKind
from gateway.errors import NotFound, StaleRow
from gateway.services.queue_questions import Blocked, Note, Place, Tally, Wanted, Whose
from gateway.storage.store import SqlStore, SqlTransaction
from parsers.reading import Document, Page, Person, Reading, Role
from tests.builders import NOON, a_patient, an_envelope, an_intake
from tests.contract.stores import NUMBERS, opened, with_recipient

LATER = NOON + timedelta(minutes=10)
ANYTHING = Wanted("Lena")


def a_reading(*texts: str, kind: DocumentKind = DocumentKind.CONSULT_NOTE) -> Reading:
    """One page and one document a text."""
    return Reading(
        "image/tiff",
        tuple(Page(n, text, rotation=90 * n) for n, text in enumerate(texts)),
        tuple(Document((n,), kind, 0.9, text=text) for n, text in enumerate(texts)),
    )


def taken(tx: SqlTransaction, source: str, channel: Channel = Channel.FAX) -> Arrival:
    envelope = an_envelope(source_id=source, channel=channel)
    return tx.add_arrival(envelope, f"{abs(hash(source)):064x}"[:64], 9, NOON)[0]


def queued(
    tx: SqlTransaction,
    source: str,
    *texts: str,
    channel: Channel = Channel.FAX,
    kind: DocumentKind = DocumentKind.CONSULT_NOTE,
    candidates: tuple[int, ...] = (),
) -> list[Part]:
    """Parts in review, one a text."""
    reading = a_reading(*texts or ("Dear Dr. Marsh",), kind=kind)
    arrival = taken(tx, source, channel)
    read = Event(EventKind.DOCUMENT_READ, NOON, arrival_id=arrival.id)
    return [
        tx.queue_part(
            part,
            "too little says whose it is",
            [Candidate(part.id, id_, rank, 0.5, ("birth date agrees",)) for rank, id_ in enumerate(candidates, 1)],
            "{}",
            NOON,
        )
        for part in tx.record_reading(arrival, reading, reading.documents, read)
    ]


def unreadable(tx: SqlTransaction, source: str) -> int:
    arrival = taken(tx, source)
    tx.record_unreadable(arrival, "the PDF is encrypted", Event(EventKind.DOCUMENT_UNREADABLE, NOON))
    return -arrival.id


def ids(tx: SqlTransaction, wanted: Wanted = ANYTHING, after: Place | None = None, limit: int = 50) -> list[int]:
    return [row.id for row in tx.waiting(wanted, after or Place.start(), limit)]


def test_what_waits_stands_in_the_order_it_came_and_is_paged_without_a_gap(store: SqlStore) -> None:
    with store.transaction() as tx:
        first, second = queued(tx, "1", "one", "two")
        broken = unreadable(tx, "2")
        (last,) = queued(tx, "3")
        everything = [first.id, second.id, broken, last.id]
        assert ids(tx) == everything
        paged: list[int] = []
        after = Place.start()
        while rows := tx.waiting(ANYTHING, after, 1):
            paged.append(rows[0].id)
            after = rows[0].place
        assert paged == everything
        assert [tx.place_of(item) for item in everything] == [
            row.place for row in tx.waiting(ANYTHING, Place.start(), 9)
        ]


def test_a_row_tells_the_best_guess_with_its_patient_and_what_was_put_on_it(store: SqlStore) -> None:
    recipient = with_recipient(store)
    with store.transaction() as tx:
        mine = opened(tx, 0, an_intake(recipient_id=recipient))
        other = opened(tx, 1, an_intake(external_id="2", recipient_id=recipient, patient=a_patient(family="Brandt")))
        (part,) = queued(tx, "1", candidates=(mine.id, other.id))
        tx.mark_assigned(part.id, "Lena", Event(EventKind.PART_ASSIGNED, NOON, "Lena", part_id=part.id))
        tx.mark_labelled(part.id, "call first", Event(EventKind.PART_LABELLED, NOON, "Lena", part_id=part.id))
        tx.add_note(part.id, Note(NOON, "Lena", "they close at four"), Event(EventKind.PART_NOTED, NOON, "Lena"))
        (row,) = tx.waiting(ANYTHING, Place.start(), 9)
        assert row.guess is not None
        assert (row.guess.number, row.guess.family) == (NUMBERS[0], "Okafor")
        assert (row.mark.assigned_to, row.mark.label, row.notes) == ("Lena", "call first", 1)
        assert tx.notes(part.id) == [Note(NOON, "Lena", "they close at four")]
        assert [(c.rank, r.id) for c, r in tx.candidates_of(part.id)] == [(1, mine.id), (2, other.id)]
        assert tx.recipients_among([recipient, recipient, 99]) == {recipient: tx.recipient(recipient)}
        assert "they close" not in str([chained.event for chained in tx.events()])


def test_filters_narrow_by_kind_way_in_and_person(store: SqlStore) -> None:
    with store.transaction() as tx:
        (note,) = queued(tx, "1")
        (notice,) = queued(tx, "2", channel=Channel.EMAIL, kind=DocumentKind.APPOINTMENT_NOTICE)
        broken = unreadable(tx, "3")
        tx.mark_assigned(notice.id, "Lena", Event(EventKind.PART_ASSIGNED, NOON))
        tx.mark_assigned(broken, "Omar", Event(EventKind.PART_ASSIGNED, NOON))
        assert ids(tx, replace(ANYTHING, kind=DocumentKind.APPOINTMENT_NOTICE)) == [notice.id]
        assert ids(tx, replace(ANYTHING, channel=Channel.FAX)) == [note.id, broken]
        assert ids(tx, replace(ANYTHING, is_unreadable=True)) == [broken]
        assert ids(tx, replace(ANYTHING, whose=Whose.MINE)) == [notice.id]
        assert ids(tx, replace(ANYTHING, whose=Whose.UNASSIGNED)) == [note.id]
        assert tx.tally() == Tally(3, {"Lena": 1, "Omar": 1})
        assert tx.people_at_the_desk() == ["Lena", "Omar"]


def test_words_are_found_by_their_beginning_without_case_and_accents(store: SqlStore) -> None:
    with store.transaction() as tx:
        (first,) = queued(tx, "1", "Echocardiogram of José Núñez, born 04/23/1961, is normal")
        (second,) = queued(tx, "2", "Echo of Maria Okafor shows nothing")
        unreadable(tx, "3")

        def found(typed: str) -> list[int]:
            return ids(tx, replace(ANYTHING, searched=typed))

        assert found("echo") == [first.id, second.id]
        assert found("nunez jose") == [first.id]
        assert found("NÚÑ") == [first.id]
        assert found("04/23/1961") == [first.id]
        assert found("okafor nunez") == []
        assert found("cardiogram") == []
        assert found("'; DROP TABLE parts; \" * -- ") == []
        assert len(found(" \" * ' ")) == 3, "no word at all is no search"


def test_a_person_named_only_by_the_reading_is_found_too(store: SqlStore) -> None:
    document = Document((0,), DocumentKind.OTHER, 0.3, people=(Person(Role.PATIENT, "Okafor", "Maria", mrn="0048213"),))
    reading = Reading("image/tiff", (Page(0),), (document,))
    with store.transaction() as tx:
        (part,) = tx.record_reading(taken(tx, "1"), reading, reading.documents, Event(EventKind.DOCUMENT_READ, NOON))
        tx.queue_part(part, "why", (), "{}", NOON)
        assert ids(tx, replace(ANYTHING, searched="okafor")) == [part.id]
        assert ids(tx, replace(ANYTHING, searched="0048213")) == [part.id]


def test_a_hold_is_one_persons_until_it_is_over_or_given_up(store: SqlStore) -> None:
    soon = NOON + timedelta(seconds=90)
    with store.transaction() as tx:
        (part,) = queued(tx, "1")
        assert tx.hold(part.id, "Lena", NOON, soon).holder(NOON) == "Lena"
        assert tx.hold(part.id, "Omar", NOON, soon).holder(NOON) == "Lena"
        assert tx.hold(part.id, "Lena", NOON, LATER).held_until == LATER
        tx.release(part.id, "Omar")
        assert tx.mark(part.id).holder(NOON) == "Lena"
        assert tx.hold(part.id, "Omar", LATER, LATER + timedelta(seconds=90)).holder(LATER) == "Omar"
        tx.release(part.id, "Omar")
        assert tx.mark(part.id).holder(LATER) == ""


def test_the_next_one_is_behind_this_one_and_nobody_elses(store: SqlStore) -> None:
    with store.transaction() as tx:
        first, second, third = (queued(tx, str(n))[0] for n in range(3))
        tx.hold(second.id, "Omar", NOON, LATER)
        assert tx.next_waiting(ANYTHING, Place.start(), NOON) == first.id
        assert tx.next_waiting(ANYTHING, tx.place_of(first.id), NOON) == third.id
        assert tx.next_waiting(ANYTHING, tx.place_of(first.id), LATER) == second.id
        assert tx.next_waiting(replace(ANYTHING, person="Omar"), tx.place_of(first.id), NOON) == second.id
        assert tx.next_waiting(ANYTHING, tx.place_of(third.id), NOON) is None


def test_what_is_put_on_an_unreadable_document_goes_along_when_it_is_settled(store: SqlStore) -> None:
    with store.transaction() as tx:
        item = unreadable(tx, "1")
        tx.mark_assigned(item, "Lena", Event(EventKind.PART_ASSIGNED, NOON))
        tx.add_note(item, Note(NOON, "Lena", "asked them again"), Event(EventKind.PART_NOTED, NOON))
        part = tx.part_for_unreadable(-item, NOON)
        assert tx.mark(part.id).assigned_to == "Lena"
        assert [note.text for note in tx.notes(part.id)] == ["asked them again"]
        assert tx.notes(item) == []


def test_what_is_settled_is_listed_newest_first_and_searched(store: SqlStore) -> None:
    recipient = with_recipient(store)
    with store.transaction() as tx:
        referral = opened(tx, 0, an_intake(recipient_id=recipient))
        filed, ad, kept = (queued(tx, str(n), text)[0] for n, text in enumerate(("Okafor", "toner sale", "a referral")))
        tx.file_part(filed, [referral.id], "{}", NOON, "Lena")
        tx.discard_part(ad, "advertisement", LATER, "Omar")
        tx.keep_part(kept, "new referral to us", LATER + timedelta(minutes=1), "Omar")
        every = (PartState.FILED, PartState.DISCARDED, PartState.KEPT)
        assert [row.part.id for row in tx.settled(every, "", 9)] == [kept.id, ad.id, filed.id]
        (found,) = tx.settled(every, "tone", 9)
        assert (found.part.id, found.is_purged, found.filed_on) == (ad.id, False, ())
        (on,) = tx.settled([PartState.FILED], "", 9)[0].filed_on
        assert (on.number, on.family) == (NUMBERS[0], "Okafor")
        assert tx.filed_numbers(filed.id) == [on]


def test_the_effect_of_a_filing_is_kept_and_goes_with_it(store: SqlStore) -> None:
    recipient = with_recipient(store)
    with store.transaction() as tx:
        referral = opened(tx, 0, an_intake(recipient_id=recipient))
        part, later = (queued(tx, str(n))[0] for n in range(2))
        standing = Standing.of(referral)
        effect = FilingEffect(standing, replace(standing, status=Status.SENT), (4, 5), (6,), recipient)
        tx.file_part(part, [referral.id], "{}", NOON, "Lena")
        assert tx.effects_of(part.id) == [(referral.id, None)]
        tx.keep_effect(part.id, referral.id, effect)
        tx.file_part(later, [referral.id], "{}", LATER, "Lena")
        tx.keep_effect(later.id, referral.id, replace(effect, opened_tasks=()))
        assert tx.effects_of(part.id) == [(referral.id, effect)]
        assert tx.later_effects(part.id, referral.id) == [(later.id, replace(effect, opened_tasks=()))]
        assert tx.later_effects(later.id, referral.id) == []
        back = tx.take_back(tx.part(part.id), Event(EventKind.PART_TAKEN_BACK, LATER, "Lena", part_id=part.id))
        assert (back.state, back.settled_by, tx.effects_of(part.id)) == (PartState.UNMATCHED, "", [])
        with pytest.raises(StaleRow, match="nothing to take back"):
            tx.take_back(back, Event(EventKind.PART_TAKEN_BACK, LATER))


def test_tasks_are_done_and_opened_again_each_with_its_event_and_never_twice(store: SqlStore) -> None:
    recipient = with_recipient(store)
    with store.transaction() as tx:
        referral = opened(tx, 0, an_intake(recipient_id=recipient))
        call = tx.open_task(referral.id, TaskKind.CALL, "call them", NOON, None)
        tx.finish_tasks([call.id], NOON, "Lena")
        tx.finish_tasks([call.id], NOON, "Lena")
        assert tx.open_tasks_of(referral.id) == []
        again = tx.open_task(referral.id, TaskKind.CALL, "call them again", LATER, None)
        tx.reopen_tasks([call.id], LATER, "Lena")
        assert tx.open_tasks_of(referral.id) == [again]
        tx.finish_tasks([again.id], LATER, "Lena")
        tx.reopen_tasks([call.id], LATER, "Lena")
        assert [task.text for task in tx.open_tasks_of(referral.id)] == ["call them"]
        kinds = [chained.event.kind for chained in tx.events(referral_id=referral.id)]
        assert (kinds.count(EventKind.TASK_DONE), kinds.count(EventKind.TASK_OPENED)) == (2, 3)


def test_a_blocked_sender_is_blocked_once_and_can_be_let_in_again(store: SqlStore) -> None:
    with store.transaction() as tx:
        for _ in range(2):
            tx.block_sender("+18005550198", "advertisement", NOON, "Lena")
        tx.block_sender("", "advertisement", NOON, "Lena")
        assert tx.is_blocked("+18005550198")
        assert tx.blocked_senders() == [Blocked("+18005550198", NOON, "Lena", "advertisement")]
        assert not tx.is_blocked("")
        tx.unblock_sender("+18005550198", LATER, "Lena")
        assert not tx.is_blocked("+18005550198")
        kinds = [chained.event.kind for chained in tx.events()]
        assert kinds == [EventKind.SENDER_BLOCKED, EventKind.SENDER_UNBLOCKED]


def test_parts_give_way_to_another_arrangement_and_keep_their_ids(store: SqlStore) -> None:
    with store.transaction() as tx:
        first, second = queued(tx, "1", "about Okafor", "about Brandt")
        arrival = tx.arrival(first.arrival_id)
        was = tx.reading_of(arrival.id)
        assert was is not None
        together = Document((1, 0), DocumentKind.OTHER, 0.4, text="about both")
        reading = replace(was, documents=(*was.documents, together))
        event = Event(EventKind.PART_REARRANGED, NOON, "Lena", arrival_id=arrival.id)
        asked = tx.ask_arrangement([first, second], [[(1, 90), (0, 0)]], "joined by Lena", NOON, "Lena")
        assert [tx.part(one.id).state for one in (first, second)] == [PartState.ARRANGING] * 2
        assert ids(tx) == [first.id, second.id], "it stands in the list while it is read"
        assert tx.next_waiting(ANYTHING, Place.start(), NOON) is None, "but nobody is led to it"
        assert tx.first_pages_waiting(9) == []
        with pytest.raises(StaleRow):
            tx.ask_arrangement([first], [[(0, 0)]], "again", NOON, "Omar")
        with pytest.raises(StaleRow, match="being arranged"):
            tx.read_again(arrival, event)
        leased = tx.lease_arrangement(NOON, LATER)
        assert leased is not None
        assert leased == replace(asked, attempts=1, lease_until=LATER)
        assert leased.groups == (((1, 90), (0, 0)),)
        assert (tx.lease_arrangement(NOON, LATER), tx.being_read()) == (None, 1)
        (new,) = tx.rearrange(leased, arrival, reading, [together], event)
        tx.settle_arrangement(leased, [new], LATER)
        ended = tx.arrangement_of(first.id)
        assert ended == replace(leased, lease_until=None, ended_at=LATER, new_ids=(new.id,))
        assert tx.lease_arrangement(LATER + timedelta(days=1), LATER + timedelta(days=2)) is None
        assert (new.index, new.pages, new.state) == (2, (1, 0), PartState.UNMATCHED)
        assert [part.state for part in tx.parts_of(arrival.id)] == [PartState.REPLACED] * 2 + [PartState.UNMATCHED]
        assert [tx.page_rotation(arrival.id, n) for n in (0, 1, 2)] == [0, 90, 0]
        tx.queue_part(new, "joined", (), "{}", NOON)
        assert ids(tx, replace(ANYTHING, searched="about okafor")) == []
        assert ids(tx, replace(ANYTHING, searched="both")) == [new.id]
        with pytest.raises(StaleRow):
            tx.rearrange(leased, arrival, reading, [together], event)


def test_an_arrangement_given_up_leaves_its_parts_as_they_were_with_the_reason(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral = opened(tx)
        (part,) = queued(tx, "1", "about Okafor", candidates=(referral.id,))
        asked = tx.ask_arrangement([part], [[(0, 180)]], "turned by Lena", NOON, "Lena")
        tx.lease_arrangement(NOON, LATER)
        tx.release_arrangement(asked)
        again = tx.lease_arrangement(NOON, LATER)
        assert again is not None
        assert again.attempts == 2
        tx.give_up_arrangement(again, "the reader died", LATER)
        back = tx.part(part.id)
        assert (back.state, back.reason) == (PartState.REVIEW, f"the reader died; {part.reason}")
        assert [found.id for _, found in tx.candidates_of(part.id)] == [referral.id]
        assert tx.first_pages_waiting(9) == [(part.arrival_id, 0)]
        with pytest.raises(StaleRow):
            tx.give_up_arrangement(again, "the reader died", LATER)


def test_a_document_is_read_again_unless_something_of_it_is_settled(store: SqlStore) -> None:
    event = Event(EventKind.DOCUMENT_READ_AGAIN, NOON, "Lena")
    with store.transaction() as tx:
        first, second = queued(tx, "1", "one", "two")
        arrival = tx.arrival(first.arrival_id)
        tx.read_again(arrival, event)
        assert ids(tx) == []
        unread = tx.lease_unread_arrival(NOON, LATER)
        assert unread is not None
        reading = a_reading("three")
        (new,) = tx.record_reading(unread, reading, reading.documents, event)
        assert (new.index, new.id > second.id) == (0, True)
        tx.discard_part(tx.queue_part(new, "why", (), "{}", NOON), "advertisement", NOON, "Lena")
        with pytest.raises(StaleRow, match="take that back"):
            tx.read_again(tx.arrival(arrival.id), event)


def test_an_unreadable_document_is_read_again_too(store: SqlStore) -> None:
    with store.transaction() as tx:
        item = unreadable(tx, "1")
        tx.read_again(tx.arrival(-item), Event(EventKind.DOCUMENT_READ_AGAIN, NOON))
        assert tx.lease_unread_arrival(NOON, LATER) is not None


def test_referrals_are_found_by_the_beginning_of_a_family_name_drafts_not(store: SqlStore) -> None:
    recipient = with_recipient(store)
    with store.transaction() as tx:
        for n, family in enumerate(("Okafor", "Okonkwo", "Brandt")):
            patient = a_patient(family=family, given=f"P{n}")
            opened(tx, n, an_intake(external_id=str(n), recipient_id=recipient, patient=patient))
        opened(tx, 3, an_intake(external_id="d", recipient_id=recipient, is_draft=True))
        assert [referral.number for referral in tx.referrals_named("ok", 9)] == [NUMBERS[1], NUMBERS[0]]
        assert [referral.number for referral in tx.referrals_named("okaf", 9)] == [NUMBERS[0]]
        assert tx.referrals_named("%", 9) == []


def test_what_is_forgotten_leaves_no_words_and_no_notes(store: SqlStore) -> None:
    with store.transaction() as tx:
        (part,) = queued(tx, "1", "toner sale")
        tx.add_note(part.id, Note(NOON, "Lena", "about Maria"), Event(EventKind.PART_NOTED, NOON))
        tx.discard_part(part, "advertisement", NOON, "Lena")
        assert not tx.is_purged(part.arrival_id)
        (arrival,) = tx.purgeable(LATER)
        tx.record_purged(arrival, LATER)
        assert tx.is_purged(part.arrival_id)
        assert tx.settled([PartState.DISCARDED], "toner", 9) == []
        assert tx.settled([PartState.DISCARDED], "", 9)[0].is_purged
        assert tx.notes(part.id) == []


def test_kept_papers_and_those_of_a_part_taken_back_are_never_purged(store: SqlStore) -> None:
    with store.transaction() as tx:
        kept, back = (queued(tx, str(n))[0] for n in range(2))
        tx.keep_part(kept, "new referral to us", NOON, "Lena")
        tx.discard_part(back, "advertisement", NOON, "Lena")
        tx.take_back(tx.part(back.id), Event(EventKind.PART_TAKEN_BACK, NOON))
        assert tx.purgeable(LATER) == []


def test_an_item_that_never_was_has_no_place(store: SqlStore) -> None:
    with store.transaction() as tx, pytest.raises(NotFound):
        tx.place_of(404)
