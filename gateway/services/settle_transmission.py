"""A packet of which nobody knows whether it arrived: a person asked, and says that it did or that it did not."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.event import Event, EventKind
from gateway.domain.referral import OPEN, Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.errors import IllegalTransition, NotFound
from gateway.services.change_referral import find
from gateway.services.intend import no_way_there, request_again, usable_channel
from gateway.services.moving import advance
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules

T = TransmissionState


@dataclass(frozen=True, slots=True)
class SettleTransmission:
    """Both decisions, each in one commit with its events."""

    store: Store
    clock: Clock
    rules: Rules

    def arrived(self, number: str, actor: str) -> None:
        """It was received. Raises NotFound where nothing is uncertain any more."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            if not arrived(tx, self.rules, referral, now, actor):
                raise NotFound("nothing is uncertain here any more: look at the list again")
            tx.close_tasks(referral.id, [TaskKind.UNCERTAIN_TRANSMISSION], now, actor)

    def send_again(self, number: str, actor: str) -> None:
        """It never arrived: once more by the usual channel. Raises NotFound without a way there."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            send_again(tx, self.rules, referral, now, actor)
            tx.close_tasks(referral.id, [TaskKind.UNCERTAIN_TRANSMISSION], now, actor)


def arrived(tx: Transaction, rules: Rules, referral: Referral, at: datetime, actor: str) -> bool:
    """The uncertain packets of the referral are delivered, by a person's word; whether there was one."""
    rows = _uncertain(tx, referral)
    for row in rows:
        _settle(tx, row, replace(row, state=T.DELIVERED, cause="a person asked: it arrived"), at, actor)
    now = tx.referral(referral.id)
    is_request = any(row.purpose is not Purpose.NUMBER_TEST for row in rows)
    if is_request and now.status in (Status.SENT, Status.DELIVERY_FAILED):
        advance(tx, rules, now, Status.DELIVERED, at, actor=actor, why="a person asked: it arrived")
    return bool(rows)


def send_again(tx: Transaction, rules: Rules, referral: Referral, at: datetime, actor: str) -> None:
    """The uncertain packets of the referral failed, by a person's word; it is intended once more."""
    if referral.status not in OPEN:
        raise IllegalTransition(f"referral {referral.number} is {referral.status}: nothing is sent for it any more")
    for row in _uncertain(tx, referral):
        _settle(tx, row, replace(row, state=T.FAILED, cause="a person asked: it never arrived"), at, actor)
    recipient = tx.recipient(referral.intake.recipient_id)
    channel = usable_channel(recipient, rules.channels)
    if channel is None:
        raise NotFound(no_way_there(recipient, rules.channels))
    if not request_again(tx, referral, channel, requested_by=actor, at=at):
        raise IllegalTransition(f"a packet for {referral.number} is on its way already: wait how that one ends")


def _uncertain(tx: Transaction, referral: Referral) -> list[Transmission]:
    return [row for row in tx.transmissions_of(referral.id) if row.state is T.UNCERTAIN]


def _settle(tx: Transaction, before: Transmission, after: Transmission, at: datetime, actor: str) -> None:
    told: dict[str, str | int | float | bool | list[str] | None] = {
        "from": before.state.value,
        "to": after.state.value,
        "why": after.cause,
    }
    event = Event(
        EventKind.TRANSMISSION_MOVED,
        at,
        actor,
        referral_id=before.referral_id,
        transmission_id=before.id,
        detail=told,
    )
    tx.save_transmission(replace(after, ended_at=at, lease_until=None), before.state, event)
