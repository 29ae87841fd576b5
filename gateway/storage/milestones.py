"""Keeping each referral's milestones beside its events, so that reports need not fold a million of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select

from gateway.domain.event import Event, EventKind
from gateway.domain.milestones import CHANGES, Milestones, milestones_of
from gateway.domain.referral import Intake
from gateway.domain.same_patient import patient_key
from gateway.storage.report_tables import milestones
from gateway.storage.tables import arrivals, events, referrals
from gateway.storage.values import INTAKE

_KINDS = [kind.value for kind in CHANGES]
_COLUMNS = (
    events.c.referral_id,
    events.c.kind,
    events.c.at,
    events.c.actor,
    events.c.arrival_id,
    events.c.part_id,
    events.c.detail,
    arrivals.c.received_at,
)
_LASTING = ("answered", "booked", "seen", "reported")
_BATCH = 2000


def keep_milestones(connection: Connection, referral_id: int) -> None:
    """Fold one referral's events anew."""
    intake = connection.execute(select(referrals.c.intake).where(referrals.c.id == referral_id)).scalar()
    if intake is None:
        return
    told = connection.execute(_events().where(events.c.referral_id == referral_id)).all()
    row = _row(referral_id, INTAKE.validate_json(intake), _folded(told))
    connection.execute(delete(milestones).where(milestones.c.referral_id == referral_id))
    connection.execute(insert(milestones).values(**row))


def fill_milestones(connection: Connection) -> None:
    """Fold every referral's events: for a database that had none of these rows yet."""
    last = 0
    while some := connection.execute(
        select(referrals.c.id, referrals.c.intake).where(referrals.c.id > last).order_by(referrals.c.id).limit(_BATCH)
    ).all():
        first, last = some[0].id, some[-1].id
        told = connection.execute(_events().where(events.c.referral_id.between(first, last))).all()
        by_referral = {id_: list(rows) for id_, rows in groupby(told, key=lambda row: row.referral_id)}
        rows = [_row(row.id, INTAKE.validate_json(row.intake), _folded(by_referral.get(row.id, []))) for row in some]
        connection.execute(insert(milestones), rows)


def _events() -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .outerjoin(arrivals, arrivals.c.id == events.c.arrival_id)
        .where(events.c.kind.in_(_KINDS))
        .order_by(events.c.referral_id, events.c.seq)
    )


def _folded(rows: Sequence[Row[*tuple[Any, ...]]]) -> Milestones:
    received = {row.arrival_id: row.received_at for row in rows if row.received_at is not None}
    return milestones_of(_told(rows), received)


def _told(rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterable[Event]:
    for row in rows:
        yield Event(
            EventKind(row.kind),
            row.at,
            row.actor,
            referral_id=row.referral_id,
            arrival_id=row.arrival_id,
            part_id=row.part_id,
            detail=json.loads(row.detail) if row.detail else None,
        )


def _row(referral_id: int, intake: Intake, reached: Milestones) -> dict[str, Any]:
    times = asdict(reached)
    lasted = {f"{name}_s": _seconds(reached.sent_at, times[f"{name}_at"]) for name in _LASTING}
    return (
        times
        | lasted
        | {
            "referral_id": referral_id,
            "recipient_id": intake.recipient_id,
            "specialty": " ".join(intake.specialty.split()).casefold(),
            "urgency": intake.urgency,
            "service": intake.service.value,
            "patient_key": patient_key(intake.patient),
            "report_from": reached.report_from.value if reached.report_from else "",
        }
    )


def _seconds(since: datetime | None, until: datetime | None) -> int | None:
    return max(0, round((until - since).total_seconds())) if since and until else None
