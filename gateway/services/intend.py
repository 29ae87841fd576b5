"""Deciding that a packet is due, and committing that intent before anything is built or sent."""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from config.vocabulary import Channel
from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.services.moving import advance
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules

CHASER = "follow-up"
"""Who asked for a request that only chases an answer."""
_DEAD = frozenset({TransmissionState.FAILED, TransmissionState.CANCELLED})


def intend(
    tx: Transaction,
    referral: Referral,
    *,
    channel: Channel,
    destination: str,
    purpose: Purpose,
    requested_by: str,
    at: datetime,
) -> Transmission:
    """Commit the intent to send, under a fresh idempotency key."""
    return tx.intend_transmission(
        referral_id=referral.id,
        purpose=purpose,
        channel=channel,
        destination=destination,
        key=f"{referral.number.lower()}.{secrets.token_hex(6)}",
        requested_by=requested_by,
        at=at,
    )


def intend_ready(store: Store, clock: Clock, rules: Rules) -> int:
    """Intend the first packet of every ready referral; returns how many intents were committed."""
    with store.transaction() as tx:
        return sum(_intend_first(tx, rules, referral, clock.now()) for referral in tx.referrals_ready())


def _intend_first(tx: Transaction, rules: Rules, referral: Referral, at: datetime) -> bool:
    recipient = tx.recipient(referral.intake.recipient_id)
    channel = usable_channel(recipient, rules.channels)
    if channel is None:
        text = no_way_there(recipient, rules.channels)
        if recipient.fax_set_aside_at:
            tx.open_task(referral.id, TaskKind.FIX_DESTINATION, text, at, None)
            return False
        advance(tx, rules, referral, Status.DELIVERY_FAILED, at, why="no destination")
        tx.open_task(referral.id, TaskKind.FIX_DESTINATION, text, at, None)
        return False
    purpose = Purpose.REQUEST
    if channel is Channel.FAX and rules.tests_unconfirmed_numbers and recipient.fax_confirmed_at is None:
        if _awaits_confirmation(tx, referral, recipient, at):
            return False
        purpose = Purpose.NUMBER_TEST
    intend(
        tx,
        referral,
        channel=channel,
        destination=recipient.destination(channel),
        purpose=purpose,
        requested_by="system",
        at=at,
    )
    return True


def usable_channel(recipient: Recipient, lines: Collection[Channel]) -> Channel | None:
    """The preferred channel if it has a destination and the clinic a line for it, else whichever has both."""
    for channel in (recipient.preferred, recipient.fallback, Channel.FAX, Channel.EMAIL):
        if channel and channel in lines and recipient.destination(channel):
            return channel
    return None


def other_channel(recipient: Recipient, lines: Collection[Channel]) -> Channel | None:
    """The one beside the preferred, if it has a destination and the clinic a line for it."""
    other = recipient.other_channel
    return other if other in lines else None


def no_way_there(recipient: Recipient, lines: Collection[Channel]) -> str:
    """Why no channel is usable, and what to do about it."""
    if recipient.fax_set_aside_at:
        return f"{recipient.name}'s fax number keeps failing and is set aside: this waits until it is verified"
    unserved = [channel for channel in Channel if recipient.destination(channel) and channel not in lines]
    if not unserved:
        return f"{recipient.name} has neither a fax number nor an email address: add one in the directory"
    missing = " and ".join(unserved)
    return f"{recipient.name} is reached by {missing} only, and the clinic has no line for that: send it another way"


def _awaits_confirmation(tx: Transaction, referral: Referral, recipient: Recipient, at: datetime) -> bool:
    """Whether a test page already went to this number; then staff must confirm who answered."""
    tests = [t for t in tx.transmissions_of(referral.id) if t.purpose is Purpose.NUMBER_TEST and t.state not in _DEAD]
    if not any(t.destination == recipient.fax for t in tests):
        return False
    text = f"A test page went to {recipient.name}'s new fax number: call and confirm that it arrived there"
    tx.open_task(referral.id, TaskKind.FIX_DESTINATION, text, at, None)
    return True


def request_again(tx: Transaction, referral: Referral, channel: Channel, *, requested_by: str, at: datetime) -> bool:
    """Intend a second request unless one is still on its way; returns whether it was intended."""
    recipient = tx.recipient(referral.intake.recipient_id)
    destination = recipient.destination(channel)
    if not destination or is_on_its_way(tx, referral):
        return False
    sent_before = any(
        t.purpose is not Purpose.NUMBER_TEST and t.state not in _DEAD for t in tx.transmissions_of(referral.id)
    )
    intend(
        tx,
        referral,
        channel=channel,
        destination=destination,
        purpose=Purpose.SECOND_REQUEST if sent_before else Purpose.REQUEST,
        requested_by=requested_by,
        at=at,
    )
    return True


def is_on_its_way(tx: Transaction, referral: Referral) -> bool:
    """Whether a packet is intended, being handed over, or at a carrier that has yet to say how it ended.

    An email that its server accepted is not on its way any more: nothing further will be heard of it.
    """
    return any(
        t.state in (TransmissionState.INTENDED, TransmissionState.SENDING)
        or (t.state is TransmissionState.ACCEPTED and t.channel is Channel.FAX)
        for t in tx.transmissions_of(referral.id)
    )


def postpone(tx: Transaction, transmission: Transmission, until: datetime, cause: str, at: datetime) -> Transmission:
    """Put an intended transmission off to a later time, free for anyone to take then."""
    later = replace(
        transmission,
        state=TransmissionState.INTENDED,
        next_attempt_at=until,
        lease_until=None,
        cause=cause,
    )
    event = Event(
        EventKind.TRANSMISSION_MOVED,
        at,
        referral_id=transmission.referral_id,
        transmission_id=transmission.id,
        detail={"from": transmission.state.value, "to": "intended", "why": cause, "not_before": until.isoformat()},
    )
    return tx.save_transmission(later, transmission.state, event)
