"""Referrals, directory and tasks: what every database must answer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError, StatementError

from config.policy import Clock, Span, Unit
from config.vocabulary import Channel
from gateway.domain.arrival import Candidate
from gateway.domain.event import Event, EventKind
from gateway.domain.evidence import CodeClaim, PersonClaim
from gateway.domain.referral import Attachment, Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.errors import NotFound, StaleRow
from gateway.storage.store import SqlStore, SqlTransaction
from tests.builders import NOON, a_patient, a_recipient, an_evidence, an_intake
from tests.contract.stores import NUMBERS, opened, with_recipient
from tests.contract.test_store_arrivals import one_part

MOVED = Event(EventKind.REFERRAL_MOVED, NOON)


def due(tx: SqlTransaction, referral: Referral, **changed: object) -> Referral:
    waiting = replace(referral, status=Status.SENT, clock=Clock.ACKNOWLEDGED, due_at=NOON)
    return tx.save_referral(replace(waiting, **changed), MOVED)  # type: ignore[arg-type]  # any field


def test_a_referral_comes_back_as_it_was_opened(store: SqlStore) -> None:
    with_recipient(store)
    intake = an_intake(
        icd10=("I20.9", "E11.9"),
        attachments=(Attachment("cd" * 32, "ecg.pdf", "application/pdf"),),
        patient=a_patient(family="Núñez-O'Brien", address="1 Harbor St\nBoston"),
    )
    with store.transaction() as tx:
        referral = opened(tx, intake=intake)
    with store.transaction() as tx:
        assert tx.referral(referral.id) == referral
        assert tx.referral_numbered(NUMBERS[0]) == referral
        assert tx.referral_known_as("cli", intake.external_id) == referral
        assert referral.intake == intake
        assert (referral.status, referral.version) == (Status.READY, 1)
        assert tx.referral_numbered(NUMBERS[1]) is None
        assert tx.referral_known_as("http", intake.external_id) is None


def test_drafts_are_drafts_and_lists_are_newest_first(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        opened(tx, 0, an_intake(external_id="ehr-0", is_draft=True))
        opened(tx, 1)
        opened(tx, 2)
        assert [r.number for r in tx.referrals()] == [NUMBERS[2], NUMBERS[1], NUMBERS[0]]
        assert [r.number for r in tx.referrals([Status.DRAFT])] == [NUMBERS[0]]
        assert [r.number for r in tx.referrals(limit=1)] == [NUMBERS[2]]
        assert tx.counts()["referrals.ready"] == 2


def test_only_the_first_of_two_changes_is_written(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        first = opened(tx)
        changed = tx.save_referral(replace(first, rung=1), MOVED)
        assert (changed.version, tx.referral(first.id)) == (2, changed)
        with pytest.raises(StaleRow, match="changed by someone else"):
            tx.save_referral(replace(first, rung=2), MOVED)
        assert tx.referral(first.id).rung == 1


def test_what_raises_leaves_nothing_behind(store: SqlStore) -> None:
    with_recipient(store)
    with pytest.raises(NotFound), store.transaction() as tx:
        tx.referral(opened(tx).id + 1)
    with store.transaction() as tx:
        assert tx.referrals() == []
        assert [e.event.kind for e in tx.events()] == [EventKind.RECIPIENT_SAVED]


def test_times_come_back_aware_in_utc_and_naive_ones_are_refused(store: SqlStore) -> None:
    with_recipient(store)
    east = datetime(2026, 3, 2, 7, 30, 15, 123456, tzinfo=timezone(timedelta(hours=-5)))
    with store.transaction() as tx:
        saved = tx.save_referral(replace(opened(tx), appointment_at=east), MOVED)
    with store.transaction() as tx:
        kept = tx.referral(saved.id).appointment_at
        assert kept == east
        assert kept is not None
        assert kept.tzinfo is UTC
    with pytest.raises(StatementError, match="naive"), store.transaction() as tx:
        tx.save_referral(replace(saved, appointment_at=datetime(2026, 3, 2)), MOVED)  # noqa: DTZ001


def test_due_are_the_open_ones_whose_time_has_come_and_who_are_not_paused(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        late = due(tx, opened(tx, 0), due_at=NOON - timedelta(days=1))
        due(tx, opened(tx, 1), due_at=NOON + timedelta(seconds=1))
        due(tx, opened(tx, 2), paused_until=NOON + timedelta(hours=1))
        due(tx, opened(tx, 3), status=Status.CLOSED)
        assert tx.referrals_due(NOON) == [late]
        assert [r.number for r in tx.referrals_due(NOON + timedelta(hours=1))] == [NUMBERS[0], NUMBERS[2], NUMBERS[1]]
        assert len(tx.referrals_due(NOON + timedelta(hours=1), limit=2)) == 2


def test_an_answer_that_waits_in_review_stops_the_chase_until_it_is_settled(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral = due(tx, opened(tx))
        part = one_part(tx)
        queued = tx.queue_part(part, "unsure", [Candidate(part.id, referral.id, 1, 0.6, ("name agrees",))], "{}", NOON)
        assert tx.referrals_due(NOON) == []
        tx.discard_part(queued, "not ours", NOON, "Lena")
        assert tx.referrals_due(NOON) == [referral]


def test_ready_to_send_is_what_nothing_is_in_the_air_for(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        waits, sent = opened(tx, 0), opened(tx, 1)
        row = tx.intend_transmission(
            referral_id=sent.id,
            purpose=Purpose.REQUEST,
            channel=Channel.FAX,
            destination="+15085550101",
            key="k1",
            requested_by="system",
            at=NOON,
        )
        assert tx.referrals_ready() == [waits]
        tx.save_transmission(replace(row, state=TransmissionState.FAILED), TransmissionState.INTENDED, None)
        assert tx.referrals_ready() == [waits, sent]


CLUES = {
    "the printed number": an_evidence(numbers=(NUMBERS[0],)),
    "the code": an_evidence(code=CodeClaim(NUMBERS[0], 1, verified=False)),
    "the thread": an_evidence(thread_numbers=(NUMBERS[0],)),
    "the birth date": an_evidence(PersonClaim(birth_date=date(1961, 4, 3))),
    "day and month swapped": an_evidence(PersonClaim(birth_date=date(1961, 3, 4))),
    "the MRN, written otherwise": an_evidence(PersonClaim(mrn="48-213")),
    "the phone as people write it": an_evidence(PersonClaim(phone="(508) 555-0177")),
    "the name without accents": an_evidence(PersonClaim(family="NUNEZ GARCIA")),
    "one of two surnames": an_evidence(PersonClaim(family="García")),
    "the name as it sounds": an_evidence(PersonClaim(family="Noonez Garsea")),
    "the name misread at its end": an_evidence(PersonClaim(family="Nunez-Garcla")),
    "family and given name swapped": an_evidence(PersonClaim(family="Maria", given="Núñez")),
    "the fax number it was sent to": an_evidence(sender="+15085550101"),
    "the address of its office": an_evidence(sender="Front.Desk@harbor.example"),
}


@pytest.mark.parametrize("clue", CLUES)
def test_a_referral_is_a_candidate_by(clue: str, store: SqlStore) -> None:
    office = with_recipient(store)
    other = with_recipient(store, a_recipient(name="Elsewhere", fax="+15085550999", email=""))
    patient = a_patient(family="Núñez-García", birth_date=date(1961, 4, 3))
    stranger = a_patient(family="Whitlock", birth_date=date(1980, 1, 1), mrn="7", phone="+12125550100")
    with store.transaction() as tx:
        opened(tx, 0, an_intake(patient=patient, recipient_id=office))
        opened(tx, 1, an_intake(patient=stranger, recipient_id=other, external_id="other"))
        opened(tx, 2, an_intake(patient=patient, recipient_id=office, external_id="draft", is_draft=True))
        assert [r.number for r in tx.candidates_for(CLUES[clue])] == [NUMBERS[0]]


def test_candidates_are_the_likeliest_when_there_are_too_many(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        both = opened(tx, 0, an_intake(patient=a_patient(family="Smith", mrn="", phone="")))
        for ordinal in (1, 2, 3):
            told = a_patient(family="Smith", birth_date=date(1990, 1, ordinal), mrn="", phone="")
            opened(tx, ordinal, an_intake(patient=told, external_id=f"smith-{ordinal}"))
        named = PersonClaim(family="Smyth", birth_date=both.intake.patient.birth_date)
        assert tx.candidates_for(an_evidence(named), limit=1) == [both]
        assert len(tx.candidates_for(an_evidence(named))) == 4


def test_nobody_is_a_candidate_when_nothing_is_said(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        opened(tx, 0, an_intake(patient=a_patient(family="李", mrn="", phone="")))
        assert tx.candidates_for(an_evidence()) == []
        assert tx.candidates_for(an_evidence(PersonClaim(given="Al"))) == []


def test_a_list_of_a_thousand_patients_is_still_a_question(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        opened(tx)
        many = [PersonClaim(family=f"Name{n}", given="X", birth_date=date(1950, 1, 1)) for n in range(1000)]
        assert tx.candidates_for(an_evidence(*many)) == []


def test_a_corrected_patient_is_found_by_the_new_name_only(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral = opened(tx, 0, an_intake(patient=a_patient(family="Whitlok")))
        corrected = replace(referral, intake=an_intake(patient=a_patient(family="Okafor")))
        tx.save_referral(corrected, MOVED)
        assert [r.id for r in tx.candidates_for(an_evidence(PersonClaim(family="Okafor")))] == [referral.id]
        assert tx.candidates_for(an_evidence(PersonClaim(family="Whitlok"))) == []


def test_an_office_is_found_by_name_number_and_address(store: SqlStore) -> None:
    agreed = {Clock.ACKNOWLEDGED: Span(2, Unit.BUSINESS_DAYS)}
    office = a_recipient(agreed=agreed, fallback=Channel.EMAIL, fax_confirmed_at=NOON)
    id_ = with_recipient(store, office)
    with_recipient(store, a_recipient(name="Abbott Lab", organization="", fax="", email=""))
    with store.transaction() as tx:
        kept = tx.recipient(id_)
        assert kept == replace(office, id=id_)
        assert tx.recipient_named("  harbor   CARDIOLOGY ") == kept
        assert tx.recipient_named("dr. ada quist") == kept
        assert tx.recipient_named("") is None
        assert tx.recipients_reached_at("+15085550101") == [kept]
        assert tx.recipients_reached_at("FRONT.DESK@Harbor.Example") == [kept]
        assert tx.recipients_reached_at("") == []
        assert [r.name for r in tx.recipients()] == ["Abbott Lab", "Dr. Ada Quist"]
        moved = tx.save_recipient(replace(kept, fax="+15085550102"), Event(EventKind.RECIPIENT_SAVED, NOON))
        assert tx.recipients_reached_at("+15085550102") == [moved]
        assert tx.recipients_reached_at("+15085550101") == []


def test_an_error_names_no_patient(store: SqlStore) -> None:
    with pytest.raises(IntegrityError) as raised, store.transaction() as tx:
        opened(tx, 0, an_intake(recipient_id=404))
    assert "Okafor" not in str(raised.value)


def test_what_is_not_there_is_not_found(store: SqlStore) -> None:
    with store.transaction() as tx:
        for ask in (tx.referral, tx.recipient, tx.transmission, tx.arrival, tx.part, tx.queue_item):
            with pytest.raises(NotFound):
                ask(404)
        with pytest.raises(NotFound):
            tx.queue_item(-404)
        with pytest.raises(NotFound):
            tx.save_recipient(a_recipient(id=404), Event(EventKind.RECIPIENT_SAVED, NOON))


def test_one_task_of_a_kind_is_open_at_a_time(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        id_ = opened(tx).id
        call = tx.open_task(id_, TaskKind.CALL, "Call them\0", NOON, None)
        assert tx.open_task(id_, TaskKind.CALL, "Call them again", NOON, NOON) == call
        tell = tx.open_task(id_, TaskKind.TELL_CLINICIAN, "Tell her", NOON, NOON)
        assert tx.tasks() == [call, tell]
        tx.close_tasks(id_, [TaskKind.CALL], NOON, "Lena")
        assert tx.tasks() == [tell]
        assert [task.done_by for task in tx.tasks(only_open=False)] == ["Lena", ""]
        again = tx.open_task(id_, TaskKind.CALL, "Call", NOON, None)
        tx.close_tasks(id_, None, NOON, "Lena")
        assert again.id != call.id
        assert tx.tasks() == []
        assert tx.counts()["tasks.open"] == 0


def test_a_watchers_place_is_kept(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert tx.place("imap/inbox") == ""
        tx.keep_place("imap/inbox", "12:345")
        tx.keep_place("imap/inbox", "12:346")
        tx.keep_place("imap/other", "1")
        assert tx.place("imap/inbox") == "12:346"
