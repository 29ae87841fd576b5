"""What a person decides about one referral: send it, send it again, cancel it, close it."""

from dataclasses import dataclass

from config.reference import parse_number
from config.vocabulary import Channel
from gateway.domain.directory import Recipient
from gateway.domain.referral import OPEN, Referral, Status
from gateway.domain.transmission import Purpose
from gateway.errors import IllegalTransition, NotFound
from gateway.services.ending import withdraw
from gateway.services.intend import intend, no_way_there, request_again, usable_channel
from gateway.services.moving import advance
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules


@dataclass(slots=True)
class ChangeReferral:
    """Decisions by a person, each in one commit with its event."""

    store: Store
    clock: Clock
    rules: Rules

    def send(self, number: str, actor: str, channel: Channel | None = None) -> Referral:
        """Release a draft, or ask again; a person may also send to a number that a test page is waiting for."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            if referral.status is Status.DRAFT:
                return advance(tx, self.rules, referral, Status.READY, now, actor=actor, why="released")
            if referral.status not in OPEN:
                raise IllegalTransition(f"referral {number} is {referral.status}: nothing is sent for it any more")
            recipient = tx.recipient(referral.intake.recipient_id)
            chosen = channel or usable_channel(recipient, self.rules.channels)
            if chosen is None:
                raise NotFound(no_way_there(recipient, self.rules.channels))
            if chosen not in self.rules.channels:
                raise NotFound(f"the clinic has no line for {chosen}: see [fax] and [mail] in the settings")
            if not recipient.destination(chosen):
                raise NotFound(_no_such_way(recipient, chosen))
            if referral.status is Status.READY:
                destination = recipient.destination(chosen)
                intend(
                    tx,
                    referral,
                    channel=chosen,
                    destination=destination,
                    purpose=Purpose.REQUEST,
                    requested_by=actor,
                    at=now,
                )
            elif not request_again(tx, referral, chosen, requested_by=actor, at=now):
                raise IllegalTransition(
                    f"a packet for {referral.number} is still on its way: wait until the carrier says how it ended"
                )
            return referral

    def cancel(self, number: str, reason: str, actor: str) -> Referral:
        """Stop a referral for good: nothing more is sent or chased. What already left cannot be called back."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = advance(tx, self.rules, find(tx, number), Status.CANCELLED, now, actor=actor, why=reason)
            withdraw(tx, referral.id, reason, now)
            tx.close_tasks(referral.id, None, now, actor)
            return referral

    def close(self, number: str, actor: str) -> Referral:
        """Close a referral whose report was read; the table refuses any other."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = advance(tx, self.rules, find(tx, number), Status.CLOSED, now, actor=actor, why="report read")
            withdraw(tx, referral.id, "closed before it was sent", now)
            tx.close_tasks(referral.id, None, now, actor)
            return referral


def _no_such_way(recipient: Recipient, channel: Channel) -> str:
    if channel is Channel.FAX and recipient.fax_set_aside_at:
        return f"{recipient.name}'s fax number is set aside: verify it, then `referloop directory confirm`"
    return f"{recipient.name} has no {channel} of its own: add one in the directory"


def find(tx: Transaction, text: str) -> Referral:
    """The referral with this printed number. Raises NotFound."""
    number = parse_number(text)
    referral = tx.referral_numbered(number) if number else None
    if referral is None:
        raise NotFound(f"no referral has the number {text}: check it against `referloop referral list`")
    return referral
