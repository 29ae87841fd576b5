"""Staff pause the chasing of one referral until a day, and let it go on."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.event import Event, EventKind
from gateway.domain.pause import paused, resumed
from gateway.domain.referral import Referral
from gateway.services.change_referral import find
from gateway.services.ending import withdraw
from gateway.services.moving import with_due_time
from gateway.services.ports import Clock, Store
from gateway.services.rules import Rules
from gateway.services.said import said


@dataclass(frozen=True, slots=True)
class PauseReferral:
    """Both decisions, each in one commit with its event."""

    store: Store
    clock: Clock
    rules: Rules

    def pause(self, number: str, until: datetime, reason: str, actor: str) -> Referral:
        """Chase nothing before then; what was only meant to chase is called back. Raises NotSaid, IllegalTransition."""
        why, now = said(reason, "why it pauses"), self.clock.now()
        with self.store.transaction() as tx:
            referral = with_due_time(tx, self.rules, paused(find(tx, number), until, now))
            withdraw(tx, referral.id, "paused", now, only_chasing=True)
            detail: dict[str, str | int | float | bool | list[str] | None] = {"until": until.isoformat(), "why": why}
            event = Event(EventKind.FOLLOW_UP_PAUSED, now, actor, referral_id=referral.id, detail=detail)
            return tx.save_referral(referral, event)

    def resume(self, number: str, actor: str) -> Referral:
        """Go on from where the clock stood. Raises IllegalTransition where no pause runs."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = with_due_time(tx, self.rules, resumed(find(tx, number), now))
            return tx.save_referral(referral, Event(EventKind.FOLLOW_UP_RESUMED, now, actor, referral_id=referral.id))
