"""After a crash: what was left in `sending` is looked up at its carrier, and only then decided.

Runs at start, before anything is sent, and in the sweep for rows whose lease is over.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from config.vocabulary import Channel
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.ending import accepted, deferred, uncertain
from gateway.services.intend import postpone
from gateway.services.ports import Clock, Store
from gateway.services.rules import Rules
from outbound.sender import Sender

_log = logging.getLogger(__name__)
_NEVER_THERE = "it never reached the carrier"
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
        try:
            return await self._decide(ignore_leases=True)
        except ExceptionGroup as group:
            _log.warning("left for the sweep", extra={"action": "reconcile", "rows": len(group.exceptions)})
            return 0

    async def sweep(self) -> int:
        """Rows whose lease is over: their sender died or hangs, or heard nothing.

        Raises:
            ExceptionGroup: some carriers could not be asked, after all others were.
        """
        return await self._decide(ignore_leases=False)

    def _release(self) -> None:
        with self.store.transaction() as tx:
            tx.release_leases()

    async def _decide(self, *, ignore_leases: bool) -> int:
        rows = await asyncio.to_thread(self._left_over, ignore_leases)
        decided = 0
        failures: list[Exception] = []
        for row in rows:
            try:
                decided += await self._decide_one(row)
            except Exception as error:  # noqa: BLE001 - told below; one row must not hold up the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("some carriers could not be asked", failures)
        return decided

    async def _decide_one(self, row: Transmission) -> bool:
        sender = self.senders.get(row.channel)
        if sender is None:
            await asyncio.to_thread(self._record, row, None, is_sure=False)
            return True
        can = sender.capabilities
        found = await sender.find(row.key)
        if found is None and can.finds_by_key and self._is_too_soon(row, can.settles_s):
            return False
        await asyncio.to_thread(self._record, row, found, is_sure=can.finds_by_key)
        return True

    def _is_too_soon(self, row: Transmission, settles_s: float) -> bool:
        """Whether the carrier may still be busy taking what it does not list yet."""
        return row.submitted_at is not None and self.clock.now() < row.submitted_at + timedelta(seconds=settles_s)

    def _left_over(self, ignore_leases: bool) -> list[Transmission]:
        now = self.clock.now()
        with self.store.transaction() as tx:
            rows = tx.transmissions_in([TransmissionState.SENDING])
        return [row for row in rows if ignore_leases or row.lease_until is None or row.lease_until <= now]

    def _record(self, row: Transmission, found: str | None, *, is_sure: bool) -> None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            current = tx.transmission(row.id)
            if current.state is not TransmissionState.SENDING:
                return
            if found is not None:
                accepted(tx, self.rules, current, found, now)
            elif is_sure and current.attempts > 1:
                deferred(tx, self.rules, replace(current, carrier_reference=""), _NEVER_THERE, now)
            elif is_sure:
                postpone(tx, replace(current, carrier_reference=""), now, _NEVER_THERE, now)
            else:
                uncertain(tx, self.rules, current, _LOST, now)
