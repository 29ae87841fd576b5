"""Files that came but are not read: after a while a person is told, and may have them tried again at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.arrival import Arrival, ArrivalState
from gateway.domain.event import Event, EventKind
from gateway.errors import StaleRow
from gateway.services.ports import Clock, Store, Transaction

STUCK_AFTER = timedelta(minutes=15)
"""Longer than a long fax takes to read, with others before it."""
_MOST = 20


def stuck_files(tx: Transaction, now: datetime) -> list[Arrival]:
    """The oldest of those that have waited for too long to be read."""
    return tx.unread_since(now - STUCK_AFTER, _MOST)


@dataclass(frozen=True, slots=True)
class RetryReading:
    """One commit with its event; the reader then takes the file in its turn."""

    store: Store
    clock: Clock

    def retry(self, arrival_id: int, actor: str) -> None:
        """Have it read as soon as can be, whoever held it back. Raises NotFound, StaleRow if it was read meanwhile."""
        with self.store.transaction() as tx:
            arrival = tx.arrival(arrival_id)
            if arrival.state is not ArrivalState.RECEIVED:
                raise StaleRow("this file was read meanwhile: what came of it is in the queue, or filed")
            tx.release_arrival(arrival.id)
            tx.append(Event(EventKind.DOCUMENT_READ_AGAIN, self.clock.now(), actor, arrival_id=arrival.id))
