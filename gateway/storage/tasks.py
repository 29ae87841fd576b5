"""Rows of what a person must do, of how far watchers read, and the gauges over all tables."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, insert, select, update

from gateway.domain.event import Event, EventKind
from gateway.domain.task import Task, TaskKind
from gateway.storage.chain import EventRows
from gateway.storage.tables import arrivals, parts, places, referrals, tasks, transmissions
from gateway.storage.values import task_of


class TaskRows(EventRows):
    """Tasks, places and counts of one transaction's connection."""

    def open_task(self, referral_id: int, kind: TaskKind, text: str, at: datetime, due_at: datetime | None) -> Task:
        """Open a task unless one of its kind is open on the referral (then that one)."""
        same = (tasks.c.referral_id == referral_id, tasks.c.kind == kind.value, tasks.c.done_at.is_(None))
        if known := self._connection.execute(select(tasks).where(*same)).first():
            return task_of(known)
        new_id = self._insert(
            insert(tasks).values(
                referral_id=referral_id, kind=kind.value, text=text, created_at=at, due_at=due_at, done_by=""
            )
        )
        self.append(Event(EventKind.TASK_OPENED, at, referral_id=referral_id, detail={"kind": kind.value}))
        row = self._connection.execute(select(tasks).where(tasks.c.id == new_id)).one()
        return task_of(row)

    def close_tasks(self, referral_id: int, kinds: Iterable[TaskKind] | None, at: datetime, actor: str) -> None:
        """Mark open tasks done (all kinds if None), with events."""
        query = select(tasks).where(tasks.c.referral_id == referral_id, tasks.c.done_at.is_(None))
        if kinds is not None:
            query = query.where(tasks.c.kind.in_([kind.value for kind in kinds]))
        for row in self._connection.execute(query).all():
            self._connection.execute(update(tasks).where(tasks.c.id == row.id).values(done_at=at, done_by=actor))
            self.append(Event(EventKind.TASK_DONE, at, actor, referral_id=referral_id, detail={"kind": row.kind}))

    def tasks(self, *, only_open: bool = True, limit: int = 1000) -> list[Task]:
        """Oldest first."""
        query = select(tasks).order_by(tasks.c.id).limit(limit)
        if only_open:
            query = query.where(tasks.c.done_at.is_(None))
        return [task_of(row) for row in self._connection.execute(query)]

    def place(self, source: str) -> str:
        """How far a source was read, or empty."""
        return self._connection.execute(select(places.c.value).where(places.c.source == source)).scalar() or ""

    def keep_place(self, source: str, value: str) -> None:
        """Remember how far a source was read."""
        done = self._connection.execute(update(places).where(places.c.source == source).values(value=value))
        if done.rowcount == 0:
            self._connection.execute(insert(places).values(source=source, value=value))

    def counts(self) -> dict[str, int]:
        """Rows by table and state, as `referrals.sent`, `parts.review`; open tasks as `tasks.open`."""
        found: dict[str, int] = {}
        stated = (
            ("referrals", referrals.c.status),
            ("transmissions", transmissions.c.state),
            ("arrivals", arrivals.c.state),
            ("parts", parts.c.state),
        )
        for name, column in stated:
            for state, count in self._connection.execute(select(column, func.count()).group_by(column)):
                found[f"{name}.{state}"] = count
        open_tasks = select(func.count()).select_from(tasks).where(tasks.c.done_at.is_(None))
        found["tasks.open"] = self._connection.execute(open_tasks).scalar() or 0
        return found
