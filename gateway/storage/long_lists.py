"""Lists a page at a time, for programs that read all of them: behind a place, never by counting rows over."""

from datetime import datetime

from sqlalchemy import and_, or_, select

from gateway.domain.arrival import Arrival, ArrivalState, Part
from gateway.domain.referral import Referral
from gateway.domain.task import Task
from gateway.services.list_questions import ReferralsWanted, SettledBehind
from gateway.storage.chain import EventRows
from gateway.storage.tables import arrivals, parts, referrals, tasks
from gateway.storage.values import ARRIVAL_COLUMNS, arrival_of, part_of, referral_of, task_of
from gateway.storage.words import folded_words, parts_with


class LongLists(EventRows):
    """Lists of one transaction's connection."""

    def referrals_wanted(self, wanted: ReferralsWanted, below_id: int | None, limit: int) -> list[Referral]:
        """The newest first, of those with ids below this one."""
        query = select(referrals).order_by(referrals.c.id.desc()).limit(limit)
        if below_id is not None:
            query = query.where(referrals.c.id < below_id)
        if wanted.statuses is not None:
            query = query.where(referrals.c.status.in_([status.value for status in wanted.statuses]))
        if wanted.recipient_id is not None:
            query = query.where(referrals.c.recipient_id == wanted.recipient_id)
        if wanted.due_before is not None:
            query = query.where(referrals.c.due_at < wanted.due_before)
        if wanted.changed_since is not None:
            query = query.where(referrals.c.status_since >= wanted.changed_since)
        if wanted.is_escalated is not None:
            is_null = referrals.c.escalated_at.is_(None)
            query = query.where(~is_null if wanted.is_escalated else is_null)
        if wanted.external_id is not None:
            query = query.where(referrals.c.external_id == wanted.external_id)
        return [referral_of(row) for row in self._connection.execute(query)]

    def tasks_behind(self, after_id: int, limit: int, *, only_open: bool) -> list[Task]:
        """Oldest first."""
        query = select(tasks).where(tasks.c.id > after_id).order_by(tasks.c.id).limit(limit)
        if only_open:
            query = query.where(tasks.c.done_at.is_(None))
        return [task_of(row) for row in self._connection.execute(query)]

    def unread_since(self, before: datetime, limit: int) -> list[Arrival]:
        """Files that came before then and are not read yet, the oldest first."""
        is_unread = arrivals.c.state == ArrivalState.RECEIVED.value
        query = select(*ARRIVAL_COLUMNS).where(is_unread, arrivals.c.received_at < before)
        return [arrival_of(row) for row in self._connection.execute(query.order_by(arrivals.c.id).limit(limit))]

    def settled_behind(self, wanted: SettledBehind, limit: int) -> list[tuple[Part, Arrival]]:
        """The newest settled first; of two settled at once the one with the higher id."""
        query = select(parts).where(parts.c.state.in_([state.value for state in wanted.states]))
        if words := folded_words(wanted.searched):
            query = query.where(parts.c.id.in_(parts_with(self._connection.dialect.name, words)))
        if wanted.behind is not None:
            at = select(parts.c.settled_at).where(parts.c.id == wanted.behind).scalar_subquery()
            same = and_(parts.c.settled_at == at, parts.c.id < wanted.behind)
            query = query.where(or_(parts.c.settled_at < at, same))
        query = query.order_by(parts.c.settled_at.desc(), parts.c.id.desc()).limit(limit)
        found = [part_of(row) for row in self._connection.execute(query)]
        ids = {part.arrival_id for part in found}
        rows = self._connection.execute(select(*ARRIVAL_COLUMNS).where(arrivals.c.id.in_(ids)))
        arrived = {row.id: arrival_of(row) for row in rows}
        return [(part, arrived[part.arrival_id]) for part in found]
