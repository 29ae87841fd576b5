"""The work list: open tasks with their referrals, so many of each kind, however many there are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update

from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral
from gateway.domain.task import Task, TaskKind
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.queue_questions import Whose
from gateway.services.work_questions import WorkFilter
from gateway.storage.chain import EventRows
from gateway.storage.tables import events, recipients, referrals, tasks, transmissions
from gateway.storage.values import RECIPIENT, referral_of, task_of, transmission_of


class WorkRows(EventRows):
    """The work list of one transaction's connection."""

    def work(self, wanted: WorkFilter, at: datetime, *, each: int, offset: int = 0) -> list[tuple[Task, Referral]]:
        """So many of each kind with their referrals, escalated ones first, then the oldest."""
        place = (
            func.row_number()
            .over(
                partition_by=None if wanted.kinds else tasks.c.kind,
                order_by=(referrals.c.board_rank, tasks.c.created_at, tasks.c.id),
            )
            .label("place")
        )
        ranked = (
            select(tasks.c.id, place)
            .join(referrals, referrals.c.id == tasks.c.referral_id)
            .where(*_meant(wanted, at))
            .subquery()
        )
        query = (
            select(tasks)
            .join(ranked, ranked.c.id == tasks.c.id)
            .where(ranked.c.place > offset, ranked.c.place <= offset + each)
            .order_by(ranked.c.place)
        )
        found = [task_of(row) for row in self._connection.execute(query)]
        theirs = select(referrals).where(referrals.c.id.in_({task.referral_id for task in found}))
        by_id = {row.id: referral_of(row) for row in self._connection.execute(theirs)}
        return [(task, by_id[task.referral_id]) for task in found]

    def work_counts(self, wanted: WorkFilter, at: datetime) -> dict[TaskKind, int]:
        """How many of each kind there are."""
        query = select(tasks.c.kind, func.count()).select_from(tasks)
        if wanted.whose is not Whose.ALL:
            query = query.join(referrals, referrals.c.id == tasks.c.referral_id)
        rows = self._connection.execute(query.where(*_meant(wanted, at)).group_by(tasks.c.kind))
        return {TaskKind(row[0]): row[1] for row in rows}

    def uncertain_among(self, referral_ids: Sequence[int]) -> dict[int, Transmission]:
        """The newest packet of each of which nobody knows whether it arrived."""
        query = (
            select(transmissions)
            .where(
                transmissions.c.referral_id.in_(referral_ids),
                transmissions.c.state == TransmissionState.UNCERTAIN.value,
            )
            .order_by(transmissions.c.id)
        )
        return {row.referral_id: transmission_of(row) for row in self._connection.execute(query)}

    def last_calls(self, referral_ids: Sequence[int]) -> dict[int, datetime]:
        """When somebody last called about each."""
        query = (
            select(events.c.referral_id, func.max(events.c.at).label("at"))
            .where(events.c.referral_id.in_(referral_ids), events.c.kind == EventKind.CALL_LOGGED.value)
            .group_by(events.c.referral_id)
        )
        return {row.referral_id: row.at for row in self._connection.execute(query)}

    def offices_by_name(self, limit: int) -> list[Recipient]:
        """The directory, as far as a list to choose from goes."""
        rows = self._connection.execute(select(recipients).order_by(recipients.c.name_key).limit(limit))
        return [replace(RECIPIENT.validate_json(row.value), id=row.id) for row in rows]

    def snooze_task(self, referral_id: int, kind: TaskKind, until: datetime, at: datetime, actor: str) -> bool:
        """Put an open task off the list until then, with its event; whether there was one."""
        is_open = (tasks.c.referral_id == referral_id, tasks.c.kind == kind.value, tasks.c.done_at.is_(None))
        done = self._connection.execute(update(tasks).where(*is_open).values(snoozed_until=until))
        if done.rowcount == 0:
            return False
        told: dict[str, str | int | float | bool | list[str] | None] = {"kind": kind.value, "until": until.isoformat()}
        self.append(Event(EventKind.TASK_SNOOZED, at, actor, referral_id=referral_id, detail=told))
        return True


def _meant(wanted: WorkFilter, at: datetime) -> list[ColumnElement[bool]]:
    until = tasks.c.snoozed_until
    found: list[ColumnElement[bool]] = [
        tasks.c.done_at.is_(None),
        until > at if wanted.is_put_off else or_(until.is_(None), until <= at),
    ]
    if wanted.whose is Whose.MINE:
        found.append(referrals.c.owner == wanted.person)
    elif wanted.whose is Whose.UNASSIGNED:
        found.append(referrals.c.owner == "")
    if wanted.kinds:
        found.append(tasks.c.kind.in_(sorted(kind.value for kind in wanted.kinds)))
    return found
