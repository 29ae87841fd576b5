"""What people do to an item short of settling it: open it, claim it, hand it on, label it, write a note."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.event import Event, EventKind
from gateway.services.ports import Clock, Store
from gateway.services.queue_questions import Mark, Note
from gateway.services.settle_review import refuse_if_held

HELD_FOR = timedelta(seconds=90)
"""How long a page counts as open without a sign of life; it gives one three times as often."""
_LONGEST_NOTE = 2000


@dataclass(slots=True)
class QueueMarks:
    """Each change is one commit with its event; a hold is no change, and makes none."""

    store: Store
    clock: Clock

    def hold(self, item_id: int, actor: str) -> Mark:
        """Say that the actor has the item open; the mark tells who has it if not them."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            return tx.hold(item_id, actor, now, now + HELD_FOR)

    def release(self, item_id: int, actor: str) -> None:
        """Say that they have closed it."""
        with self.store.transaction() as tx:
            tx.release(item_id, actor)

    def hand_to(self, item_id: int, person: str, actor: str) -> None:
        """Make it somebody's, one's own, or with an empty name nobody's. Raises NotFound, StaleRow."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            refuse_if_held(tx, item_id, actor, now)
            event = _event(EventKind.PART_ASSIGNED, tx.place_of(item_id).arrival_id, item_id, now, actor)
            tx.mark_assigned(item_id, person, event)
            if person != actor:
                tx.release(item_id, actor)

    def label(self, item_id: int, label: str, actor: str) -> None:
        """Put a short label on it. Raises NotFound, StaleRow."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            refuse_if_held(tx, item_id, actor, now)
            event = _event(EventKind.PART_LABELLED, tx.place_of(item_id).arrival_id, item_id, now, actor)
            tx.mark_labelled(item_id, " ".join(label.split())[:40], event)

    def note(self, item_id: int, text: str, actor: str) -> None:
        """Write on it; anybody may, whoever has it open. Raises NotFound."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            event = _event(EventKind.PART_NOTED, tx.place_of(item_id).arrival_id, item_id, now, actor)
            tx.add_note(item_id, Note(now, actor, text.strip()[:_LONGEST_NOTE]), event)

    def unblock(self, sender: str, actor: str) -> None:
        """Hear a blocked sender again."""
        with self.store.transaction() as tx:
            tx.unblock_sender(sender, self.clock.now(), actor)


def _event(kind: EventKind, arrival_id: int, item_id: int, at: datetime, actor: str) -> Event:
    return Event(kind, at, actor, arrival_id=arrival_id, part_id=item_id if item_id > 0 else None)
