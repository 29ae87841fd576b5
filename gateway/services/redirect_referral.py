"""A declined referral goes to another office: the same referral under the same number, asked anew."""

from dataclasses import dataclass, replace

from gateway.domain.event import Event, EventKind
from gateway.domain.referral import TRANSITIONS, Referral, Status, move
from gateway.domain.task import TaskKind
from gateway.errors import IllegalTransition, NotFound
from gateway.services.change_referral import find
from gateway.services.ending import withdraw
from gateway.services.ports import Clock, Store
from gateway.services.rules import Rules


@dataclass(frozen=True, slots=True)
class RedirectReferral:
    """One commit with its events; the packet follows by itself."""

    store: Store
    clock: Clock
    rules: Rules

    def redirect(self, number: str, office: str, actor: str) -> Referral:
        """To the office of this name in the directory.

        Raises:
            NotFound: nobody there is called so, or it is the office that declined.
            IllegalTransition: the referral is not declined.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            recipient = tx.recipient_named(office)
            if recipient is None:
                raise NotFound(f"nobody in the directory is called {office!r}: choose an office of the list")
            if recipient.id == referral.intake.recipient_id:
                raise NotFound(f"{recipient.name} is the office that declined: choose another one")
            if Status.READY not in TRANSITIONS[referral.status]:
                raise IllegalTransition(
                    f"referral {referral.number} is {referral.status}: only what was declined moves"
                )
            withdraw(tx, referral.id, "goes to another office", now)
            before = tx.recipient(referral.intake.recipient_id)
            anew = replace(
                move(referral, Status.READY, now),
                intake=replace(referral.intake, recipient_id=recipient.id),
                due_at=None,
                appointment_at=None,
                escalated_at=None,
                requests_sent=0,
                sent_at=None,
            )
            detail: dict[str, str | int | float | bool | list[str] | None] = {"from": before.name, "to": recipient.name}
            event = Event(
                EventKind.REFERRAL_REDIRECTED,
                now,
                actor,
                referral_id=referral.id,
                recipient_id=recipient.id,
                detail=detail,
            )
            saved = tx.save_referral(anew, event)
            tx.close_tasks(referral.id, [TaskKind.DECLINED, TaskKind.CALL, TaskKind.TELL_CLINICIAN], now, actor)
            return saved
