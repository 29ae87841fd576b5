"""What carriers call back with: recorded where it is proven, else a reason to ask them.

A callback may come twice, late, out of order, and before the call that sent the packet has returned. So it moves a row
only forward from the state it is in: what proves that the carrier has a packet is as good as the carrier's own yes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.domain.task import TaskKind
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.ending import accepted, delivered, failed, write
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.record_delivery import end_as_told, is_whole
from gateway.services.rules import Rules
from outbound.callbacks import Told
from outbound.sender import DeliveryState, DeliveryStatus

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
            if row.state is T.ACCEPTED:
                named = replace(row, carrier_reference=reference)
                end_as_told(tx, self.rules, named, status, now, is_final=False)
            elif row.state is T.UNCERTAIN:
                self._settle(tx, row, status)

    def _settle(self, tx: Transaction, row: Transmission, status: DeliveryStatus) -> None:
        """What nobody could know is known after all."""
        now = self.clock.now()
        if status.state is DeliveryState.DELIVERED and is_whole(row, status):
            counted = replace(row, pages_confirmed=status.pages_confirmed or 0, dials=status.attempts)
            delivered(tx, self.rules, counted, now, counts_pages=status.pages_confirmed is not None)
        elif status.state is DeliveryState.FAILED:
            self._fail(tx, row, status)
        else:
            return
        rows = tx.transmissions_of(row.referral_id)
        if not any(other.state is T.UNCERTAIN for other in rows):
            tx.close_tasks(row.referral_id, [TaskKind.UNCERTAIN_TRANSMISSION], now, "system")

    def _fail(self, tx: Transaction, row: Transmission, status: DeliveryStatus) -> None:
        """As any failure, unless something was sent since: then nothing further follows."""
        now, cause = self.clock.now(), f"{status.cause.value}: {status.detail}"
        if any(later.ordinal > row.ordinal for later in tx.transmissions_of(row.referral_id)):
            write(tx, row, replace(row, state=T.FAILED, ended_at=now, cause=cause), now)
        else:
            failed(tx, self.rules, row, cause, now, may_work_later=status.cause.may_work_later)
