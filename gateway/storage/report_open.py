"""Open loops, now or at a moment gone by: for that the events say where each referral stood."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, Subquery, and_, func, literal, or_, select

from config.policy import Clock
from gateway.domain.arrival import PartState
from gateway.domain.event import EventKind
from gateway.domain.referral import OPEN, Status
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.services.reports.questions import OpenCount, OpenLoop, Tried
from gateway.storage.chain import EventRows
from gateway.storage.report_sql import Said, counted
from gateway.storage.tables import (
    candidates,
    events,
    parts,
    queue_marks,
    recipients,
    referrals,
    tasks,
    transmissions,
)
from gateway.storage.values import INTAKE, RECIPIENT

_OPEN = [status.value for status in OPEN]
_SAY_WHERE = [kind.value for kind in (EventKind.REFERRAL_OPENED, EventKind.REFERRAL_MOVED, EventKind.REFERRAL_PUT_BACK)]
_IDS_AT_ONCE = 5000


@dataclass(slots=True)
class _Beside:
    """What stands beside the rows of some referrals, by their ids."""

    sent: dict[int, tuple[int, int, datetime | None]] = field(
        default_factory=dict[int, tuple[int, int, datetime | None]]
    )
    calls: dict[int, tuple[int, datetime]] = field(default_factory=dict[int, tuple[int, datetime]])
    tasks: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict[int, list[str]](list))
    items: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])

    def tried(self, referral_id: int) -> Tried:
        packets, failed, sent_at = self.sent.get(referral_id, (0, 0, None))
        calls, called_at = self.calls.get(referral_id, (0, None))
        moments = [moment for moment in (sent_at, called_at) if moment is not None]
        return Tried(packets, failed, calls, max(moments, default=None))


class OpenLoopRows(EventRows):
    """Open loops on one transaction's connection."""

    def open_loops(self, at: datetime, limit: int, *, is_now: bool) -> list[OpenLoop]:
        """What was not closed at a moment, the longest in its state first."""
        stood = _stood(at, is_now=is_now).subquery()
        query = (
            select(referrals, stood.c.stood, stood.c.stood_since)
            .join(stood, stood.c.id == referrals.c.id)
            .where(stood.c.stood.in_(_OPEN))
            .order_by(stood.c.stood_since, referrals.c.id)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        names = self._offices({row.recipient_id for row in rows})
        beside = self._beside([row.id for row in rows], at, is_now=is_now)
        return [_loop(row, names, beside, is_now=is_now) for row in rows]

    def open_counted(self, at: datetime, *, is_now: bool) -> list[OpenCount]:
        """The same counted by state."""
        stood: Subquery = _stood(at, is_now=is_now).subquery()
        query = (
            select(
                stood.c.stood,
                func.count(),
                counted(stood.c.stood_since < at - timedelta(days=7)),
                counted(stood.c.stood_since < at - timedelta(days=30)),
            )
            .where(stood.c.stood.in_(_OPEN))
            .group_by(stood.c.stood)
        )
        found = {row[0]: OpenCount(Status(row[0]), *row[1:]) for row in self._connection.execute(query)}
        return [found[status.value] for status in Status if status.value in found]

    def _offices(self, ids: set[int]) -> dict[int, str]:
        rows = self._connection.execute(select(recipients.c.id, recipients.c.value).where(recipients.c.id.in_(ids)))
        return {row.id: RECIPIENT.validate_json(row.value).name for row in rows}

    def _beside(self, ids: Sequence[int], at: datetime, *, is_now: bool) -> _Beside:
        beside = _Beside()
        for some in _in_turn(ids):
            for row in self._connection.execute(_sent(some, at)):
                beside.sent[row[0]] = (row[1], row[2], row[3])
            for row in self._connection.execute(_called(some, at)):
                beside.calls[row[0]] = (row[1], row[2])
            for row in self._connection.execute(_to_do(some, at)):
                beside.tasks[row.referral_id].append(row.kind)
            for row in self._connection.execute(_in_review(some)) if is_now else ():
                beside.items.setdefault(row[0], (row[1], row[2] or ""))
        return beside


def _in_turn(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many at once as every database takes in one question."""
    for first in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[first : first + _IDS_AT_ONCE]


def _stood(at: datetime, *, is_now: bool) -> Select[*tuple[Any, ...]]:
    """Where each referral stood, and since when."""
    if is_now:
        return select(
            referrals.c.id, referrals.c.status.label("stood"), referrals.c.status_since.label("stood_since")
        ).where(referrals.c.status.in_(_OPEN))
    last = (
        select(func.max(events.c.seq))
        .where(events.c.referral_id == referrals.c.id, events.c.kind.in_(_SAY_WHERE), events.c.at < at)
        .scalar_subquery()
    )
    told = (
        select(referrals.c.id, last.label("seq"))
        .where(referrals.c.created_at < at, or_(referrals.c.closed_at.is_(None), referrals.c.closed_at >= at))
        .subquery()
    )
    to = func.coalesce(Said(events.c.detail, literal("to")), Said(events.c.detail, literal("status")))
    return select(told.c.id, to.label("stood"), events.c.at.label("stood_since")).join(
        events, events.c.seq == told.c.seq
    )


def _sent(ids: Sequence[int], at: datetime) -> Select[*tuple[Any, ...]]:
    """Packets that a carrier took until then, and those that failed."""
    t = transmissions.c
    return (
        select(
            t.referral_id,
            counted(t.submitted_at < at),
            counted(and_(t.state == TransmissionState.FAILED.value, t.ended_at < at)),
            func.max(t.submitted_at),
        )
        .where(t.referral_id.in_(ids), t.created_at < at, t.purpose != Purpose.NUMBER_TEST.value)
        .group_by(t.referral_id)
    )


def _called(ids: Sequence[int], at: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(events.c.referral_id, func.count(), func.max(events.c.at))
        .where(events.c.referral_id.in_(ids), events.c.kind == EventKind.CALL_LOGGED.value, events.c.at < at)
        .group_by(events.c.referral_id)
    )


def _to_do(ids: Sequence[int], at: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(tasks.c.referral_id, tasks.c.kind)
        .where(
            tasks.c.referral_id.in_(ids),
            tasks.c.created_at < at,
            or_(tasks.c.done_at.is_(None), tasks.c.done_at >= at),
        )
        .order_by(tasks.c.id)
    )


def _in_review(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(candidates.c.referral_id, candidates.c.part_id, queue_marks.c.assigned_to)
        .join(parts, parts.c.id == candidates.c.part_id)
        .outerjoin(queue_marks, queue_marks.c.item_id == parts.c.id)
        .where(candidates.c.referral_id.in_(ids), parts.c.state == PartState.REVIEW.value)
        .order_by(candidates.c.rank, candidates.c.part_id)
    )


def _loop(row: Row[*tuple[Any, ...]], names: dict[int, str], beside: _Beside, *, is_now: bool) -> OpenLoop:
    intake = INTAKE.validate_json(row.intake)
    item, item_with = beside.items.get(row.id, (None, ""))
    return OpenLoop(
        referral_id=row.id,
        number=row.number,
        patient=f"{intake.patient.family}, {intake.patient.given}",
        recipient=names.get(row.recipient_id, ""),
        specialty=intake.specialty,
        urgency=intake.urgency,
        status=Status(row.stood),
        since=row.stood_since,
        opened_at=row.created_at,
        clock=Clock(row.clock) if row.clock and is_now else None,
        rung=row.rung,
        due_at=row.due_at if is_now else None,
        paused_until=row.paused_until if is_now else None,
        tried=beside.tried(row.id),
        tasks=tuple(beside.tasks[row.id]),
        item=item,
        item_with=item_with,
        status_now=Status(row.status),
    )
