"""Putting a task off the work list until a day, and the chase of its referral too if that is asked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.domain.task import TaskKind
from gateway.errors import NotFound, NotSaid
from gateway.services.change_referral import find
from gateway.services.ports import Clock, Store
from gateway.services.rules import Rules

LONGEST = timedelta(days=92)


def next_morning(now: datetime, rules: Rules) -> datetime:
    """When the next working day of the clinic begins."""
    local = now.astimezone(rules.zone)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return rules.calendar.next_open(midnight.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class SnoozeTask:
    """One commit with its event."""

    store: Store
    clock: Clock
    rules: Rules

    def until_next_morning(self, number: str, kind: TaskKind, actor: str) -> None:
        """Until the clinic opens on its next working day."""
        self.until(number, kind, next_morning(self.clock.now(), self.rules), actor)

    def until(self, number: str, kind: TaskKind, until: datetime, actor: str) -> None:
        """Until then. Raises NotSaid for a day past or too far; NotFound if nothing of the kind is to do."""
        now = self.clock.now()
        if not now < until <= now + LONGEST:
            raise NotSaid(f"put it off until a day to come, within {LONGEST.days} days")
        with self.store.transaction() as tx:
            if not tx.snooze_task(find(tx, number).id, kind, until, now, actor):
                raise NotFound("this was done or put right meanwhile: look at the list again")
