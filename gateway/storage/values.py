"""Frozen values to columns and back. Nothing here asks the database."""

from dataclasses import asdict, fields, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from config.policy import Clock
from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import Arrival, ArrivalState, Candidate, Envelope, Part, PartState
from gateway.domain.directory import Recipient
from gateway.domain.matching.names import folded
from gateway.domain.referral import OPEN, Intake, Referral, Status
from gateway.domain.task import Task, TaskKind
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.storage.tables import arrivals, storable

INTAKE: TypeAdapter[Intake] = TypeAdapter(Intake)
RECIPIENT: TypeAdapter[Recipient] = TypeAdapter(Recipient)
ENVELOPE: TypeAdapter[Envelope] = TypeAdapter(Envelope)
SENTENCES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])
PAGES: TypeAdapter[tuple[int, ...]] = TypeAdapter(tuple[int, ...])
ARRIVAL_COLUMNS = [column for column in arrivals.c if column.name != "reading"]
"""What an Arrival is made of. A kept reading is fetched by itself: it may be as long as a book."""


def referral_columns(referral: Referral) -> dict[str, Any]:
    """All columns of a referral but its id."""
    intake = referral.intake
    state = {
        field.name: getattr(referral, field.name) for field in fields(referral) if field.name not in ("id", "intake")
    }
    return state | {
        "status": referral.status.value,
        "clock": referral.clock.value if referral.clock else None,
        "origin": intake.origin,
        "external_id": intake.external_id,
        "recipient_id": intake.recipient_id,
        "intake": INTAKE.dump_json(intake).decode(),
        **board_columns(referral),
    }


def board_columns(referral: Referral) -> dict[str, Any]:
    """What the board filters and sorts by. Keys are cut: an index takes no novel."""
    patient = referral.intake.patient
    return {
        "is_open": referral.status in OPEN,
        "board_rank": 0 if referral.escalated_at else 1,
        "look_at": referral.due_at or referral.status_since,
        "urgency": referral.intake.urgency[:40],
        "specialty_key": specialty_key(referral.intake.specialty),
        "patient_key": folded(f"{patient.family} {patient.given}")[:120],
    }


def specialty_key(specialty: str) -> str:
    """One key for all ways to write it."""
    return " ".join(specialty.casefold().split())[:80]


def referral_of(row: Row[Any]) -> Referral:
    """A referral from its row."""
    return Referral(
        id=row.id,
        number=row.number,
        intake=INTAKE.validate_json(row.intake),
        status=Status(row.status),
        status_since=row.status_since,
        created_at=row.created_at,
        version=row.version,
        clock=Clock(row.clock) if row.clock else None,
        clock_started_at=row.clock_started_at,
        rung=row.rung,
        due_at=row.due_at,
        requests_sent=row.requests_sent,
        sent_at=row.sent_at,
        appointment_at=row.appointment_at,
        paused_until=row.paused_until,
        escalated_at=row.escalated_at,
        closed_at=row.closed_at,
        owner=row.owner,
    )


def transmission_columns(transmission: Transmission) -> dict[str, Any]:
    """All columns of a transmission but its id."""
    columns = asdict(transmission)
    del columns["id"]
    return columns | {name: columns[name].value for name in ("purpose", "channel", "state")}


def transmission_of(row: Row[Any]) -> Transmission:
    """A transmission from its row."""
    columns: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(Transmission)}
    columns["purpose"] = Purpose(row.purpose)
    columns["channel"] = Channel(row.channel)
    columns["state"] = TransmissionState(row.state)
    return Transmission(**columns)


def envelope_json(envelope: Envelope) -> str:
    """The envelope as kept. A file name of broken bytes is no JSON: half characters are written out."""
    said = {
        field.name: storable(value) for field in fields(envelope) if type(value := getattr(envelope, field.name)) is str
    }
    return ENVELOPE.dump_json(replace(envelope, **said)).decode()


def arrival_of(row: Row[Any]) -> Arrival:
    """An arrival from its row."""
    return Arrival(
        id=row.id,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        envelope=ENVELOPE.validate_json(row.envelope),
        received_at=row.received_at,
        state=ArrivalState(row.state),
        attempts=row.attempts,
        duplicate_of=row.duplicate_of,
        media_type=row.media_type,
        pages=row.pages,
        error=row.error,
        lease_until=row.lease_until,
        infection=row.infection,
    )


def part_of(row: Row[Any]) -> Part:
    """A part from its row."""
    return Part(
        id=row.id,
        arrival_id=row.arrival_id,
        index=row.place,
        pages=PAGES.validate_json(row.pages),
        kind=DocumentKind(row.kind),
        state=PartState(row.state),
        reason=row.reason,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        like_part=row.like_part,
    )


def candidate_of(row: Row[Any]) -> Candidate:
    """A candidate from its row."""
    return Candidate(
        part_id=row.part_id,
        referral_id=row.referral_id,
        rank=row.rank,
        posterior=row.posterior,
        findings=SENTENCES.validate_json(row.findings),
        against=SENTENCES.validate_json(row.against),
    )


def task_of(row: Row[Any]) -> Task:
    """A task from its row."""
    return Task(
        id=row.id,
        referral_id=row.referral_id,
        kind=TaskKind(row.kind),
        text=row.text,
        created_at=row.created_at,
        due_at=row.due_at,
        done_at=row.done_at,
        done_by=row.done_by,
        snoozed_until=row.snoozed_until,
    )
