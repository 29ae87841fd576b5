"""Virus scanning before anything is read: what the use cases need of a scanner, and of the store.

Refuses nothing by itself: what follows from a verdict is decided where documents are read.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gateway.domain.arrival import Arrival
from gateway.domain.event import Event
from gateway.errors import Quarantined


@dataclass(frozen=True, slots=True)
class Clean:
    """The scanner knows nothing against it."""


@dataclass(frozen=True, slots=True)
class Infected:
    """`name` is the scanner's own for what it found."""

    name: str


@dataclass(frozen=True, slots=True)
class NotScanned:
    """No verdict: `may_work_later` while the scanner is down; else it does not take this file."""

    why: str
    may_work_later: bool


Verdict = Clean | Infected | NotScanned


class Scanner(Protocol):
    """Looks into a file without running it."""

    @property
    def waits_when_down(self) -> bool:
        """Whether documents are held while there is no verdict."""
        ...

    async def scan(self, path: Path) -> Verdict:
        """The verdict on the file at `path`."""
        ...


def refuse_quarantined(arrival: Arrival) -> None:
    """Raises Quarantined for what nobody may open."""
    if arrival.is_quarantined:
        raise Quarantined(
            f"document {arrival.id} is quarantined ({arrival.infection}): it is neither opened nor handed over; "
            "discard it, and ask the sender for it again"
        )


class ScanningTransaction(Protocol):
    """What of a transaction keeps verdicts."""

    def quarantine(self, arrival: Arrival, infection: str, reason: str, event: Event) -> None:
        """It stands in the queue as unreadable, marked for a manager, and is never opened. Raises StaleRow."""
        ...

    def postpone_arrival(self, arrival: Arrival, until: datetime) -> None:
        """Give a claimed arrival back for later; the attempt is not counted."""
        ...
