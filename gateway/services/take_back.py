"""Taking back what was settled: the document waits in the queue again, the referral stands where it stood.

At any later time, and nothing of history goes: putting back is one more event. A referral that something else has
moved since stays where that brought it, and the caller is told so.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from config.reference import format_number
from gateway.domain.arrival import Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.standing import FilingEffect, Standing
from gateway.errors import NotFound
from gateway.services.ports import Clock, Store, Transaction

Requeue = Callable[[Transaction, Part, str], None]
"""Puts an unmatched part in review with its candidates and this reason."""


@dataclass(slots=True)
class TakeBack:
    """Undo, unfile and restore are one thing."""

    store: Store
    clock: Clock
    requeue: Requeue

    def take_back(self, item_id: int, actor: str) -> str:
        """Put a settled item back in the queue; returns what became of its referrals, in words for staff.

        Raises:
            NotFound: no such item, or its bytes were purged.
            StaleRow: it is not settled, or someone else was first.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            part = tx.part(item_id)
            if tx.is_purged(part.arrival_id):
                raise NotFound(f"item {item_id} was in the trash for too long: its bytes are gone")
            told = [_put_back(tx, part, filed, now, actor) for filed in tx.effects_of(part.id)]
            tx.take_back(part, _taken_back(part, now, actor))
            self.requeue(tx, tx.part(part.id), f"taken back by {actor}")
        return " ".join(told)


def _taken_back(part: Part, at: datetime, actor: str) -> Event:
    return Event(
        EventKind.PART_TAKEN_BACK,
        at,
        actor,
        arrival_id=part.arrival_id,
        part_id=part.id,
        detail={"was": part.state.value, "settled_by": part.settled_by},
    )


def _put_back(tx: Transaction, part: Part, filed: tuple[int, FilingEffect | None], at: datetime, actor: str) -> str:
    """Put one referral back where it stood before the part was filed on it."""
    referral_id, effect = filed
    referral = tx.referral(referral_id)
    number = format_number(referral.number)
    is_same = effect is not None and effect.before.status == effect.after.status
    if effect is None or not effect.after.is_that_of(referral):
        if effect is not None:
            _pass_on(tx, part, referral_id, effect)
        tx.append(_note_of(part, referral, referral.status, at, actor))
        return f"{number} stays {_worded(referral.status)}: something else has moved it since."
    put = effect.before.put_on(referral)
    tx.save_referral(put, _note_of(part, referral, put.status, at, actor))
    tx.finish_tasks(effect.opened_tasks, at, actor)
    tx.reopen_tasks(effect.closed_tasks, at, actor)
    _unconfirm(tx, effect, at, actor)
    return f"{number} {'stays' if is_same else 'is again'} {_worded(put.status)}."


def _pass_on(tx: Transaction, part: Part, referral_id: int, effect: FilingEffect) -> None:
    """The next document filed there started from what this one made: it now starts from where this one did."""
    for later_id, later in tx.later_effects(part.id, referral_id)[:1]:
        if later.before == effect.after or _moved_alike(later.before, effect.after):
            tx.keep_effect(later_id, referral_id, replace(later, before=effect.before))


def _moved_alike(one: Standing, other: Standing) -> bool:
    return (one.status, one.status_since) == (other.status, other.status_since)


def _unconfirm(tx: Transaction, effect: FilingEffect, at: datetime, actor: str) -> None:
    """The number was confirmed by an answer that was none of this referral's."""
    if effect.confirmed_recipient is not None:
        recipient = tx.recipient(effect.confirmed_recipient)
        event = Event(EventKind.RECIPIENT_SAVED, at, actor, recipient_id=recipient.id, detail={"confirmed": False})
        tx.save_recipient(replace(recipient, fax_confirmed_at=None, fax_confirmed_by=""), event)


def _note_of(part: Part, referral: Referral, now: Status, at: datetime, actor: str) -> Event:
    return Event(
        EventKind.REFERRAL_PUT_BACK,
        at,
        actor,
        referral_id=referral.id,
        arrival_id=part.arrival_id,
        part_id=part.id,
        detail={"from": referral.status.value, "to": now.value},
    )


def _worded(status: Status) -> str:
    return status.value.replace("_", " ")


def is_settled(part: Part) -> bool:
    """Whether there is something to take back."""
    return part.state in (PartState.FILED, PartState.DISCARDED, PartState.KEPT)
