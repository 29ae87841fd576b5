"""What people put on queue items: who has one open, whose it is, labels and notes; and blocked senders.

A hold is a lease with a name in the row, renewed while the page is open, so that a closed lid frees it by itself.
"""

from datetime import datetime

from sqlalchemy import delete, exists, insert, or_, select, update

from gateway.domain.event import Event, EventKind
from gateway.services.queue_questions import Blocked, Mark, Note
from gateway.storage.chain import EventRows
from gateway.storage.tables import blocked_senders, notes, queue_marks


class MarkRows(EventRows):
    """Marks of one transaction's connection."""

    def mark(self, item_id: int) -> Mark:
        """What people have put on an item; an empty mark if nothing."""
        row = self._connection.execute(select(queue_marks).where(queue_marks.c.item_id == item_id)).one_or_none()
        return Mark(row.item_id, row.assigned_to, row.label, row.held_by, row.held_until) if row else Mark(item_id)

    def hold(self, item_id: int, person: str, at: datetime, until: datetime) -> Mark:
        """Take or renew the lease unless another person holds it: then theirs is returned unchanged."""
        free = or_(
            queue_marks.c.held_by.in_(("", person)), queue_marks.c.held_until.is_(None), queue_marks.c.held_until <= at
        )
        self._ensure(item_id)
        self._connection.execute(
            update(queue_marks).where(queue_marks.c.item_id == item_id, free).values(held_by=person, held_until=until)
        )
        return self.mark(item_id)

    def release(self, item_id: int, person: str) -> None:
        """End this person's lease."""
        self._connection.execute(
            update(queue_marks)
            .where(queue_marks.c.item_id == item_id, queue_marks.c.held_by == person)
            .values(held_by="", held_until=None)
        )

    def mark_assigned(self, item_id: int, person: str, event: Event) -> None:
        """Hand it to somebody, or to nobody with an empty name."""
        self._set(item_id, assigned_to=person)
        self.append(event)

    def mark_labelled(self, item_id: int, label: str, event: Event) -> None:
        """One short label; empty takes it off."""
        self._set(item_id, label=label)
        self.append(event)

    def add_note(self, item_id: int, note: Note, event: Event) -> None:
        """Add what a person wrote; the text stays out of the event, which is never forgotten."""
        self._connection.execute(insert(notes).values(item_id=item_id, at=note.at, author=note.author, text=note.text))
        self.append(event)

    def notes(self, item_id: int) -> list[Note]:
        """Oldest first."""
        query = select(notes).where(notes.c.item_id == item_id).order_by(notes.c.id)
        return [Note(row.at, row.author, row.text) for row in self._connection.execute(query)]

    def people_at_the_desk(self) -> list[str]:
        """Who has items assigned or has opened one."""
        assigned = select(queue_marks.c.assigned_to).where(queue_marks.c.assigned_to != "")
        held = select(queue_marks.c.held_by).where(queue_marks.c.held_by != "")
        return sorted(self._connection.execute(assigned.union(held)).scalars())

    def block_sender(self, sender: str, reason: str, at: datetime, actor: str) -> None:
        """From now on what names no referral of ours and comes from there goes to the trash by itself."""
        if sender and not self.is_blocked(sender):
            self._connection.execute(insert(blocked_senders).values(sender=sender, reason=reason, at=at, actor=actor))
            self.append(Event(EventKind.SENDER_BLOCKED, at, actor, detail={"sender": sender}))

    def unblock_sender(self, sender: str, at: datetime, actor: str) -> None:
        """Take the block off."""
        done = self._connection.execute(delete(blocked_senders).where(blocked_senders.c.sender == sender))
        if done.rowcount:
            self.append(Event(EventKind.SENDER_UNBLOCKED, at, actor, detail={"sender": sender}))

    def blocked_senders(self) -> list[Blocked]:
        """All that are blocked, the newest first."""
        rows = self._connection.execute(select(blocked_senders).order_by(blocked_senders.c.at.desc()))
        return [Blocked(row.sender, row.at, row.actor, row.reason) for row in rows]

    def is_blocked(self, sender: str) -> bool:
        """Whether a sender is blocked."""
        return bool(self._connection.execute(select(exists().where(blocked_senders.c.sender == sender))).scalar())

    def _set(self, item_id: int, **values: str) -> None:
        self._ensure(item_id)
        self._connection.execute(update(queue_marks).where(queue_marks.c.item_id == item_id).values(**values))

    def _ensure(self, item_id: int) -> None:
        known = self._connection.execute(select(exists().where(queue_marks.c.item_id == item_id))).scalar()
        if not known:
            self._connection.execute(insert(queue_marks).values(item_id=item_id))

    def _move_marks(self, item_id: int, to: int) -> None:
        """An unreadable document became a part: what was put on it goes along."""
        self._connection.execute(update(queue_marks).where(queue_marks.c.item_id == item_id).values(item_id=to))
        self._connection.execute(update(notes).where(notes.c.item_id == item_id).values(item_id=to))

    def _forget_notes(self, item_ids: list[int]) -> None:
        self._connection.execute(delete(notes).where(notes.c.item_id.in_(item_ids)))
