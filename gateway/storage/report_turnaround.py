"""How long answers, bookings, visits and reports took, by specialist, specialty or urgency."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select, union_all

from gateway.services.reports.questions import By, Loop, Milestone, Spread, Turnaround, Which
from gateway.storage.chain import EventRows
from gateway.storage.report_rows import loop_of
from gateway.storage.report_sql import QUARTERS, counted, quantiles, word
from gateway.storage.report_tables import milestones
from gateway.storage.tables import recipients, referrals
from gateway.storage.values import RECIPIENT

_m = milestones.c
_KEYS: dict[By, ColumnElement[Any]] = {
    By.SPECIALIST: cast(_m.recipient_id, String),
    By.SPECIALTY: _m.specialty,
    By.URGENCY: _m.urgency,
}
_LASTED = {
    Milestone.ANSWERED: _m.answered_s,
    Milestone.BOOKED: _m.booked_s,
    Milestone.SEEN: _m.seen_s,
    Milestone.REPORTED: _m.reported_s,
}


class TurnaroundRows(EventRows):
    """Turnaround on one transaction's connection."""

    def turnaround(self, starts: datetime, ends: datetime, by: By, at: datetime) -> list[Turnaround]:
        """Of referrals first sent in the period, grouped, the largest groups first."""
        sent = _sent_between(starts, ends)
        key = _KEYS[by]
        judged = and_(_m.answer_by.is_not(None), or_(_m.answered_at.is_not(None), _m.answer_by < at))
        count = func.count()
        groups = (
            select(key, count, counted(judged), counted(_m.answered_at <= _m.answer_by))
            .where(sent)
            .group_by(key)
            .order_by(count.desc(), key)
        )
        rows = self._connection.execute(groups).all()
        spreads = self._spreads(sent, key)
        names = self._names([row[0] for row in rows]) if by is By.SPECIALIST else {}
        return [
            Turnaround(row[0], names.get(row[0], str(row[0])), row[1], row[2], row[3], spreads.get(row[0], {}))
            for row in rows
        ]

    def sent_in_group(self, starts: datetime, ends: datetime, by: By, key: str, limit: int) -> list[Loop]:
        """The referrals behind one group."""
        query = (
            select(referrals.c.number, referrals.c.intake, referrals.c.status, milestones)
            .join(referrals, referrals.c.id == _m.referral_id)
            .where(_sent_between(starts, ends), _KEYS[by] == key)
            .order_by(_m.sent_at, _m.referral_id)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        names = self._names([str(row.recipient_id) for row in rows])
        return [
            loop_of(row, names.get(str(row.recipient_id), ""), row.ordered_at or row.sent_at, Which.ALL) for row in rows
        ]

    def _spreads(self, sent: ColumnElement[bool], key: ColumnElement[Any]) -> dict[str, dict[Milestone, Spread]]:
        measured = union_all(
            *(
                select(key.label("key"), word(name.value).label("name"), lasted.label("value")).where(
                    sent, lasted.is_not(None)
                )
                for name, lasted in _LASTED.items()
            )
        )
        told = measured.subquery()
        found: dict[str, dict[Milestone, Spread]] = {}
        for (group, name), (count, (low, middle, high)) in quantiles(self._connection, select(told), QUARTERS).items():
            found.setdefault(group, {})[Milestone(name)] = Spread(count, low, middle, high)
        return found

    def _names(self, keys: list[str]) -> dict[str, str]:
        ids = {int(key) for key in keys}
        rows = self._connection.execute(select(recipients.c.id, recipients.c.value).where(recipients.c.id.in_(ids)))
        told = {row.id: RECIPIENT.validate_json(row.value) for row in rows}
        return {
            str(id_): f"{one.name}, {one.organization}" if one.organization else one.name for id_, one in told.items()
        }


def _sent_between(starts: datetime, ends: datetime) -> ColumnElement[bool]:
    return and_(_m.sent_at >= starts, _m.sent_at < ends)
