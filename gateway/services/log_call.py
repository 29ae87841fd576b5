"""A call that a person made, and what came of it: the referral moves as it would by the same answer on paper."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.reference import format_number
from config.vocabulary import AnswerId, Channel, DocumentKind
from gateway.domain.event import Event, EventKind
from gateway.domain.evidence import AnswerClaim, Evidence
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.errors import IllegalTransition, NotSaid
from gateway.services.change_referral import find
from gateway.services.moving import advance
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules
from gateway.services.said import said
from gateway.services.settle_transmission import arrived, send_again
from gateway.services.snooze_task import next_morning
from gateway.services.take_answer import take_answer


class CallOutcome(StrEnum):
    """What came of a call; of the office first, then of the patient."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    BOOKED = "booked"
    SEEN = "seen"
    NEVER_ARRIVED = "never_arrived"
    NEEDS_INFORMATION = "needs_information"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    REACHED = "reached"
    OTHER = "other"


OF_OFFICE = (
    CallOutcome.RECEIVED,
    CallOutcome.ACCEPTED,
    CallOutcome.BOOKED,
    CallOutcome.SEEN,
    CallOutcome.NEVER_ARRIVED,
    CallOutcome.NEEDS_INFORMATION,
    CallOutcome.DECLINED,
    CallOutcome.NO_ANSWER,
    CallOutcome.OTHER,
)
OF_PATIENT = (CallOutcome.REACHED, CallOutcome.BOOKED, CallOutcome.NO_ANSWER, CallOutcome.OTHER)
_TICKS = {
    CallOutcome.RECEIVED: AnswerId.RECEIVED,
    CallOutcome.ACCEPTED: AnswerId.ACCEPTED_WAITING,
    CallOutcome.BOOKED: AnswerId.APPOINTMENT_BOOKED,
    CallOutcome.SEEN: AnswerId.ALREADY_SEEN,
    CallOutcome.NEEDS_INFORMATION: AnswerId.NEED_INFORMATION,
    CallOutcome.DECLINED: AnswerId.DECLINED_OTHER,
}
_WITH_THE_OFFICE = (TaskKind.CALL, TaskKind.UNCERTAIN_TRANSMISSION)
_WITH_THE_PATIENT = (TaskKind.REACH_PATIENT, TaskKind.NO_SHOW, TaskKind.TEXT_REPLY)
_ARRIVED = (CallOutcome.RECEIVED, CallOutcome.ACCEPTED, CallOutcome.BOOKED, CallOutcome.SEEN, CallOutcome.DECLINED)


@dataclass(frozen=True, slots=True)
class CallReport:
    """What the caller says of the call; the task it was made for, if it was made for one."""

    outcome: CallOutcome
    spoke_with: str = ""
    learned: str = ""
    appointment_at: datetime | None = None  # naive, as the office says it
    task: TaskKind | None = None


@dataclass(frozen=True, slots=True)
class LogCall:
    """One call, in one commit with its events."""

    store: Store
    clock: Clock
    rules: Rules

    def log(self, number: str, report: CallReport, actor: str) -> None:
        """Record it and take what follows.

        Raises:
            NotSaid: who answered, what they said or the date of the appointment is missing.
            IllegalTransition: what they said is no step from where the referral stands.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            tx.append(Event(EventKind.CALL_LOGGED, now, actor, referral_id=referral.id, detail=_told(report)))
            if report.outcome is CallOutcome.NO_ANSWER:
                self._try_again(tx, referral, report, now, actor)
                return
            kinds = self._done_with(report)
            if report.outcome in _ARRIVED:
                arrived(tx, self.rules, referral, now, actor)
            if report.outcome is CallOutcome.NEVER_ARRIVED:
                send_again(tx, self.rules, referral, now, actor)
            elif report.outcome is CallOutcome.REACHED:
                self._go_on(tx, referral, now, actor)
            elif report.outcome in _TICKS:
                self._answer(tx, referral, report, now, actor)
            tx.close_tasks(referral.id, kinds, now, actor)

    def _done_with(self, report: CallReport) -> tuple[TaskKind, ...]:
        """Which tasks such a call does; words alone do the one it was made for."""
        if report.task in _WITH_THE_PATIENT:
            return _WITH_THE_PATIENT
        if report.outcome is CallOutcome.OTHER:
            return (report.task or TaskKind.CALL,)
        return (*_WITH_THE_OFFICE, *((report.task,) if report.task else ()))

    def _try_again(self, tx: Transaction, referral: Referral, report: CallReport, now: datetime, actor: str) -> None:
        until = next_morning(now, self.rules)
        for task in tx.open_tasks_of(referral.id):
            if task.kind is (report.task or TaskKind.CALL):
                tx.snooze_task(referral.id, task.kind, until, now, actor)

    def _go_on(self, tx: Transaction, referral: Referral, now: datetime, actor: str) -> None:
        """The patient was reached: the booking is waited for again, or the office is called for another one."""
        if referral.status is Status.PATIENT_UNREACHABLE:
            why = "the patient was reached"
            advance(tx, self.rules, referral, Status.ACKNOWLEDGED, now, actor=actor, why=why, is_accepted=True)
        elif referral.status is Status.NO_SHOW:
            office = tx.recipient(referral.intake.recipient_id)
            number = format_number(referral.number)
            text = f"Call {office.name} for a new appointment: the patient of referral {number} was reached"
            tx.open_task(referral.id, TaskKind.CALL, text, now, None)

    def _answer(self, tx: Transaction, referral: Referral, report: CallReport, now: datetime, actor: str) -> None:
        """As if the same answer had come on paper; what staff must do next opens as tasks."""
        before = tx.referral(referral.id)
        evidence = Evidence(
            DocumentKind.CONFIRMATION,
            1.0,
            Channel.HAND,
            now,
            ticked=(AnswerClaim(_TICKS[report.outcome], 1.0),),
            appointment_at=report.appointment_at,
            appointment_confidence=1.0 if report.appointment_at else 0.0,
            missing_items=report.learned if report.outcome is CallOutcome.NEEDS_INFORMATION else "",
            decline_reason=report.learned if report.outcome is CallOutcome.DECLINED else "",
        )
        after = take_answer(tx, self.rules, referral.id, evidence, now, actor=actor)
        is_known = report.outcome is CallOutcome.RECEIVED  # a mere receipt says nothing new of what is further on
        if after.version == before.version and not is_known:
            told = report.outcome.value.replace("_", " ")
            raise IllegalTransition(f"referral {referral.number} is {before.status}: {told} is no news there")


def _told(report: CallReport) -> dict[str, str | int | float | bool | list[str] | None]:
    if report.outcome is CallOutcome.BOOKED and report.appointment_at is None:
        raise NotSaid("say for which day the appointment is booked")
    told: dict[str, str | int | float | bool | list[str] | None] = {"outcome": report.outcome.value}
    if report.outcome is CallOutcome.NO_ANSWER:
        return told | {"said": report.learned.strip()[:500]}
    told["spoke_with"] = said(report.spoke_with, "who answered the phone")
    needs_words = report.outcome in (CallOutcome.OTHER, CallOutcome.NEEDS_INFORMATION, CallOutcome.DECLINED)
    if needs_words or report.learned.strip():
        told["said"] = said(report.learned, "what they said")
    return told
