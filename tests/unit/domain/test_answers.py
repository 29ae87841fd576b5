"""What each answer means for the referral it was filed on."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from config.policy import Clock
from config.vocabulary import AnswerId, DocumentKind
from gateway.domain.answers import Consequence, consequences
from gateway.domain.evidence import AnswerClaim, Evidence
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from tests.builders import NOON, an_evidence, an_intake

A, K, S, T = AnswerId, DocumentKind, Status, TaskKind
ZONE = ZoneInfo("America/New_York")
AT_2_30 = datetime(2026, 4, 1, 14, 30)  # noqa: DTZ001 - as written on paper


def delivered(status: Status = S.DELIVERED, **changed: object) -> Referral:
    referral = Referral(1, "J8E60GDT", an_intake(), status, NOON, NOON, sent_at=NOON)
    return replace(referral, **changed)  # type: ignore[arg-type]  # any field


def form(*boxes: AnswerId, confidence: float = 0.99, **changed: object) -> Evidence:
    ticked = tuple(AnswerClaim(box, confidence) for box in boxes)
    return an_evidence(**({"kind": K.CONFIRMATION, "ticked": ticked} | changed))


def meaning(evidence: Evidence, referral: Referral | None = None, *, close_on_report: bool = True) -> Consequence:
    return consequences(referral or delivered(), evidence, ZONE, close_on_report)


@pytest.mark.parametrize(
    ("box", "status", "task"),
    [
        (A.RECEIVED, S.ACKNOWLEDGED, None),
        (A.ACCEPTED_WAITING, S.ACKNOWLEDGED, None),
        (A.APPOINTMENT_BOOKED, S.ACKNOWLEDGED, None),  # without a date nobody knows when to look for the visit
        (A.ALREADY_SEEN, S.SEEN, None),
        (A.NO_SHOW, S.NO_SHOW, T.NO_SHOW),
        (A.UNABLE_TO_REACH_PATIENT, S.PATIENT_UNREACHABLE, T.REACH_PATIENT),
        (A.PATIENT_DECLINED, S.DECLINED, T.REACH_PATIENT),
        (A.DECLINED_SPECIALTY, S.DECLINED, T.DECLINED),
        (A.DECLINED_CAPACITY, S.DECLINED, T.DECLINED),
        (A.DECLINED_INSURANCE, S.DECLINED, T.DECLINED),
        (A.DECLINED_OTHER, S.DECLINED, T.DECLINED),
        (A.WRONG_OFFICE, S.DECLINED, T.DECLINED),
        (A.NEED_INFORMATION, S.NEEDS_INFORMATION, T.INFORMATION),
    ],
)
@pytest.mark.parametrize("with_received", [False, True], ids=["alone", "with received"])
def test_each_box_moves_its_referral(box: AnswerId, status: Status, task: TaskKind | None, with_received: bool) -> None:
    told = meaning(form(box, A.RECEIVED) if with_received else form(box))
    assert told.moves == (status,)
    assert [kind for kind, _ in told.tasks] == ([task] if task else [])
    assert told.confirms_destination


def test_the_am_and_pm_boxes_alone_say_nothing() -> None:
    assert meaning(form(A.APPOINTMENT_AM)).moves == ()


@pytest.mark.parametrize(
    ("kind", "moves", "task"),
    [
        (K.CONSULT_NOTE, (S.REPORT_RECEIVED, S.CLOSED), None),
        (K.RESULT, (S.REPORT_RECEIVED, S.CLOSED), None),
        (K.DECLINE, (S.DECLINED,), T.DECLINED),
        (K.INFORMATION_REQUEST, (S.NEEDS_INFORMATION,), T.INFORMATION),
        (K.NO_SHOW, (S.NO_SHOW,), T.NO_SHOW),
        (K.APPOINTMENT_NOTICE, (S.ACKNOWLEDGED,), None),
        (K.BOUNCE, (), None),
        (K.AUTO_REPLY, (), None),
        (K.NEW_REFERRAL, (), None),
        (K.OTHER, (), None),
    ],
)
def test_each_kind_of_letter_moves_its_referral(
    kind: DocumentKind, moves: tuple[Status, ...], task: TaskKind | None
) -> None:
    told = meaning(an_evidence(kind=kind))
    assert told.moves == moves
    assert [kind for kind, _ in told.tasks] == ([task] if task else [])


def test_the_office_s_own_words_stand_in_the_task() -> None:
    asked = meaning(form(A.NEED_INFORMATION, missing_items="latest HbA1c"))
    declined = meaning(form(A.DECLINED_CAPACITY, decline_reason="booked until autumn"))
    assert asked.tasks == ((T.INFORMATION, "The office asks for more information: latest HbA1c"),)
    assert declined.tasks[0][1] == "The office declines (no capacity, booked until autumn): choose another recipient"


def test_an_appointment_is_local_time_and_booked_only_with_a_sure_date() -> None:
    booked = form(A.APPOINTMENT_BOOKED, appointment_at=AT_2_30, appointment_confidence=0.97)
    assert meaning(booked).moves == (S.SCHEDULED,)
    assert meaning(booked).appointment_at == datetime(2026, 4, 1, 18, 30, tzinfo=UTC)
    guessed = replace(booked, appointment_confidence=0.6)
    assert (meaning(guessed).moves, meaning(guessed).appointment_at) == ((S.ACKNOWLEDGED,), None)


@pytest.mark.parametrize(
    ("status", "counts"), [(S.SCHEDULED, True), (S.SEEN, True), (S.CLOSED, False), (S.READY, False)]
)
def test_another_appointment_counts_only_where_one_can_be(status: Status, counts: bool) -> None:
    booked = form(A.APPOINTMENT_BOOKED, appointment_at=AT_2_30, appointment_confidence=0.97)
    assert (meaning(booked, delivered(status)).appointment_at is not None) is counts


@pytest.mark.parametrize("box", [box for box in A if box not in (A.APPOINTMENT_AM, A.APPOINTMENT_PM)])
def test_a_doubtful_tick_moves_nothing(box: AnswerId) -> None:
    told = meaning(form(box, confidence=0.89))
    assert (told.moves, told.tasks) == ((), ())


def test_a_no_outweighs_a_yes_and_the_patient_seen_outweighs_the_booking() -> None:
    assert meaning(form(A.ACCEPTED_WAITING, A.DECLINED_CAPACITY)).moves == (S.DECLINED,)
    assert meaning(form(A.APPOINTMENT_BOOKED, A.ALREADY_SEEN)).moves == (S.SEEN,)


def test_a_yes_after_a_mere_receipt_starts_the_wait_for_the_booking() -> None:
    waiting = delivered(S.ACKNOWLEDGED, clock=Clock.DECIDED)
    assert meaning(form(A.ACCEPTED_WAITING), waiting).moves == (S.ACKNOWLEDGED,)
    assert meaning(form(A.ACCEPTED_WAITING), waiting).is_accepted
    assert meaning(form(A.RECEIVED), waiting).moves == ()
    assert meaning(form(A.ACCEPTED_WAITING), replace(waiting, clock=Clock.BOOKED)).moves == ()


@pytest.mark.parametrize("status", [S.SCHEDULED, S.SEEN, S.REPORT_RECEIVED, S.CLOSED, S.CANCELLED, S.NO_SHOW])
def test_a_late_receipt_changes_nothing(status: Status) -> None:
    assert meaning(form(A.RECEIVED), delivered(status)).moves == ()


@pytest.mark.parametrize("status", [s for s in S if s not in (S.DRAFT, S.READY, S.REPORT_RECEIVED, S.CLOSED)])
def test_a_report_may_come_at_any_state_after_sending(status: Status) -> None:
    assert meaning(an_evidence(), delivered(status)).moves == (S.REPORT_RECEIVED, S.CLOSED)


def test_where_a_clinician_closes_the_report_waits_with_a_task() -> None:
    told = meaning(an_evidence(), close_on_report=False)
    assert told.moves == (S.REPORT_RECEIVED,)
    assert [kind for kind, _ in told.tasks] == [T.REVIEW_REPORT]
