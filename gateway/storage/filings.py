"""What filing a document changed, and taking a settled document back. Rows of filings go; their events stay."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, select, update

from gateway.domain.arrival import Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.standing import FilingEffect
from gateway.domain.task import Task
from gateway.errors import StaleRow
from gateway.storage.arrivals import ArrivalRows
from gateway.storage.chain import chained
from gateway.storage.tables import events, filings, parts, tasks
from gateway.storage.values import task_of

_EFFECT: TypeAdapter[FilingEffect] = TypeAdapter(FilingEffect)
_SETTLED = (PartState.FILED, PartState.DISCARDED, PartState.KEPT)


class FilingRows(ArrivalRows):
    """Filings of one transaction's connection."""

    def keep_effect(self, part_id: int, referral_id: int, effect: FilingEffect) -> None:
        """Keep with a filing what it changed."""
        self._connection.execute(
            update(filings)
            .where(filings.c.part_id == part_id, filings.c.referral_id == referral_id)
            .values(effect=_EFFECT.dump_json(effect).decode())
        )

    def effects_of(self, part_id: int) -> list[tuple[int, FilingEffect | None]]:
        """For each referral a part is filed on, what that changed."""
        query = select(filings.c.referral_id, filings.c.effect).where(filings.c.part_id == part_id)
        return [
            (row.referral_id, _EFFECT.validate_json(row.effect) if row.effect else None)
            for row in self._connection.execute(query.order_by(filings.c.referral_id))
        ]

    def later_effects(self, part_id: int, referral_id: int) -> list[tuple[int, FilingEffect]]:
        """Of filings on the same referral after this one, oldest first."""
        settled_at = select(parts.c.settled_at).where(parts.c.id == part_id).scalar_subquery()
        query = (
            select(filings.c.part_id, filings.c.effect)
            .join(parts, parts.c.id == filings.c.part_id)
            .where(
                and_(filings.c.referral_id == referral_id, filings.c.part_id != part_id),
                filings.c.effect.is_not(None),
                parts.c.settled_at > settled_at,
            )
            .order_by(parts.c.settled_at)
        )
        return [(row.part_id, _EFFECT.validate_json(row.effect)) for row in self._connection.execute(query)]

    def take_back(self, part: Part, event: Event) -> Part:
        """A settled part becomes unmatched again. Raises StaleRow."""
        if part.state not in _SETTLED:
            raise StaleRow(f"item {part.id} is {part.state.value}: there is nothing to take back; reload the page")
        done = self._connection.execute(
            update(parts)
            .where(parts.c.id == part.id, parts.c.state == part.state.value)
            .values(state=PartState.UNMATCHED.value, reason="", settled_by="", settled_at=None)
        )
        if done.rowcount != 1:
            raise StaleRow(f"item {part.id} was changed by someone else first: reload the page")
        self._connection.execute(delete(filings).where(filings.c.part_id == part.id))
        self.append(event)
        return self.part(part.id)

    def last_taken_back(self, part_id: int) -> Event | None:
        """The event of a part's last taking back."""
        query = select(events).where(events.c.part_id == part_id, events.c.kind == EventKind.PART_TAKEN_BACK.value)
        row = self._connection.execute(query.order_by(events.c.seq.desc()).limit(1)).one_or_none()
        return chained(row).event if row else None

    def open_tasks_of(self, referral_id: int) -> list[Task]:
        """Open tasks of one referral."""
        query = select(tasks).where(tasks.c.referral_id == referral_id, tasks.c.done_at.is_(None))
        return [task_of(row) for row in self._connection.execute(query.order_by(tasks.c.id))]

    def reopen_tasks(self, task_ids: Sequence[int], at: datetime, actor: str) -> None:
        """Open again what was done by mistake, unless one of its kind is open."""
        for row in self._connection.execute(select(tasks).where(tasks.c.id.in_(task_ids))).all():
            if row.kind in {task.kind.value for task in self.open_tasks_of(row.referral_id)}:
                continue
            self._connection.execute(update(tasks).where(tasks.c.id == row.id).values(done_at=None, done_by=""))
            detail: dict[str, str | int | float | bool | list[str] | None] = {"kind": row.kind, "again": True}
            self.append(Event(EventKind.TASK_OPENED, at, actor, referral_id=row.referral_id, detail=detail))

    def finish_tasks(self, task_ids: Sequence[int], at: datetime, actor: str) -> None:
        """Mark these done if they are open."""
        query = select(tasks).where(tasks.c.id.in_(task_ids), tasks.c.done_at.is_(None))
        for row in self._connection.execute(query).all():
            self._connection.execute(update(tasks).where(tasks.c.id == row.id).values(done_at=at, done_by=actor))
            self.append(Event(EventKind.TASK_DONE, at, actor, referral_id=row.referral_id, detail={"kind": row.kind}))
