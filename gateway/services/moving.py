"""Moving one referral one step inside a transaction, with its clock and next due time.

Every use case that changes a referral's state goes through here, so that state, due time and event
are always committed together.
"""

from dataclasses import replace
from datetime import datetime

from gateway.domain.event import Event, EventKind
from gateway.domain.followup import deadline, due_at
from gateway.domain.referral import TRANSITIONS, Referral, Status, move
from gateway.services.ports import Transaction
from gateway.services.rules import Rules


def with_due_time(tx: Transaction, rules: Rules, referral: Referral) -> Referral:
    """The referral with `due_at` computed anew for its clock, rung and recipient."""
    recipient = tx.recipient(referral.intake.recipient_id)
    return replace(referral, due_at=due_at(referral, recipient, rules.policy, rules.calendar))


def advance(
    tx: Transaction,
    rules: Rules,
    referral: Referral,
    to: Status,
    at: datetime,
    *,
    actor: str = "system",
    why: str,
    is_accepted: bool = False,
    report_from: str = "",
) -> Referral:
    """Move to the next state and commit its due time and event with it.

    The event keeps the policy's deadline as it is now: a later policy must not judge an earlier answer.

    Raises:
        IllegalTransition: if the table does not allow the step.
        StaleRow: if someone else changed the referral first.
    """
    moved = with_due_time(tx, rules, move(referral, to, at, is_accepted=is_accepted))
    until = deadline(moved, tx.recipient(moved.intake.recipient_id), rules.policy, rules.calendar)
    detail: dict[str, str | int | float | bool | list[str] | None] = {
        "from": referral.status.value,
        "to": to.value,
        "why": why,
    }
    if until is not None:
        detail["deadline"] = until.isoformat()
    if report_from:
        detail["report_from"] = report_from
    return tx.save_referral(moved, Event(EventKind.REFERRAL_MOVED, at, actor, referral_id=referral.id, detail=detail))


def can_become(referral: Referral, to: Status) -> bool:
    """Whether the table allows the step from where the referral is."""
    return to in TRANSITIONS[referral.status]
