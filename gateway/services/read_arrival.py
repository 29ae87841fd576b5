"""Reading what arrived, in a worker process; what cannot be read becomes a queue entry with the reason."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.domain.arrival import Arrival
from gateway.domain.event import Event, EventKind
from gateway.errors import StaleRow, WorkerFailed
from gateway.services.ports import Clock, Reader, Store, Vault
from gateway.services.scanning import Clean, Infected, NotScanned, Scanner, Verdict
from parsers.reading import Reading

_LEASE = timedelta(minutes=10)
_SCANNER_BACK = timedelta(minutes=1)
_TRIES = 2  # a worker killed by bad luck gets a second chance, a document that kills workers does not
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ReadArrival:
    """Takes the oldest unread arrival and has it read."""

    store: Store
    vault: Vault
    clock: Clock
    reader: Reader
    scanner: Scanner | None = None

    async def read_next(self) -> bool:
        """Read one arrival; False if none waits."""
        arrival = await asyncio.to_thread(self._claim)
        if arrival is None:
            return False
        verdict = await self.scanner.scan(self.vault.path(arrival.sha256)) if self.scanner else Clean()
        if await asyncio.to_thread(self._is_kept_back, arrival, verdict):
            return True
        await self._read(arrival, verdict.why if isinstance(verdict, NotScanned) else "")
        return True

    async def _read(self, arrival: Arrival, unscanned: str) -> None:
        """`unscanned`: why there is no verdict on it, in words for staff."""
        try:
            reading = await self.reader.read(
                self.vault.path(arrival.sha256), arrival.envelope, arrival.envelope.received_at or arrival.received_at
            )
        except WorkerFailed as error:
            _log.warning(
                "reading failed",
                extra={"action": "read", "arrival_id": arrival.id, "attempt": arrival.attempts},
            )
            await asyncio.to_thread(self._after_failure, arrival, str(error))
            return
        if unscanned:
            reading = replace(reading, error="; ".join(filter(None, (reading.error, unscanned))))
        await asyncio.to_thread(self._keep, arrival, reading)
        _log.info(
            "document read",
            extra={"action": "read", "arrival_id": arrival.id, "parts": len(reading.documents), "s": reading.seconds},
        )

    def _is_kept_back(self, arrival: Arrival, verdict: Verdict) -> bool:
        """Whether the verdict stands before reading: infected, or held until there is one."""
        now = self.clock.now()
        match verdict:
            case Infected(name):
                _log.warning("document quarantined", extra={"action": "scan", "arrival_id": arrival.id})
                reason = (
                    f"quarantined: the virus scanner found {name} in it; it is neither opened nor handed over; "
                    "a manager discards it; ask the sender for it again by other means"
                )
                event = Event(EventKind.DOCUMENT_QUARANTINED, now, arrival_id=arrival.id, detail={"found": name})
                with suppress(StaleRow), self.store.transaction() as tx:
                    tx.quarantine(arrival, name, reason, event)
                return True
            case NotScanned(may_work_later=True) if self.scanner and self.scanner.waits_when_down:
                with self.store.transaction() as tx:
                    tx.postpone_arrival(arrival, now + _SCANNER_BACK)
                return True
            case _:
                return False

    def _claim(self) -> Arrival | None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            return tx.lease_unread_arrival(now, now + _LEASE)

    def _after_failure(self, arrival: Arrival, error: str) -> None:
        if arrival.attempts < _TRIES:
            with self.store.transaction() as tx:
                tx.release_arrival(arrival.id)
            return
        self._set_aside(arrival, error)

    def _set_aside(self, arrival: Arrival, error: str) -> None:
        event = Event(
            EventKind.DOCUMENT_UNREADABLE,
            self.clock.now(),
            arrival_id=arrival.id,
            detail={"attempts": arrival.attempts},
        )
        try:
            with self.store.transaction() as tx:
                tx.record_unreadable(arrival, error, event)
        except StaleRow:
            _log.info("someone else settled the arrival", extra={"arrival_id": arrival.id})

    def _keep(self, arrival: Arrival, reading: Reading) -> None:
        if not reading.documents:
            told = reading.error or "Nothing could be read in it: look at the original"
            self._set_aside(arrival, "; ".join((told, *(f"it holds {one}" for one in reading.active))))
            return
        detail: dict[str, str | int | float | bool | list[str] | None] = {
            "parts": len(reading.documents),
            "pages": len(reading.pages),
            "kinds": [document.kind.value for document in reading.documents],
            "seconds": round(reading.seconds, 3),
            "is_complete": not reading.error,
        }
        event = Event(EventKind.DOCUMENT_READ, self.clock.now(), arrival_id=arrival.id, detail=detail)
        try:
            with self.store.transaction() as tx:
                tx.record_reading(arrival, reading, reading.documents, event)
        except StaleRow:
            _log.info("someone else read the arrival", extra={"arrival_id": arrival.id})
