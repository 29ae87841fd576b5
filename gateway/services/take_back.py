"""Taking back what was settled: the document waits in the queue again, the referral stands where it stood.

At any later time, and nothing of history goes: putting back is one more event. A referral that something else has
moved since stays where that brought it. What cannot be undone is told: the words are kept with the event, so that
every later reader of the document finds them. And a referral that is put back is chased again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from config.reference import format_number
from config.vocabulary import DocumentKind
from gateway.domain.arrival import Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.followup import ladder_of
from gateway.domain.referral import Referral, Status
from gateway.domain.standing import FilingEffect, Standing
from gateway.domain.transmission import Transmission
from gateway.errors import NotFound
from gateway.services.intend import CHASER
from gateway.services.moving import with_due_time
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules

Requeue = Callable[[Transaction, Part, str], None]
"""Puts an unmatched part in review with its candidates and this reason."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking back did and could not do, in words for staff; `referral_ids` it was about."""

    undone: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    referral_ids: tuple[int, ...] = ()


@dataclass(slots=True)
class TakeBack:
    """Undo, unfile and restore are one thing."""

    store: Store
    clock: Clock
    rules: Rules
    requeue: Requeue

    def take_back(self, item_id: int, actor: str) -> TakenBack:
        """Put a settled item back in the queue; returns what became of its referrals.

        Raises:
            NotFound: no such item, or its bytes were purged.
            StaleRow: it is not settled, or someone else was first.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            part = tx.part(item_id)
            if tx.is_purged(part.arrival_id):
                raise NotFound(f"item {item_id} was in the trash for too long: its bytes are gone")
            filed = tx.effects_of(part.id)
            told = [self._put_back(tx, part, one, now, actor) for one in filed]
            back = TakenBack(
                undone=tuple(words for undone, _ in told for words in undone),
                stays=tuple(words for _, stays in told for words in stays),
                referral_ids=tuple(referral_id for referral_id, _ in filed),
            )
            tx.take_back(part, _taken_back(part, back, now, actor))
            self.requeue(tx, tx.part(part.id), f"taken back by {actor}")
        return back

    def chased(self, tx: Transaction, item_id: int, referral_ids: tuple[int, ...]) -> list[str]:
        """For each referral that an item was taken back from, whether and when it is chased again."""
        held = {referral.id for _, referral in tx.candidates_of(item_id)}
        return [self._chased(tx, item_id, tx.referral(id_), is_held=id_ in held) for id_ in referral_ids]

    def _chased(self, tx: Transaction, item_id: int, referral: Referral, *, is_held: bool) -> str:
        number = format_number(referral.number)
        if referral.due_at is not None and referral.clock is not None:
            is_due = referral.due_at <= self.clock.now()
            when = "at once" if is_due else f"from {_day(referral.due_at, self.rules)}"
            if is_held:
                return f"{number} is not chased while item {item_id} may be its answer; then {when}."
            return f"{number} is chased again {when}."
        if tasks := tx.open_tasks_of(referral.id):
            return f"{number} waits for staff: {', '.join(_worded(task.kind) for task in tasks)}."
        if referral.status in (Status.CLOSED, Status.CANCELLED):
            return f"{number} is {_worded(referral.status)}: nothing is chased."
        return f"Nothing chases {number}: look at it."

    def _put_back(
        self, tx: Transaction, part: Part, filed: tuple[int, FilingEffect | None], at: datetime, actor: str
    ) -> tuple[list[str], list[str]]:
        """Put one referral back where it stood before the part was filed on it; what was undone, and what stays."""
        referral_id, effect = filed
        referral = tx.referral(referral_id)
        number = format_number(referral.number)
        stays = list(_beyond_recall(tx, part, referral, effect))
        if effect is None or not effect.after.is_that_of(referral):
            if effect is not None:
                _pass_on(tx, part, referral_id, effect)
            tx.append(_note_of(part, referral, referral.status, at, actor))
            return [], [f"{number} stays {_worded(referral.status)}: something else has moved it since.", *stays]
        put = self._revived(tx, effect, effect.before.put_on(referral))
        tx.save_referral(put, _note_of(part, referral, put.status, at, actor))
        tx.finish_tasks(effect.opened_tasks, at, actor)
        tx.reopen_tasks(effect.closed_tasks, at, actor)
        _unconfirm(tx, effect, at, actor)
        return list(_undone(effect, number, put.status, self.rules)), stays

    def _revived(self, tx: Transaction, effect: FilingEffect, put: Referral) -> Referral:
        """With its next step's time computed anew, so that nobody must remember it.

        A request that filing withdrew is due again; a ladder that had no rung left takes its last one again.
        """
        lost = sum(row.requested_by.startswith(CHASER) for row in _withdrawn(tx, put.id, effect))
        revived = with_due_time(tx, self.rules, replace(put, rung=max(0, put.rung - lost)))
        ladder = ladder_of(revived, self.rules.policy)
        if revived.due_at is None and ladder:
            revived = with_due_time(tx, self.rules, replace(revived, rung=len(ladder) - 1))
        return revived


def taken_back(tx: Transaction, part: Part) -> TakenBack | None:
    """What the last taking back of a part that waits said; None if it was never taken back."""
    event = tx.last_taken_back(part.id)
    if event is None or part.state is not PartState.REVIEW:
        return None
    detail = event.detail or {}
    return TakenBack(
        undone=_words(detail.get("undone")),
        stays=_words(detail.get("stays")),
        referral_ids=tuple(int(one) for one in _words(detail.get("referrals"))),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType] - of JSON


def _taken_back(part: Part, back: TakenBack, at: datetime, actor: str) -> Event:
    return Event(
        EventKind.PART_TAKEN_BACK,
        at,
        actor,
        arrival_id=part.arrival_id,
        part_id=part.id,
        detail={
            "was": part.state.value,
            "settled_by": part.settled_by,
            "undone": list(back.undone),
            "stays": list(back.stays),
            "referrals": [str(one) for one in back.referral_ids],
        },
    )


def _undone(effect: FilingEffect, number: str, now: Status, rules: Rules) -> Iterator[str]:
    is_same = effect.before.status == effect.after.status
    yield f"{number} {'stays' if is_same else 'is again'} {_worded(now)}."
    before, after = effect.before.appointment_at, effect.after.appointment_at
    if after is not None and after != before:
        kept = f": it is {_day(before, rules)} again" if before else ""
        yield f"Its appointment of {_day(after, rules)} is taken off{kept}."
    for ids, said in ((effect.opened_tasks, "that filing opened"), (effect.closed_tasks, "that filing closed")):
        if ids:
            count = f"{len(ids)} task{'' if len(ids) == 1 else 's'}"
            yield f"{count} {said} {'is' if len(ids) == 1 else 'are'} {'done' if 'opened' in said else 'open again'}."
    if effect.confirmed_recipient is not None:
        yield "The office's fax number counts as unconfirmed again."


def _beyond_recall(tx: Transaction, part: Part, referral: Referral, effect: FilingEffect | None) -> Iterator[str]:
    """What taking back cannot undo."""
    number = format_number(referral.number)
    sent = tx.transmissions_of(referral.id)
    since = [row for row in sent if row.submitted_at and part.settled_at and row.submitted_at >= part.settled_at]
    if since:
        yield f"What went out for {number} since then cannot be called back ({_packets(len(since))})."
    for row in _withdrawn(tx, referral.id, effect):
        again = "is due again" if row.requested_by.startswith(CHASER) else "must be sent again by hand if it is wanted"
        yield f"The request by {row.channel.value} that was withdrawn stays withdrawn; it {again}."
    if part.kind is DocumentKind.BOUNCE:
        yield f"The mail of {number} that this said came back stays failed."


def _packets(count: int) -> str:
    return f"{count} packet{'' if count == 1 else 's'}"


def _withdrawn(tx: Transaction, referral_id: int, effect: FilingEffect | None) -> list[Transmission]:
    ids = set(effect.withdrawn) if effect else set[int]()
    return [row for row in tx.transmissions_of(referral_id) if row.id in ids]


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


def _day(at: datetime, rules: Rules) -> str:
    return f"{at.astimezone(rules.zone):%b %d, %H:%M}"


def _worded(word: str) -> str:
    return str(word).replace("_", " ")


def is_settled(part: Part) -> bool:
    """Whether there is something to take back."""
    return part.state in (PartState.FILED, PartState.DISCARDED, PartState.KEPT)
