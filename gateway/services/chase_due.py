"""Chasing what stays unanswered: each referral whose time has come takes the next rung of its ladder.

The step and the rung are one commit, guarded by the referral's version: run twice, it does nothing twice.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from config.policy import StepKind
from config.reference import format_number
from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.followup import Call, OtherChannel, Resend, TellClinician, Wait, next_step
from gateway.domain.referral import Referral
from gateway.domain.task import TaskKind
from gateway.errors import StaleRow
from gateway.services.intend import CHASER, is_on_its_way, other_channel, request_again, usable_channel
from gateway.services.moving import with_due_time
from gateway.services.one_by_one import one_by_one
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ChaseDue:
    """Takes the due steps of all open referrals."""

    store: Store
    clock: Clock
    rules: Rules

    def chase(self) -> int:
        """Take every step that is due; returns how many were taken."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            due = tx.referrals_due(now)
        return one_by_one(due, lambda referral: self._chase_one(referral, now), "referrals that could not be chased")

    def _chase_one(self, referral: Referral, now: datetime) -> bool:
        try:
            with self.store.transaction() as tx:
                return self._take(tx, tx.referral(referral.id), now)
        except StaleRow:
            _log.info("referral changed while it was chased", extra={"referral_id": referral.id})
            return False

    def _take(self, tx: Transaction, referral: Referral, now: datetime) -> bool:
        recipient = tx.recipient(referral.intake.recipient_id)
        step = next_step(referral, recipient, self.rules.policy, self.rules.calendar, now)
        match step:
            case Wait(until):
                self._wait(tx, referral, until, now)
                return False
            case Resend():
                channel = usable_channel(recipient, self.rules.channels)
            case OtherChannel():
                lines = self.rules.channels
                channel = other_channel(recipient, lines) or usable_channel(recipient, lines)
            case Call():
                self._call(tx, referral, recipient, now)
                return self._climb(tx, referral, StepKind.CALL, now)
            case TellClinician():
                self._tell(tx, referral, recipient, now)
                return self._climb(tx, replace(referral, escalated_at=now), StepKind.TELL_CLINICIAN, now)
        if is_on_its_way(tx, referral):
            return False  # the packet is still in the air; the clock waits for it
        kind = StepKind.RESEND if isinstance(step, Resend) else StepKind.OTHER_CHANNEL
        if channel is not None:
            request_again(tx, referral, channel, requested_by=f"{CHASER}: {kind.value}", at=now)
        return self._climb(tx, referral, kind, now)

    def _climb(self, tx: Transaction, referral: Referral, step: StepKind, now: datetime) -> bool:
        higher = with_due_time(tx, self.rules, replace(referral, rung=referral.rung + 1))
        detail: dict[str, str | int | float | bool | list[str] | None] = {
            "step": step.value,
            "rung": higher.rung,
            "waiting_for": referral.clock.value if referral.clock else None,
        }
        tx.save_referral(higher, Event(EventKind.FOLLOW_UP_TAKEN, now, referral_id=referral.id, detail=detail))
        return True

    def _wait(self, tx: Transaction, referral: Referral, until: datetime, now: datetime) -> None:
        detail: dict[str, str | int | float | bool | list[str] | None] = {"step": "wait", "until": until.isoformat()}
        later = replace(referral, due_at=until)
        tx.save_referral(later, Event(EventKind.FOLLOW_UP_TAKEN, now, referral_id=referral.id, detail=detail))

    def _call(self, tx: Transaction, referral: Referral, recipient: Recipient, now: datetime) -> None:
        number = recipient.phone or "(no phone number in the directory)"
        waiting = referral.clock.value.replace("_", " ") if referral.clock else "answered"
        text = f"Call {recipient.name} at {number} about referral {format_number(referral.number)}: not yet {waiting}"
        tx.open_task(referral.id, TaskKind.CALL, text, now, None)

    def _tell(self, tx: Transaction, referral: Referral, recipient: Recipient, now: datetime) -> None:
        text = (
            f"Tell {referral.intake.clinician.name}: {recipient.name} has not answered referral "
            f"{format_number(referral.number)} after {referral.requests_sent} requests"
        )
        tx.open_task(referral.id, TaskKind.TELL_CLINICIAN, text, now, None)
