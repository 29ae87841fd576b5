"""What an answer means for the referral it was filed on: moves, an appointment, tasks. Pure.

Only the report closes; an acknowledgement never does. An answer that is no legal step from where the
referral stands (a late "received" after the booking) changes nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from config.policy import Clock
from config.vocabulary import AnswerId, DocumentKind
from gateway.domain.evidence import Evidence
from gateway.domain.referral import TRANSITIONS, Referral, Status
from gateway.domain.task import TaskKind

_SURE = 0.9
_DECLINES = {
    AnswerId.DECLINED_SPECIALTY: "not their specialty",
    AnswerId.DECLINED_CAPACITY: "no capacity",
    AnswerId.DECLINED_INSURANCE: "insurance not accepted",
    AnswerId.DECLINED_OTHER: "another reason",
    AnswerId.WRONG_OFFICE: "wrong office",
}
REPORTS = frozenset({DocumentKind.CONSULT_NOTE, DocumentKind.RESULT})
"""What closes the loop."""
_WORDS = frozenset(
    {
        DocumentKind.CONFIRMATION,
        DocumentKind.APPOINTMENT_NOTICE,
        DocumentKind.CONSULT_NOTE,
        DocumentKind.RESULT,
        DocumentKind.DECLINE,
        DocumentKind.INFORMATION_REQUEST,
        DocumentKind.NO_SHOW,
    }
)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows, in order. `moves` are legal steps one after the other from where the referral is."""

    moves: tuple[Status, ...] = ()
    appointment_at: datetime | None = None  # UTC
    tasks: tuple[tuple[TaskKind, str], ...] = ()
    confirms_destination: bool = False
    is_accepted: bool = False  # they said yes, not only that they have it


def consequences(referral: Referral, evidence: Evidence, zone: ZoneInfo, close_on_report: bool) -> Consequence:
    """What filing this evidence on this referral changes."""
    ticked = {claim.id for claim in evidence.ticked if claim.confidence >= _SURE}
    appointment = _appointment(evidence, zone)
    target, tasks = _meaning(evidence, ticked, appointment)
    is_accepted = target is Status.ACKNOWLEDGED and _says_yes(evidence, ticked)
    moves = _legal(referral, target, is_accepted=is_accepted)
    if evidence.kind in REPORTS:
        moves = _report(referral, close_on_report=close_on_report)
        if Status.REPORT_RECEIVED in moves and Status.CLOSED not in moves:
            tasks = (*tasks, (TaskKind.REVIEW_REPORT, "The report is here: a clinician reads it and closes"))
    return Consequence(
        moves=moves,
        appointment_at=appointment if _books(referral, moves, target) else None,
        tasks=tasks,
        confirms_destination=evidence.kind in _WORDS,
        is_accepted=is_accepted,
    )


def _books(referral: Referral, moves: tuple[Status, ...], target: Status | None) -> bool:
    """Whether the appointment counts: a first one, or another one for who is booked already."""
    return target is Status.SCHEDULED and (Status.SCHEDULED in moves or referral.status is Status.SCHEDULED)


def tells_of_progress_only(evidence: Evidence) -> bool:
    """Whether it says received, accepted, booked or seen, and nothing that staff must do anything about."""
    ticked = {claim.id for claim in evidence.ticked if claim.confidence >= _SURE}
    target, tasks = _meaning(evidence, ticked, None)
    return target is not None and not tasks and evidence.kind not in REPORTS


def says_booked(evidence: Evidence) -> bool:
    """Whether it tells of an appointment as booked."""
    return _says_booked(evidence, {claim.id for claim in evidence.ticked if claim.confidence >= _SURE})


def _appointment(evidence: Evidence, zone: ZoneInfo) -> datetime | None:
    if evidence.appointment_at is None or evidence.appointment_confidence < _SURE:
        return None
    return evidence.appointment_at.replace(tzinfo=zone).astimezone(UTC)


_Tasks = tuple[tuple[TaskKind, str], ...]


def _meaning(evidence: Evidence, ticked: set[AnswerId], appointment: datetime | None) -> tuple[Status | None, _Tasks]:
    """Where the answer points to, by what weighs most, and what staff must do about it."""
    if reason := next((text for id_, text in _DECLINES.items() if id_ in ticked), ""):
        return Status.DECLINED, ((TaskKind.DECLINED, _declined(reason, evidence)),)
    if AnswerId.PATIENT_DECLINED in ticked:
        return Status.DECLINED, ((TaskKind.REACH_PATIENT, "The patient declined the service: talk with the patient"),)
    if AnswerId.ALREADY_SEEN in ticked:
        return Status.SEEN, ()
    if AnswerId.NO_SHOW in ticked or evidence.kind is DocumentKind.NO_SHOW:
        return Status.NO_SHOW, ((TaskKind.NO_SHOW, "The patient did not attend: find out why, book again"),)
    if AnswerId.UNABLE_TO_REACH_PATIENT in ticked:
        text = "The office cannot reach the patient: check the phone number, call the patient"
        return Status.PATIENT_UNREACHABLE, ((TaskKind.REACH_PATIENT, text),)
    if AnswerId.NEED_INFORMATION in ticked or evidence.kind is DocumentKind.INFORMATION_REQUEST:
        what = evidence.missing_items or "see the page"
        return Status.NEEDS_INFORMATION, ((TaskKind.INFORMATION, f"The office asks for more information: {what}"),)
    if evidence.kind is DocumentKind.DECLINE:
        return Status.DECLINED, ((TaskKind.DECLINED, _declined("", evidence)),)
    return _progress(evidence, ticked, appointment), ()


def _declined(reason: str, evidence: Evidence) -> str:
    told = ", ".join(filter(None, (reason, evidence.decline_reason))) or "see the page"
    return f"The office declines ({told}): choose another recipient"


def _progress(evidence: Evidence, ticked: set[AnswerId], appointment: datetime | None) -> Status | None:
    """Booked without a date is only an acceptance: nobody would know when to look for the visit."""
    if _says_booked(evidence, ticked) and appointment is not None:
        return Status.SCHEDULED
    if _says_yes(evidence, ticked) or AnswerId.RECEIVED in ticked:
        return Status.ACKNOWLEDGED
    return None


def _says_booked(evidence: Evidence, ticked: set[AnswerId]) -> bool:
    return AnswerId.APPOINTMENT_BOOKED in ticked or evidence.kind is DocumentKind.APPOINTMENT_NOTICE


def _says_yes(evidence: Evidence, ticked: set[AnswerId]) -> bool:
    return AnswerId.ACCEPTED_WAITING in ticked or _says_booked(evidence, ticked)


def _legal(referral: Referral, target: Status | None, *, is_accepted: bool) -> tuple[Status, ...]:
    """The step, if it is one: the same state again is, where a yes follows a mere receipt."""
    if target is None or target not in TRANSITIONS[referral.status]:
        return ()
    if target is referral.status and not (is_accepted and referral.clock is Clock.DECIDED):
        return ()
    return (target,)


def _report(referral: Referral, *, close_on_report: bool) -> tuple[Status, ...]:
    if Status.REPORT_RECEIVED not in TRANSITIONS[referral.status]:
        return ()
    return (Status.REPORT_RECEIVED, Status.CLOSED) if close_on_report else (Status.REPORT_RECEIVED,)
