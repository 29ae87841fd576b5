"""What follows when a transmission's fate is known: the row's end, the referral's move, a retry or a task.

One function an outcome; all inside the caller's transaction.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from config.policy import Span, Unit
from config.vocabulary import Channel
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import OPEN, Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.services.intend import CHASER, intend, other_channel, postpone
from gateway.services.moving import advance, can_become, with_due_time
from gateway.services.ports import Transaction
from gateway.services.rules import Rules
from gateway.services.set_aside import RETRY, keeps_failing, set_aside, set_aside_since

T = TransmissionState


def _moved(before: Transmission, after: Transmission, at: datetime) -> Event:
    return Event(
        EventKind.TRANSMISSION_MOVED,
        at,
        referral_id=before.referral_id,
        transmission_id=before.id,
        detail={
            "from": before.state.value,
            "to": after.state.value,
            "channel": after.channel.value,
            "purpose": after.purpose.value,
            "pages": after.pages,
            "pages_confirmed": after.pages_confirmed,
            "cause": after.cause,
            "simulated": after.is_simulated,
        },
    )


def write(tx: Transaction, before: Transmission, after: Transmission, at: datetime) -> Transmission:
    """Save the changed row and its event if nobody changed it since `before` was read."""
    return tx.save_transmission(after, before.state, _moved(before, after, at))


def accepted(tx: Transaction, rules: Rules, row: Transmission, reference: str, at: datetime) -> None:
    """The carrier holds the packet: the referral is sent and its clock runs."""
    taken = replace(row, state=T.ACCEPTED, carrier_reference=reference, submitted_at=at, lease_until=None, cause="")
    write(tx, row, taken, at)
    _count_as_sent(tx, rules, row, at, why=f"accepted by {row.carrier}")


def _count_as_sent(tx: Transaction, rules: Rules, row: Transmission, at: datetime, *, why: str) -> None:
    if row.purpose is Purpose.NUMBER_TEST:
        return
    referral = tx.referral(row.referral_id)
    counted = replace(
        referral, sent_at=referral.sent_at or at, requests_sent=referral.requests_sent + (row.requested_by != RETRY)
    )
    if referral.status in (Status.READY, Status.DELIVERY_FAILED, Status.DECLINED):
        advance(tx, rules, counted, Status.SENT, at, why=why)
        return
    event = Event(
        EventKind.FOLLOW_UP_TAKEN,
        at,
        referral_id=referral.id,
        detail={"sent_again": True, "channel": row.channel.value},
    )
    tx.save_referral(with_due_time(tx, rules, counted), event)


def delivered(tx: Transaction, rules: Rules, row: Transmission, at: datetime, *, counts_pages: bool = True) -> None:
    """Every page submitted was confirmed by the far machine, by count or by the carrier's word for the whole."""
    write(tx, row, replace(row, state=T.DELIVERED, ended_at=at, cause=""), at)
    referral = tx.referral(row.referral_id)
    if row.purpose is not Purpose.NUMBER_TEST and referral.status in (Status.SENT, Status.DELIVERY_FAILED):
        why = f"{row.pages_confirmed} pages confirmed" if counts_pages else f"{row.carrier} says so; it counts no pages"
        advance(tx, rules, referral, Status.DELIVERED, at, why=why)


def uncertain(tx: Transaction, rules: Rules, row: Transmission, cause: str, at: datetime) -> None:
    """Nobody here can know: a person asks the office; it is never sent again by itself.

    The referral counts as sent, so that its clock runs and silence is noticed.
    """
    write(tx, row, replace(row, state=T.UNCERTAIN, ended_at=at, cause=cause, lease_until=None), at)
    if row.state is not T.ACCEPTED:
        _count_as_sent(tx, rules, row, at, why="may have been delivered")
    text = f"May have been delivered to {row.destination}: {cause}. Ask the office before sending again"
    tx.open_task(row.referral_id, TaskKind.UNCERTAIN_TRANSMISSION, text, at, None)


def failed(tx: Transaction, rules: Rules, row: Transmission, cause: str, at: datetime, *, may_work_later: bool) -> None:
    """The carrier said no, for good. Passing trouble is tried again under a new key, then another channel."""
    write(tx, row, replace(row, state=T.FAILED, ended_at=at, cause=cause, lease_until=None), at)
    referral = tx.referral(row.referral_id)
    if referral.status not in OPEN:
        return
    if may_work_later and (wait := _next_wait(tx, rules, row)) is not None:
        again = intend(
            tx,
            referral,
            channel=row.channel,
            destination=row.destination,
            purpose=row.purpose,
            requested_by=RETRY,
            at=at,
        )
        postpone(tx, again, _after(rules, at, wait), cause, at)
        return
    _give_up(tx, rules, referral, row, cause=cause, at=at)


def deferred(
    tx: Transaction, rules: Rules, row: Transmission, cause: str, at: datetime, *, patience: timedelta = timedelta()
) -> None:
    """Not taken and surely not sent: the same row, under the same key, is tried again later.

    `patience` is the least that the carrier asked for.
    """
    waits = rules.policy.retry.waits
    if row.attempts > len(waits):
        failed(tx, rules, row, f"{cause} (after {row.attempts} attempts)", at, may_work_later=False)
        return
    postpone(tx, row, max(_after(rules, at, waits[row.attempts - 1]), at + patience), cause, at)


def withdraw(tx: Transaction, referral_id: int, cause: str, at: datetime, *, only_chasing: bool = False) -> None:
    """Call back what was only intended: the office answered, or nothing is asked of it any more.

    `only_chasing` leaves what a person asked for, and first requests.
    """
    for row in tx.transmissions_of(referral_id):
        if row.state is T.INTENDED and (row.requested_by.startswith(CHASER) or not only_chasing):
            write(tx, row, replace(row, state=T.CANCELLED, ended_at=at, cause=cause, lease_until=None), at)


def _next_wait(tx: Transaction, rules: Rules, row: Transmission) -> Span | None:
    """The wait before the next try, by how often this destination has failed in a row; None when used up."""
    failures = 0
    for earlier in reversed(tx.transmissions_of(row.referral_id)):
        if earlier.destination != row.destination or earlier.state in (T.INTENDED, T.SENDING):
            continue
        if earlier.state is not T.FAILED:
            break
        failures += 1
    waits = rules.policy.retry.waits
    return waits[failures - 1] if 0 < failures <= len(waits) else None


def _after(rules: Rules, at: datetime, wait: Span) -> datetime:
    return at + wait.elapsed if wait.unit is Unit.SECONDS else rules.calendar.add(at, wait)


def _stop_dialling(tx: Transaction, rules: Rules, row: Transmission, at: datetime) -> bool:
    """Set the number aside if it keeps failing; whether it was set aside just now."""
    number = row.destination
    if set_aside_since(tx, number) or not keeps_failing(tx, number, rules.set_aside_after):
        return False
    for waiting in set_aside(tx, number, row.referral_id, at):
        cancelled = replace(waiting, state=T.CANCELLED, ended_at=at, cause="the number is set aside", lease_until=None)
        write(tx, waiting, cancelled, at)
    return True


def _give_up(tx: Transaction, rules: Rules, referral: Referral, row: Transmission, *, cause: str, at: datetime) -> None:
    recipient = tx.recipient(referral.intake.recipient_id)
    other = other_channel(recipient, rules.channels)
    tried = {t.channel for t in tx.transmissions_of(referral.id)}
    if row.channel is Channel.FAX and _stop_dialling(tx, rules, row, at):
        recipient = tx.recipient(recipient.id)
    else:
        text = (
            f"The packet did not get to {recipient.name} at {row.destination}: {cause}. Put right what is wrong "
            "(our line, the packet, or the number or address in the directory), then send it again"
        )
        tx.open_task(referral.id, TaskKind.FIX_DESTINATION, text, at, None)
    if other and other not in tried and row.purpose is not Purpose.NUMBER_TEST:
        intend(
            tx,
            referral,
            channel=other,
            destination=recipient.destination(other),
            purpose=row.purpose,
            requested_by="system",
            at=at,
        )
    elif referral.status is not Status.DELIVERED and can_become(referral, Status.DELIVERY_FAILED):
        advance(tx, rules, referral, Status.DELIVERY_FAILED, at, why=cause)
