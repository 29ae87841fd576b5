"""An office's fax number that a person made sure of, or put right."""

from dataclasses import dataclass, replace

from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.task import TaskKind
from gateway.errors import NotFound, NotSaid
from gateway.services.phone import to_fax_number
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.set_aside import confirmed, no_longer_asked


@dataclass(frozen=True, slots=True)
class VerifyNumber:
    """Each in one commit with its events."""

    store: Store
    clock: Clock

    def confirm(self, recipient_id: int, actor: str) -> Recipient:
        """The number is the office's own: it is dialled again. Raises NotFound where there is none."""
        with self.store.transaction() as tx:
            recipient = tx.recipient(recipient_id)
            if not recipient.fax:
                raise NotFound(f"{recipient.name} has no fax number: write the right one")
            return self._confirm(tx, recipient, actor)

    def correct(self, recipient_id: int, fax: str, actor: str) -> Recipient:
        """Another number, which the person has from the office itself. Raises NotSaid for what is no number."""
        try:
            number = to_fax_number(fax)
        except ValueError as error:
            raise NotSaid(str(error)) from error
        with self.store.transaction() as tx:
            recipient = tx.recipient(recipient_id)
            if recipient.fax and recipient.fax != number:
                no_longer_asked(tx, recipient.fax, self.clock.now(), actor)
            return self._confirm(tx, replace(recipient, fax=number), actor)

    def _confirm(self, tx: Transaction, recipient: Recipient, actor: str) -> Recipient:
        """What waited for the number goes out by itself; what failed is sent again by a person."""
        now = self.clock.now()
        stored = tx.recipient(recipient.id)
        if stored.fax != recipient.fax:
            event = Event(EventKind.RECIPIENT_SAVED, now, actor, recipient_id=recipient.id)
            tx.save_recipient(replace(recipient, fax_set_aside_at=None), event)
        return confirmed(tx, recipient, now, actor, TaskKind.VERIFY_NUMBER)
