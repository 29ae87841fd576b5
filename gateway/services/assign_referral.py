"""Whose a referral is: one person of the staff looks after it, or nobody."""

from dataclasses import dataclass, replace

from gateway.domain.event import Event, EventKind
from gateway.domain.person import name_key
from gateway.domain.referral import Referral
from gateway.errors import NotFound
from gateway.services.change_referral import find
from gateway.services.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class AssignReferral:
    """One commit with its event."""

    store: Store
    clock: Clock

    def assign(self, number: str, person: str, actor: str) -> Referral:
        """Make it somebody's, or with an empty name nobody's. Raises NotFound for who has no account that may act."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            owner = _account(tx.people_who_act(), person) if person.strip() else ""
            if owner == referral.owner:
                return referral
            detail: dict[str, str | int | float | bool | list[str] | None] = {
                "from": referral.owner or "nobody",
                "to": owner or "nobody",
            }
            event = Event(EventKind.REFERRAL_ASSIGNED, now, actor, referral_id=referral.id, detail=detail)
            return tx.save_referral(replace(referral, owner=owner), event)


def _account(people: list[str], person: str) -> str:
    for name in people:
        if name_key(name) == name_key(person):
            return name
    raise NotFound(f"nobody called {person!r} has an account that may act: choose somebody of the staff")
