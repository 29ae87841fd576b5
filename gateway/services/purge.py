"""The one stated policy that deletes: bytes of documents a person discarded, after their time in the trash."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from gateway.services.ports import Clock, Store, Vault
from gateway.services.rules import Rules

_WRITING = timedelta(days=1)  # no file takes longer to arrive; what is older was left by a writer that died
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Purge:
    """Removes the bytes of what was discarded long ago; rows and events stay."""

    store: Store
    vault: Vault
    clock: Clock
    rules: Rules

    def purge(self) -> int:
        """Returns how many arrivals lost their bytes."""
        now = self.clock.now()
        self.vault.sweep(now - _WRITING)
        with self.store.transaction() as tx:
            old = tx.purgeable(now - self.rules.discarded_for)
        for arrival in old:
            with self.store.transaction() as tx:
                tx.record_purged(arrival, now)
            self.vault.remove(arrival.sha256)
            _log.info("discarded document purged", extra={"action": "purge", "arrival_id": arrival.id})
        return len(old)
