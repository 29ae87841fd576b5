"""Filing a document on a referral so that it can be taken back: what changes is kept beside the filing."""

from collections.abc import Iterable
from datetime import datetime

from gateway.domain.arrival import Part
from gateway.domain.evidence import Evidence
from gateway.domain.standing import FilingEffect, Standing
from gateway.domain.transmission import TransmissionState
from gateway.services.ports import Transaction
from gateway.services.rules import Rules
from gateway.services.take_answer import take_answer


def take_filed_answer(
    tx: Transaction,
    rules: Rules,
    part: Part,
    referral_ids: Iterable[int],
    evidence: Evidence,
    *,
    at: datetime,
    actor: str,
) -> None:
    """Move each referral the part was filed on as the answer says, inside the caller's transaction."""
    for referral_id in dict.fromkeys(referral_ids):
        referral = tx.referral(referral_id)
        open_before = {task.id for task in tx.open_tasks_of(referral_id)}
        intended_before = _intended(tx, referral_id)
        was_confirmed = tx.recipient(referral.intake.recipient_id).fax_confirmed_at is not None
        after = take_answer(tx, rules, referral_id, evidence, at, actor=actor)
        open_after = {task.id for task in tx.open_tasks_of(referral_id)}
        recipient = tx.recipient(after.intake.recipient_id)
        confirms = recipient.fax_confirmed_at is not None and not was_confirmed
        effect = FilingEffect(
            before=Standing.of(referral),
            after=Standing.of(after),
            opened_tasks=tuple(sorted(open_after - open_before)),
            closed_tasks=tuple(sorted(open_before - open_after)),
            withdrawn=tuple(sorted(intended_before - _intended(tx, referral_id))),
            confirmed_recipient=recipient.id if confirms else None,
        )
        tx.keep_effect(part.id, referral_id, effect)


def _intended(tx: Transaction, referral_id: int) -> set[int]:
    return {row.id for row in tx.transmissions_of(referral_id) if row.state is TransmissionState.INTENDED}
