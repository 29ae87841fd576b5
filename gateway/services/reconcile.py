"""After a crash: what was left in `sending` is looked up at its carrier, and only then decided.

Runs at start, before anything is sent, and in the sweep for rows whose lease is over.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.vocabulary import Channel
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.ending import accepted, uncertain
from gateway.services.intend import postpone
from gateway.services.ports import Clock, Store
from gateway.services.rules import Rules
from outbound.sender import Sender

_LOST = "the daemon stopped between handing the packet over and hearing the answer"


@dataclass(slots=True)
class Reconcile:
    """Decides every `sending` row that nobody is sending any more."""

    store: Store
    clock: Clock
    rules: Rules
    senders: Mapping[Channel, Sender]

    async def at_start(self) -> int:
        """Alone at start, every lease and every `sending` row is a dead process's."""
        await asyncio.to_thread(self._release)
        return await self._decide(ignore_leases=True)

    async def sweep(self) -> int:
        """Rows whose lease is over: their sender died or hangs."""
        return await self._decide(ignore_leases=False)

    def _release(self) -> None:
        with self.store.transaction() as tx:
            tx.release_leases()

    async def _decide(self, *, ignore_leases: bool) -> int:
        rows = await asyncio.to_thread(self._left_over, ignore_leases)
        for row in rows:
            sender = self.senders.get(row.channel)
            found: str | None = None
            is_sure = sender is not None and sender.capabilities.finds_by_key
            if sender is not None and is_sure:
                found = await sender.find(row.key)
            await asyncio.to_thread(self._record, row, found, is_sure)
        return len(rows)

    def _left_over(self, ignore_leases: bool) -> list[Transmission]:
        now = self.clock.now()
        with self.store.transaction() as tx:
            rows = tx.transmissions_in([TransmissionState.SENDING])
        return [row for row in rows if ignore_leases or row.lease_until is None or row.lease_until <= now]

    def _record(self, row: Transmission, found: str | None, is_sure: bool) -> None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            current = tx.transmission(row.id)
            if current.state is not TransmissionState.SENDING:
                return
            if found is not None:
                accepted(tx, self.rules, current, found, now)
            elif is_sure:
                postpone(tx, replace(current, carrier_reference=""), now, "it never reached the carrier", now)
            else:
                uncertain(tx, self.rules, current, _LOST, now)
