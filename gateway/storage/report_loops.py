"""The closed-loop measure: which referrals count, which were met, and the referrals behind each number."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from config.vocabulary import ServiceKind
from gateway.domain.milestones import ReportFrom
from gateway.domain.referral import Status
from gateway.services.reports.questions import Loop, LoopCount, Which, Window
from gateway.storage.chain import EventRows
from gateway.storage.report_rows import loop_of
from gateway.storage.report_sql import counted
from gateway.storage.report_tables import milestones
from gateway.storage.tables import recipients, referrals
from gateway.storage.values import RECIPIENT

_m = milestones.c
_NO_CLINICIAN = (ServiceKind.LAB.value, ServiceKind.IMAGING.value, ServiceKind.COMMUNITY_RESOURCE.value)
"""Orders for these refer to no clinician who could report."""
_COUNTED = (Which.MET, Which.NO_REPORT, Which.UNKNOWN, Which.LATE, Which.CANCELLED)


class LoopRows(EventRows):
    """The measure on one transaction's connection."""

    def loops_counted(self, window: Window) -> LoopCount:
        """The closed-loop counts: one question for each of the two rates."""
        told = _told(window).subquery()
        found: dict[str, int] = {
            row[0]: row[1]
            for row in self._connection.execute(select(told.c.which, func.count()).group_by(told.c.which))
        }
        every, reported, cancelled = self._connection.execute(
            select(
                func.count(),
                counted(_m.reported_at < window.ends),
                counted(referrals.c.status == Status.CANCELLED.value),
            )
            .join(referrals, referrals.c.id == _m.referral_id)
            .where(_ordered(window))
        ).one()
        return LoopCount(
            population=sum(found.get(which.value, 0) for which in _COUNTED),
            met=found.get(Which.MET.value, 0),
            no_report=found.get(Which.NO_REPORT.value, 0),
            report_of_unknown=found.get(Which.UNKNOWN.value, 0),
            report_late=found.get(Which.LATE.value, 0),
            cancelled=found.get(Which.CANCELLED.value, 0),
            left_out_later=found.get(Which.LATER.value, 0),
            left_out_month=found.get(Which.MONTH.value, 0),
            left_out_service=found.get(Which.SERVICE.value, 0),
            all=every,
            all_reported=reported,
            all_cancelled=cancelled,
        )

    def population(self, window: Window) -> list[tuple[str, Which]]:
        """The patient's key and the list of each referral in the population."""
        told = _told(window).subquery()
        query = (
            select(_m.patient_key, told.c.which)
            .join(told, told.c.referral_id == _m.referral_id)
            .where(told.c.which.in_([one.value for one in _COUNTED]))
        )
        return [(row[0], Which(row[1])) for row in self._connection.execute(query)]

    def loops(self, window: Window, which: Which | None, limit: int) -> list[Loop]:
        """The referrals behind one of the counts; the whole population for None."""
        told = _told(window).subquery()
        query = (
            select(
                milestones, referrals.c.number, referrals.c.intake, referrals.c.status, told.c.which, recipients.c.value
            )
            .join(told, told.c.referral_id == _m.referral_id)
            .join(referrals, referrals.c.id == _m.referral_id)
            .join(recipients, recipients.c.id == _m.recipient_id)
            .where(*_wanted(which, told.c.which, window))
            .order_by(_m.ordered_at, _m.referral_id)
            .limit(limit)
        )
        return [
            loop_of(row, RECIPIENT.validate_json(row.value).name, row.ordered_at, Which(row.which))
            for row in self._connection.execute(query)
        ]


def _ordered(window: Window) -> ColumnElement[bool]:
    return and_(_m.ordered_at >= window.starts, _m.ordered_at < window.ends)


def _told(window: Window) -> Select[*tuple[Any, ...]]:
    """Each referral ordered in the period, and which of the lists it belongs to."""
    is_order = _m.service.in_(_NO_CLINICIAN)
    nth = func.row_number().over(
        partition_by=(_m.patient_key, case((is_order, 1), else_=0)), order_by=(_m.ordered_at, _m.referral_id)
    )
    numbered = (
        select(
            _m.referral_id, _m.ordered_at, _m.reported_at, _m.report_from, _m.service, referrals.c.status,
            nth.label("nth"),
        )
        .join(referrals, referrals.c.id == _m.referral_id)
        .where(_ordered(window))
        .subquery()
    )  # fmt: skip
    n = numbered.c
    is_theirs = n.report_from.in_((ReportFrom.OFFICE.value, ReportFrom.PERSON.value))
    in_time = and_(n.reported_at > n.ordered_at, n.reported_at < window.ends)
    which = case(
        (n.service.in_(_NO_CLINICIAN), Which.SERVICE.value),
        (n.ordered_at >= window.orders_end, Which.MONTH.value),
        (n.nth > 1, Which.LATER.value),
        (and_(in_time, is_theirs), Which.MET.value),
        (in_time, Which.UNKNOWN.value),
        (n.reported_at >= window.ends, Which.LATE.value),
        (n.status == Status.CANCELLED.value, Which.CANCELLED.value),
        else_=Which.NO_REPORT.value,
    )
    return select(n.referral_id, which.label("which"))


def _wanted(which: Which | None, told: ColumnElement[Any], window: Window) -> list[ColumnElement[bool]]:
    match which:
        case None | Which.POPULATION:
            return [told.in_([one.value for one in _COUNTED])]
        case Which.ALL:
            return []
        case Which.ALL_REPORTED:
            return [_m.reported_at < window.ends]
        case _:
            return [told == which.value]
