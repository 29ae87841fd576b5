"""Arrivals that a virus scanner found something in, and those that wait for it."""

from datetime import datetime

from sqlalchemy import case, update

from gateway.domain.arrival import Arrival, ArrivalState
from gateway.domain.event import Event, EventKind
from gateway.storage.arrivals import ArrivalRows
from gateway.storage.tables import arrivals

LABEL = "for a manager"


class QuarantineRows(ArrivalRows):
    """Verdicts, on one transaction's connection."""

    def quarantine(self, arrival: Arrival, infection: str, reason: str, event: Event) -> None:
        """It stands in the queue as unreadable, marked for a manager, and is never opened. Raises StaleRow."""
        self._leave_received(arrival, state=ArrivalState.UNREADABLE.value, error=reason, infection=infection)
        self.append(event)
        labelled = Event(EventKind.PART_LABELLED, event.at, arrival_id=arrival.id, detail={"label": LABEL})
        self.mark_labelled(-arrival.id, LABEL, labelled)

    def postpone_arrival(self, arrival: Arrival, until: datetime) -> None:
        """Give a claimed arrival back for later; the attempt is not counted."""
        attempts = case((arrivals.c.attempts > 0, arrivals.c.attempts - 1), else_=0)
        self._connection.execute(
            update(arrivals)
            .where(arrivals.c.id == arrival.id, arrivals.c.state == ArrivalState.RECEIVED.value)
            .values(lease_until=until, attempts=attempts)
        )
