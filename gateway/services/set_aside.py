"""A fax number that keeps failing: set aside in the directory, dialled no more, until a person has verified it.

What counts is what the far end did, not a refusal that is ours to mend; a packet that was tried again counts once.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.ports import Transaction
from outbound.sender import Cause

T = TransmissionState
RETRY = "retry"
"""Who asked for the same request once more after line trouble: not a second request to the office."""
_ITS_OWN = frozenset({Cause.BUSY, Cause.NO_ANSWER, Cause.LINE, Cause.NOT_A_FAX, Cause.WRONG_NUMBER, Cause.REJECTED})


def keeps_failing(tx: Transaction, number: str, after: int) -> bool:
    """Whether the last `after` packets to a number were all given up because of it."""
    owners = tx.recipients_reached_at(number)
    verified_at = max((at for owner in owners if (at := owner.fax_confirmed_at)), default=None)
    given_up = 0
    for row in _given_up(tx, number):
        if row.state is not T.FAILED or (verified_at and row.ended_at and row.ended_at <= verified_at):
            return False
        given_up += row.cause.partition(":")[0] in _ITS_OWN
        if given_up >= after:
            return True
    return False


def _given_up(tx: Transaction, number: str) -> Iterator[Transmission]:
    """How packets to a number ended, the newest first; of one that was tried again only its last try."""
    tried_again: set[int] = set()
    for row in tx.faxes_to(number):
        if row.state in (T.FAILED, T.DELIVERED) and row.referral_id not in tried_again:
            yield row
        tried_again.discard(row.referral_id)
        if row.requested_by == RETRY:
            tried_again.add(row.referral_id)


def set_aside(tx: Transaction, number: str, referral_id: int, at: datetime) -> list[Transmission]:
    """Mark the number wherever it stands in the directory and open the one task; what was still to be dialled."""
    owners = [owner for owner in tx.recipients_reached_at(number) if owner.fax == number]
    for owner in owners:
        event = Event(EventKind.NUMBER_SET_ASIDE, at, recipient_id=owner.id, referral_id=referral_id)
        tx.save_recipient(replace(owner, fax_set_aside_at=at), event)
    names = " and ".join(owner.name for owner in owners) or "nobody in the directory"
    text = (
        f"Faxes to {number} ({names}) keep failing: nothing more is sent there. Call the office and verify the number, "
        "then `referloop directory confirm NAME`, or put the right one in the directory"
    )
    tx.open_task(referral_id, TaskKind.VERIFY_NUMBER, text, at, None)
    return [row for row in tx.faxes_to(number) if row.state is T.INTENDED]


def set_aside_since(tx: Transaction, number: str) -> datetime | None:
    """Since when nothing is to be dialled there; None if it may be."""
    owners = (owner for owner in tx.recipients_reached_at(number) if owner.fax == number)
    return next((owner.fax_set_aside_at for owner in owners if owner.fax_set_aside_at), None)


def verified(tx: Transaction, recipient: Recipient, at: datetime, actor: str) -> None:
    """A person made sure of an office's number: it is dialled again, and nobody is asked about it any more."""
    for owner in tx.recipients_reached_at(recipient.fax):
        if owner.fax == recipient.fax:
            event = Event(EventKind.NUMBER_CONFIRMED, at, actor, recipient_id=owner.id)
            if owner.id == recipient.id:
                owner = replace(owner, fax_confirmed_at=at, fax_confirmed_by=actor)  # noqa: PLW2901
            tx.save_recipient(replace(owner, fax_set_aside_at=None), event)
    no_longer_asked(tx, recipient.fax, at, actor)


def confirmed(tx: Transaction, recipient: Recipient, at: datetime, actor: str, *asked: TaskKind) -> Recipient:
    """The office once its number was verified; what waited for that is no longer asked of anybody, nor is `asked`."""
    verified(tx, recipient, at, actor)
    for referral in tx.referrals_ready():
        if referral.intake.recipient_id == recipient.id:
            tx.close_tasks(referral.id, [TaskKind.FIX_DESTINATION, *asked], at, actor)
    return tx.recipient(recipient.id)


def no_longer_asked(tx: Transaction, number: str, at: datetime, actor: str) -> None:
    """Close the task to verify a number, on whichever referral it was opened."""
    for task in tx.tasks():
        if task.kind is TaskKind.VERIFY_NUMBER and any(
            row.destination == number for row in tx.transmissions_of(task.referral_id)
        ):
            tx.close_tasks(task.referral_id, [TaskKind.VERIFY_NUMBER], at, actor)
