"""What an answer filed on a referral changes: its state, its appointment, its tasks, its recipient's number."""

from dataclasses import replace
from datetime import datetime

from config.policy import Clock
from config.vocabulary import Channel
from gateway.domain.answers import Consequence, consequences
from gateway.domain.event import Event, EventKind
from gateway.domain.evidence import Evidence
from gateway.domain.matching.by_sender import BySender
from gateway.domain.milestones import ReportFrom
from gateway.domain.referral import FINAL, Referral, Status
from gateway.domain.task import TaskKind
from gateway.services.ending import withdraw
from gateway.services.moving import advance, with_due_time
from gateway.services.ports import Transaction
from gateway.services.rules import Rules

_CHASING = (TaskKind.CALL, TaskKind.TELL_CLINICIAN, TaskKind.UNCERTAIN_TRANSMISSION, TaskKind.FIX_DESTINATION)


def take_answer(
    tx: Transaction, rules: Rules, referral_id: int, evidence: Evidence, at: datetime, *, actor: str
) -> Referral:
    """Move the referral as the answer says, inside the caller's transaction."""
    referral = tx.referral(referral_id)
    result = consequences(referral, evidence, rules.zone, rules.policy.close_on_report)
    if result.appointment_at and result.appointment_at != referral.appointment_at:
        referral = _book(tx, rules, referral, result.appointment_at, at=at, actor=actor)
    for status in result.moves:
        referral = advance(
            tx,
            rules,
            referral,
            status,
            at,
            actor=actor,
            why=f"{evidence.kind.value} filed",
            is_accepted=result.is_accepted,
            report_from=_report_from(tx, referral, evidence) if status is Status.REPORT_RECEIVED else "",
        )
    if result.moves:
        _stop_asking(tx, referral, at)
    _settle_tasks(tx, referral, result, at, actor)
    if result.confirms_destination:
        _confirm_number(tx, referral, evidence, at, actor)
    return referral


def _report_from(tx: Transaction, referral: Referral, evidence: Evidence) -> str:
    """Whether something of the report itself says that it is the office's; reports count only those."""
    if evidence.code is not None and evidence.code.verified and evidence.code.number == referral.number:
        return ReportFrom.OFFICE.value
    if referral.number in evidence.thread_numbers:
        return ReportFrom.OFFICE.value
    found = BySender().judge(evidence, referral, tx.recipient(referral.intake.recipient_id))
    is_theirs = any(not finding.is_stranger for finding in found)
    return ReportFrom.OFFICE.value if is_theirs else ""


def _book(
    tx: Transaction, rules: Rules, referral: Referral, appointment_at: datetime, *, at: datetime, actor: str
) -> Referral:
    """Another appointment is another wait for the visit: the ladder of the one before it is left."""
    moved = replace(referral, appointment_at=appointment_at, rung=0 if referral.clock is Clock.SEEN else referral.rung)
    booked = with_due_time(tx, rules, moved)
    detail: dict[str, str | int | float | bool | list[str] | None] = {"appointment_at": appointment_at.isoformat()}
    return tx.save_referral(
        booked, Event(EventKind.REFERRAL_RESCHEDULED, at, actor, referral_id=referral.id, detail=detail)
    )


def _stop_asking(tx: Transaction, referral: Referral, at: datetime) -> None:
    """A request that waits for its line must not go out after the answer to it came in."""
    is_over = referral.status in FINAL
    withdraw(tx, referral.id, "answered before it was sent", at, only_chasing=not is_over)


def _settle_tasks(tx: Transaction, referral: Referral, result: Consequence, at: datetime, actor: str) -> None:
    if referral.status in FINAL:
        tx.close_tasks(referral.id, None, at, actor)
    elif result.moves:
        tx.close_tasks(referral.id, _CHASING, at, actor)
    for kind, text in result.tasks:
        tx.open_task(referral.id, kind, text, at, None)


def _confirm_number(tx: Transaction, referral: Referral, evidence: Evidence, at: datetime, actor: str) -> None:
    """The first answer to a fax shows that the number reaches the right office."""
    recipient = tx.recipient(referral.intake.recipient_id)
    went_by_fax = any(
        t.channel is Channel.FAX
        and t.destination == recipient.fax
        and (evidence.code is None or t.ordinal == evidence.code.transmission)
        for t in tx.transmissions_of(referral.id)
    )
    if recipient.fax_confirmed_at is None and recipient.fax and went_by_fax:
        tx.save_recipient(
            replace(recipient, fax_confirmed_at=at, fax_confirmed_by=actor),
            Event(EventKind.NUMBER_CONFIRMED, at, actor, recipient_id=recipient.id, referral_id=referral.id),
        )
