"""What came in and went out, what became of it, and how long it waited for a person."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Table, and_, func, literal, select

from gateway.domain.arrival import ArrivalState, PartState
from gateway.domain.event import EventKind
from gateway.services.reports.questions import Flow, Handled, QueueTime
from gateway.storage.chain import EventRows
from gateway.storage.report_sql import (
    MEDIAN_AND_NINTH_TENTH,
    Said,
    SecondsBetween,
    Span,
    counted,
    quantiles,
    spans_table,
    word,
)
from gateway.storage.tables import arrivals, events, parts, transmissions

_SYSTEM = "system"
_WAITS = (PartState.UNMATCHED.value, PartState.REVIEW.value, PartState.ARRANGING.value)


class VolumeRows(EventRows):
    """Volume on one transaction's connection."""

    def came_in(self, spans: Sequence[Span]) -> list[Flow]:
        """Files and mails received."""
        return self._flow(spans, arrivals, arrivals.c.received_at, arrivals.c.channel)

    def went_out(self, spans: Sequence[Span]) -> list[Flow]:
        """Packets that a carrier took."""
        return self._flow(spans, transmissions, transmissions.c.submitted_at, transmissions.c.channel)

    def handled(self, starts: datetime, ends: datetime) -> list[Handled]:
        """What became of what arrived, by kind; what could not be read at all has a kind of its own."""
        is_filed = parts.c.state == PartState.FILED.value
        is_ended = parts.c.state.in_((PartState.FILED.value, PartState.DISCARDED.value, PartState.KEPT.value))
        by_system = parts.c.settled_by == _SYSTEM
        query = (
            select(
                parts.c.kind,
                counted(and_(is_filed, by_system)),
                counted(and_(is_ended, parts.c.settled_by != _SYSTEM)),
                counted(and_(is_ended, by_system, parts.c.state != PartState.FILED.value)),
                counted(parts.c.state.in_(_WAITS)),
            )
            .join(arrivals, arrivals.c.id == parts.c.arrival_id)
            .where(_between(arrivals.c.received_at, starts, ends), parts.c.state != PartState.REPLACED.value)
            .group_by(parts.c.kind)
            .order_by(func.count().desc(), parts.c.kind)
        )
        rows = [Handled(*row) for row in self._connection.execute(query)]
        whole = select(func.count()).where(
            _between(arrivals.c.received_at, starts, ends), arrivals.c.state == ArrivalState.UNREADABLE.value
        )
        unread = self._connection.execute(whole).scalar() or 0
        return [*rows, Handled("unreadable", 0, 0, 0, unread)] if unread else rows

    def queue_time(self, starts: datetime, ends: datetime) -> QueueTime:
        """Of documents that arrived in the period."""
        came = _between(arrivals.c.received_at, starts, ends)
        waited = (
            select(
                word("all").label("key"),
                word("waited").label("name"),
                SecondsBetween(parts.c.queued_at, parts.c.settled_at).label("value"),
            )
            .join(arrivals, arrivals.c.id == parts.c.arrival_id)
            .where(came, parts.c.queued_at.is_not(None), parts.c.settled_by.not_in(("", _SYSTEM)))
        )
        count, (median, ninth) = quantiles(self._connection, waited, MEDIAN_AND_NINTH_TENTH).get(
            ("all", "waited"), (0, [0.0, 0.0])
        )
        undone = self._undone(came)
        waiting, oldest = self._connection.execute(
            select(func.count(), func.min(arrivals.c.received_at))
            .join(arrivals, arrivals.c.id == parts.c.arrival_id)
            .where(parts.c.state.in_(_WAITS))
        ).one()
        return QueueTime(count, median, ninth, undone.get(True, 0), undone.get(False, 0), waiting, oldest)

    def _undone(self, came: ColumnElement[bool]) -> dict[bool, int]:
        """Filed and taken back, by whether the machine had filed it."""
        by_system = Said(events.c.detail, literal("settled_by")) == _SYSTEM
        query = (
            select(by_system, func.count(func.distinct(events.c.part_id)))
            .join(parts, parts.c.id == events.c.part_id)
            .join(arrivals, arrivals.c.id == parts.c.arrival_id)
            .where(
                came,
                events.c.kind == EventKind.PART_TAKEN_BACK.value,
                Said(events.c.detail, literal("was")) == PartState.FILED.value,
            )
            .group_by(by_system)
        )
        return {bool(row[0]): row[1] for row in self._connection.execute(query)}

    def _flow(self, spans: Sequence[Span], table: Table, moment: Column[datetime], channel: Column[str]) -> list[Flow]:
        days = spans_table(spans)
        query = (
            select(days.c.no, channel, func.count())
            .select_from(days)
            .join(table, and_(moment >= days.c.starts, moment < days.c.ends))
            .group_by(days.c.no, channel)
            .order_by(days.c.no, channel)
        )
        return [Flow(spans[row[0]][0], row[1] or "other", row[2]) for row in self._connection.execute(query)]


def _between(moment: Column[datetime], starts: datetime, ends: datetime) -> ColumnElement[bool]:
    return and_(moment >= starts, moment < ends)
