"""How offices answered: counts and medians in SQL, the same question to both databases."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.domain.directory import ResponseRecord
from gateway.domain.event import EventKind
from gateway.domain.referral import OPEN, TRANSITIONS, Status
from gateway.storage.chain import EventRows
from gateway.storage.tables import events, referrals

_SILENT = [
    status.value for status in (Status.DRAFT, Status.READY, Status.SENT, Status.DELIVERED, Status.DELIVERY_FAILED)
]
_ANSWERS = [
    status.value for status in TRANSITIONS[Status.SENT] - {Status.DELIVERED, Status.DELIVERY_FAILED, Status.CANCELLED}
]
_OPEN = [status.value for status in OPEN]
_DAY_S = 86400.0


class AnsweringRows(EventRows):
    """Answers of one transaction's connection."""

    def response_records(self, ids: Sequence[int], since: datetime, until: datetime) -> dict[int, ResponseRecord]:
        """How these offices answered what was first sent to them in a period.

        What a document that was taken back had said does not count: an answer counts while the referral stands
        further than waiting for one.
        """
        if not ids:
            return {}
        told = self._told(ids, since, until).cte("told")
        counts = select(
            told.c.recipient_id,
            func.count().label("referrals"),
            func.sum(told.c.requests_sent).label("requests"),
            func.sum(case((told.c.answered_at.is_not(None), 1), else_=0)).label("answered"),
            func.sum(case((told.c.status.in_(_OPEN), 1), else_=0)).label("still_open"),
        ).group_by(told.c.recipient_id)
        medians: dict[int, dict[str, float]] = defaultdict(dict)
        for row in self._connection.execute(self._medians(told)):
            medians[row.recipient_id][row.measure] = float(row.days)
        return {
            row.recipient_id: ResponseRecord(
                row.referrals, int(row.requests), int(row.answered), int(row.still_open), **medians[row.recipient_id]
            )
            for row in self._connection.execute(counts)
        }

    def _told(self, ids: Sequence[int], since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
        """One row a referral: when it was sent, and when the office was first heard of, and had reported."""
        meant = (
            select(referrals.c.id)
            .where(referrals.c.recipient_id.in_(ids), referrals.c.sent_at >= since, referrals.c.sent_at < until)
            .scalar_subquery()
        )
        to = self._moved_to()
        moved = (
            select(
                events.c.referral_id,
                func.min(case((to.in_(_ANSWERS), events.c.at))).label("answered_at"),
                func.min(case((to == Status.REPORT_RECEIVED.value, events.c.at))).label("reported_at"),
            )
            .where(events.c.kind == EventKind.REFERRAL_MOVED.value, events.c.referral_id.in_(meant))
            .group_by(events.c.referral_id)
            .subquery()
        )
        counts = referrals.c.status.not_in(_SILENT)
        return (
            select(
                referrals.c.recipient_id,
                referrals.c.status,
                referrals.c.requests_sent,
                referrals.c.sent_at,
                case((counts, moved.c.answered_at)).label("answered_at"),
                case((counts, moved.c.reported_at)).label("reported_at"),
                case((counts, referrals.c.appointment_at)).label("appointment_at"),
            )
            .outerjoin(moved, moved.c.referral_id == referrals.c.id)
            .where(referrals.c.id.in_(meant))
        )

    def _medians(self, told: Any) -> Select[*tuple[Any, ...]]:
        """The middle of each measure's days, or the mean of the two in the middle."""
        measures = {
            "days_to_answer": told.c.answered_at,
            "days_to_appointment": told.c.appointment_at,
            "days_to_report": told.c.reported_at,
        }
        spans = union_all(
            *(
                select(
                    told.c.recipient_id, literal(name).label("measure"), self._days(told.c.sent_at, at).label("days")
                ).where(at >= told.c.sent_at)
                for name, at in measures.items()
            )
        ).subquery()
        parted = [spans.c.recipient_id, spans.c.measure]
        placed = select(
            *parted,
            spans.c.days,
            func.row_number().over(partition_by=parted, order_by=spans.c.days).label("place"),
            func.count().over(partition_by=parted).label("many"),
        ).subquery()
        middle = [placed.c.place * 2 >= placed.c.many, placed.c.place * 2 <= placed.c.many + 2]
        return (
            select(placed.c.recipient_id, placed.c.measure, func.avg(placed.c.days).label("days"))
            .where(*middle)
            .group_by(placed.c.recipient_id, placed.c.measure)
        )

    def _moved_to(self) -> ColumnElement[str]:
        """The state an event says the referral moved to."""
        if self._connection.dialect.name == "postgresql":
            return cast(events.c.detail, JSONB)["to"].astext
        return func.json_extract(events.c.detail, "$.to")

    def _days(self, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[float]:
        if self._connection.dialect.name == "postgresql":
            return cast(func.extract("epoch", end - start), Float) / _DAY_S
        return func.julianday(end) - func.julianday(start)
