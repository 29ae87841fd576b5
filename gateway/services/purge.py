"""The one stated policy that deletes: bytes of documents a person discarded, after their time in the trash.

Intake sheets that were thrown away, or opened as referrals, go after the same time. With them goes what no row names:
a crash between bytes and row leaves it, and a packet drawn anew its forerunner. Both may speak of patients, and no
retention would ever find them. But where most bytes have no row, it is the rows that are missing (an old backup,
another database): then nothing is removed and the log says so.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from gateway.services.ports import Clock, Store, Vault
from gateway.services.rules import Rules

_SWEEP_EVERY = timedelta(days=1)
_BATCH = 500
_log = logging.getLogger(__name__)


def _nothing_to_forget(sha256: str) -> None:
    """Where no pictures are kept."""
    del sha256


@dataclass(slots=True)
class Purge:
    """Removes the bytes of what was discarded long ago, and its pictures; rows and events stay."""

    store: Store
    vault: Vault
    clock: Clock
    rules: Rules
    forget_pictures: Callable[[str], None] = _nothing_to_forget
    _swept_at: datetime | None = None

    def purge(self) -> int:
        """Returns how many arrivals lost their bytes."""
        now = self.clock.now()
        if self._swept_at is None or now - self._swept_at >= _SWEEP_EVERY:  # it looks at every blob there is
            self._sweep(now - self.rules.discarded_for)
            self._swept_at = now
        with self.store.transaction() as tx:
            tx.forget_sheets(now - self.rules.discarded_for)
            old = tx.purgeable(now - self.rules.discarded_for)
        for arrival in old:
            with self.store.transaction() as tx:
                tx.record_purged(arrival, now)
            self.vault.remove(arrival.sha256)
            self.forget_pictures(arrival.sha256)
            _log.info("discarded document purged", extra={"action": "purge", "arrival_id": arrival.id})
        return len(old)

    def _sweep(self, before: datetime) -> None:
        self.vault.sweep(before)
        old = self.vault.written_before(before)
        strays: set[str] = set()
        looked_at = 0
        while batch := list(islice(old, _BATCH)):
            looked_at += len(batch)
            with self.store.transaction() as tx:
                strays |= tx.unnamed(batch)
        if len(strays) * 2 > looked_at:
            _log.error(
                "most documents have no row in this database, none was removed: is it the right one?",
                extra={"action": "purge", "blobs": len(strays)},
            )
            return
        for sha256 in strays:
            self.vault.remove(sha256, written_before=before)
        if strays:
            _log.info("bytes that no row names removed", extra={"action": "purge", "blobs": len(strays)})
