"""Staff have made sure that an office's fax number is its own; one that was set aside is dialled again."""

from dataclasses import dataclass

from gateway.domain.directory import Recipient
from gateway.domain.task import TaskKind
from gateway.errors import NotFound
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.set_aside import verified


@dataclass(frozen=True, slots=True)
class ConfirmNumber:
    """By the office's name or by its id."""

    store: Store
    clock: Clock

    def confirm(self, office: str | int, actor: str) -> Recipient:
        """The office as it stands then. Raises NotFound: there is none, or it has no fax number."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            recipient = _found(tx, office)
            if recipient is None or not recipient.fax:
                raise NotFound(f"nobody called {office!r} with a fax number is in the directory")
            verified(tx, recipient, now, actor)
            for referral in tx.referrals_ready():
                if referral.intake.recipient_id == recipient.id:
                    tx.close_tasks(referral.id, [TaskKind.FIX_DESTINATION], now, actor)
            return tx.recipient(recipient.id)


def _found(tx: Transaction, office: str | int) -> Recipient | None:
    return tx.recipient(office) if isinstance(office, int) else tx.recipient_named(office)
