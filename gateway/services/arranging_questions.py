"""What other arrangements of a file's pages ask of a transaction: rows of work, and parts that give way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.arrangement import Arrangement, Page
from gateway.domain.arrival import Arrival, Part
from gateway.domain.event import Event
from parsers.reading import Document, Reading


class ArrangingTransaction(Protocol):
    """Arrangements within one transaction."""

    def ask_arrangement(
        self, was: Sequence[Part], groups: Sequence[Sequence[Page]], reason: str, at: datetime, actor: str
    ) -> Arrangement:
        """Parts in review wait for another arrangement, with its row and event. Raises StaleRow."""
        ...

    def lease_arrangement(self, at: datetime, until: datetime) -> Arrangement | None:
        """Claim the oldest whose lease is free or over; counts the attempt."""
        ...

    def release_arrangement(self, arrangement: Arrangement) -> None:
        """Give it back, to be tried again; the attempt stays counted."""
        ...

    def give_up_arrangement(self, arrangement: Arrangement, error: str, at: datetime) -> None:
        """Its parts wait for a person again as they were, with what went wrong before their reason. Raises StaleRow."""
        ...

    def arrangement_of(self, part_id: int) -> Arrangement | None:
        """The last arrangement that a part was given to."""
        ...

    def rearrange(
        self,
        arrangement: Arrangement,
        arrival: Arrival,
        reading: Reading,
        documents: Sequence[Document],
        event: Event,
    ) -> list[Part]:
        """Its parts give way to new ones of the same file; bytes stay as they came. Raises StaleRow."""
        ...

    def settle_arrangement(self, arrangement: Arrangement, new: Sequence[Part], at: datetime) -> None:
        """It ended well, with these."""
        ...

    def being_read(self) -> int:
        """How many files and arrangements are read, or wait for it."""
        ...

    def read_again(self, arrival: Arrival, event: Event) -> None:
        """Give an arrival of which nothing is settled back to the reader. Raises StaleRow."""
        ...
