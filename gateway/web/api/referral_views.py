"""Referrals, packets and tasks from the store's values to the API's models."""

from collections.abc import Sequence

from config.reference import format_number
from gateway.domain.referral import TRANSITIONS, Referral
from gateway.domain.task import Task
from gateway.domain.transmission import Transmission
from gateway.services.board_questions import BoardTransaction
from gateway.services.ports import Transaction
from gateway.web.api.referral_models import EnclosureOut, Filed, Happened, Packet, ReferralOut, ReferralRow, TaskOut
from gateway.web.api.shapes import a_time, in_utc

_UNSAID = {"sha256"}  # of nobody's concern but the vault's


def etag_of(referral: Referral) -> str:
    """The referral's version as an ETag."""
    return f'"r{referral.version}"'


def row_of(referral: Referral, recipient: str) -> ReferralRow:
    """One row of a list."""
    return ReferralRow.model_validate(_row(referral, recipient))


def rows_of(tx: BoardTransaction, found: Sequence[Referral]) -> list[ReferralRow]:
    """Rows of a list, with the names of their offices in one question."""
    names = tx.recipients_among([one.intake.recipient_id for one in found])
    return [row_of(one, names[one.intake.recipient_id].name) for one in found]


def _row(referral: Referral, recipient: str) -> dict[str, object]:
    intake = referral.intake
    return {
        "number": format_number(referral.number),
        "external_id": intake.external_id,
        "origin": intake.origin,
        "version": referral.version,
        "status": referral.status,
        "status_since": a_time(referral.status_since),
        "created_at": a_time(referral.created_at),
        "patient_family": intake.patient.family,
        "patient_given": intake.patient.given,
        "patient_birth_date": intake.patient.birth_date,
        "recipient_id": intake.recipient_id,
        "recipient": recipient,
        "specialty": intake.specialty,
        "urgency": intake.urgency,
        "waits_for": referral.clock,
        "due_at": in_utc(referral.due_at),
        "paused_until": in_utc(referral.paused_until),
        "escalated_at": in_utc(referral.escalated_at),
        "requests_sent": referral.requests_sent,
        "appointment_at": in_utc(referral.appointment_at),
        "owner": referral.owner,
    }


def whole(tx: Transaction, referral: Referral) -> ReferralOut:
    """Everything about one referral."""
    intake = referral.intake
    number = format_number(referral.number)
    further: dict[str, object] = {
        "question": intake.question,
        "service": intake.service,
        "icd10": list(intake.icd10),
        "clinician": intake.clinician.name,
        "patient_mrn": intake.patient.mrn,
        "patient_phone": intake.patient.phone,
        "patient_language": intake.patient.language,
        "needs_interpreter": intake.patient.needs_interpreter,
        "attachments": [one.name for one in intake.attachments],
        "enclosures": [EnclosureOut.model_validate(one) for one in intake.attachments],
        "may_become": sorted(TRANSITIONS[referral.status]),
        "tasks": [task_out(task, number) for task in tx.open_tasks_of(referral.id)],
        "packets": [_packet(one) for one in tx.transmissions_of(referral.id)],
        "documents": [
            Filed(
                item=part.id,
                kind=part.kind,
                pages=len(part.pages),
                filed_by=part.settled_by,
                filed_at=in_utc(part.settled_at),
            )
            for part in tx.filed_on(referral.id)
        ],
        "timeline": [
            Happened(
                at=a_time(chained.event.at),
                kind=chained.event.kind,
                actor=chained.event.actor,
                detail={name: one for name, one in (chained.event.detail or {}).items() if name not in _UNSAID},
            )
            for chained in tx.events(referral_id=referral.id, limit=10_000)
        ],
    }
    return ReferralOut.model_validate(_row(referral, tx.recipient(intake.recipient_id).name) | further)


def task_out(task: Task, number: str) -> TaskOut:
    """One task of the referral with this printed number."""
    return TaskOut(
        id=task.id,
        referral=number,
        kind=task.kind,
        text=task.text,
        created_at=a_time(task.created_at),
        due_at=in_utc(task.due_at),
        put_off_until=in_utc(task.snoozed_until),
        done_at=in_utc(task.done_at),
        done_by=task.done_by,
    )


def _packet(row: Transmission) -> Packet:
    return Packet(
        ordinal=row.ordinal,
        purpose=row.purpose,
        channel=row.channel,
        destination=row.destination,
        state=row.state,
        requested_by=row.requested_by,
        created_at=a_time(row.created_at),
        submitted_at=in_utc(row.submitted_at),
        ended_at=in_utc(row.ended_at),
        pages=row.pages,
        pages_confirmed=row.pages_confirmed,
        carrier=row.carrier,
        carrier_reference=row.carrier_reference,
        attempts=row.attempts,
        cause=row.cause,
        is_simulated=row.is_simulated,
    )
