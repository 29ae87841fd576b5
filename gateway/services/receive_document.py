"""The one door: bytes and row are durable before any source is told, and before anything parses them."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.arrival import Arrival, Envelope
from gateway.services.ports import Clock, Store, Vault

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ReceiveDocument:
    """Takes in what a watcher or a person brings. `arrived` wakes the reader; losing that loses nothing."""

    store: Store
    vault: Vault
    clock: Clock
    arrived: Callable[[], None]

    async def receive(self, source: bytes | Path, envelope: Envelope) -> Arrival:
        """Store and record; the same source twice returns the first arrival.

        Raises:
            StorageFailed: nothing is durable; the source must not be told.
        """
        arrival, is_new = await asyncio.to_thread(self.take_in, source, envelope)
        if is_new:
            _log.info(
                "document received",
                extra={"action": "receive", "arrival_id": arrival.id, "channel": envelope.channel.value},
            )
            self.arrived()
        return arrival

    async def knows(self, source_id: str) -> bool:
        """Whether this was taken in before."""
        return await asyncio.to_thread(self._knows, source_id)

    def take_in(self, source: bytes | Path, envelope: Envelope) -> tuple[Arrival, bool]:
        """As `receive`, in the calling thread; also tells whether the arrival is new."""
        if isinstance(source, Path):
            sha256, size = self.vault.put_file(source), source.stat().st_size
        else:
            sha256, size = self.vault.put(source), len(source)
        with self.store.transaction() as tx:
            return tx.add_arrival(envelope, sha256, size, self.clock.now())

    def _knows(self, source_id: str) -> bool:
        with self.store.transaction() as tx:
            return tx.knows_source(source_id)
