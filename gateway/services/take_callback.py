"""What carriers call back with: recorded where it is proven, else a reason to ask them.

A callback may come twice, late, out of order, and before the call that sent the packet has returned. So it moves a row
only forward from the state it is in: what proves that the carrier has a packet is as good as the carrier's own yes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.domain.transmission import TransmissionState
from gateway.services.ending import accepted
from gateway.services.late_word import record_word
from gateway.services.ports import Clock, Store
from gateway.services.rules import Rules
from outbound.callbacks import Told
from outbound.sender import DeliveryStatus

T = TransmissionState


@dataclass(slots=True)
class TakeCallback:
    """`ask` wakes the step that asks about packets, `fetch` the one that fetches faxes; losing that loses nothing."""

    store: Store
    clock: Clock
    rules: Rules
    ask: Callable[[], None]
    fetch: Callable[[], None]

    async def take(self, told: Told) -> None:
        """Returns once what is proven is durable; only then may the carrier hear yes."""
        if told.key and told.status is not None:
            await asyncio.to_thread(self._record, told.key, told.reference, told.status)
        self.ask()
        if told.brings_fax:
            self.fetch()

    def _record(self, key: str, reference: str, status: DeliveryStatus) -> None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            row = tx.transmission_keyed(key)
            if row is None or not row.carrier:
                return  # never handed to a carrier: whatever this is about, it is not ours
            if row.state in (T.INTENDED, T.SENDING):
                accepted(tx, self.rules, row, reference, now)
                row = tx.transmission(row.id)
            named = replace(row, carrier_reference=reference)
            record_word(tx, self.rules, named, status, now, is_final=False)
