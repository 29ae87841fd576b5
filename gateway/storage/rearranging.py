"""Other arrangements of the pages of one file: parts that give way to others, and reading a file again.

The reading is amended, never the bytes; parts that gave way keep their row and id as `replaced`.
"""

from collections.abc import Sequence

from sqlalchemy import delete, update

from gateway.domain.arrival import Arrival, ArrivalState, Part, PartState
from gateway.domain.event import Event
from gateway.errors import StaleRow
from gateway.storage.arrivals import ArrivalRows
from gateway.storage.tables import arrivals, candidates, parts
from gateway.storage.words import forget_words
from parsers.reading import READING, Document, Reading


class RearrangingRows(ArrivalRows):
    """Rearrangements of one transaction's connection."""

    def page_rotation(self, arrival_id: int, index: int) -> int:
        """Degrees clockwise that make a page stand upright; 0 where nothing was read."""
        reading = self.reading_of(arrival_id)
        pages = reading.pages if reading else ()
        return next((page.rotation for page in pages if page.index == index), 0)

    def rearrange(
        self, arrival: Arrival, was: Sequence[Part], reading: Reading, documents: Sequence[Document], event: Event
    ) -> list[Part]:
        """Parts in review give way to new ones. `reading` holds the new documents behind all it held. StaleRow."""
        for part in was:
            self._give_way(part, PartState.REVIEW)
        first = len(reading.documents) - len(documents)
        self._connection.execute(
            update(arrivals).where(arrivals.c.id == arrival.id).values(reading=READING.dump_json(reading).decode())
        )
        new = [
            self._add_part(arrival.id, first + offset, document, PartState.UNMATCHED, reading=reading)
            for offset, document in enumerate(documents)
        ]
        self.append(event)
        return new

    def read_again(self, arrival: Arrival, event: Event) -> None:
        """Give an arrival of which nothing is settled back to the reader. Raises StaleRow."""
        for part in self.parts_of(arrival.id):
            if part.state in (PartState.REVIEW, PartState.UNMATCHED):
                self._give_way(part, part.state)
                # A new reading numbers its documents anew; replaced parts leave their places to them.
                self._connection.execute(update(parts).where(parts.c.id == part.id).values(place=-1 - part.id))
            elif part.state is PartState.REPLACED:
                self._connection.execute(update(parts).where(parts.c.id == part.id).values(place=-1 - part.id))
            else:
                raise StaleRow(f"a part of this document is {part.state.value}: take that back before reading it again")
        done = self._connection.execute(
            update(arrivals)
            .where(arrivals.c.id == arrival.id, arrivals.c.state == arrival.state.value)
            .values(state=ArrivalState.RECEIVED.value, attempts=0, error="", reading=None, lease_until=None)
        )
        if done.rowcount != 1:
            raise StaleRow("someone else changed this document first: reload the queue")
        self.append(event)

    def _give_way(self, part: Part, state: PartState) -> None:
        done = self._connection.execute(
            update(parts)
            .where(parts.c.id == part.id, parts.c.state == state.value)
            .values(state=PartState.REPLACED.value)
        )
        if done.rowcount != 1:
            raise StaleRow(f"queue item {part.id} was settled by someone else first: reload the queue")
        self._connection.execute(delete(candidates).where(candidates.c.part_id == part.id))
        forget_words(self._connection, [part.id])
