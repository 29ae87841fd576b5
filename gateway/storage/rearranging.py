"""Other arrangements of the pages of one file: work in rows, parts that give way, and reading a file again.

The reading is amended, never the bytes; parts that gave way keep their row and id as `replaced`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, func, insert, or_, select, update

from gateway.domain.arrangement import Arrangement, Page
from gateway.domain.arrival import Arrival, ArrivalState, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.errors import StaleRow
from gateway.storage.arrivals import ArrivalRows
from gateway.storage.tables import arrangements, arrivals, candidates, parts
from gateway.storage.words import forget_words
from parsers.reading import READING, Document, Reading

_GROUPS: TypeAdapter[tuple[tuple[Page, ...], ...]] = TypeAdapter(tuple[tuple[Page, ...], ...])
_IDS: TypeAdapter[tuple[int, ...]] = TypeAdapter(tuple[int, ...])


class RearrangingRows(ArrivalRows):
    """Rearrangements of one transaction's connection."""

    def page_rotation(self, arrival_id: int, index: int) -> int:
        """Degrees clockwise that make a page stand upright; 0 where nothing was read."""
        reading = self.reading_of(arrival_id)
        pages = reading.pages if reading else ()
        return next((page.rotation for page in pages if page.index == index), 0)

    def ask_arrangement(
        self, was: Sequence[Part], groups: Sequence[Sequence[Page]], reason: str, at: datetime, actor: str
    ) -> Arrangement:
        """Parts in review wait for another arrangement, with its row and event. Raises StaleRow."""
        for part in was:
            self._turn(part.id, PartState.REVIEW, state=PartState.ARRANGING.value)
        part_ids = tuple(part.id for part in was)
        new_id = self._insert(
            insert(arrangements).values(
                arrival_id=was[0].arrival_id,
                part_ids=_IDS.dump_json(part_ids).decode(),
                groups=_GROUPS.dump_json(tuple(tuple(group) for group in groups)).decode(),
                reason=reason,
                asked_by=actor,
                asked_at=at,
                attempts=0,
                new_ids="[]",
                error="",
            )
        )
        for part in was:
            self._turn(part.id, PartState.ARRANGING, arrangement_id=new_id)
            event = Event(EventKind.PART_ARRANGING, at, actor, arrival_id=part.arrival_id, part_id=part.id)
            self.append(event)
        return self._arrangement(new_id)

    def lease_arrangement(self, at: datetime, until: datetime) -> Arrangement | None:
        """Claim the oldest whose lease is free or over; counts the attempt."""
        a = arrangements.c
        free = (a.ended_at.is_(None), or_(a.lease_until.is_(None), a.lease_until <= at))
        oldest = self._connection.execute(select(a.id).where(*free).order_by(a.attempts, a.id).limit(1)).scalar()
        if oldest is None:
            return None
        done = self._connection.execute(
            update(arrangements).where(a.id == oldest, *free).values(lease_until=until, attempts=a.attempts + 1)
        )
        return self._arrangement(oldest) if done.rowcount == 1 else None

    def release_arrangement(self, arrangement: Arrangement) -> None:
        """Give it back, to be tried again; the attempt stays counted."""
        self._connection.execute(
            update(arrangements).where(arrangements.c.id == arrangement.id).values(lease_until=None)
        )

    def give_up_arrangement(self, arrangement: Arrangement, error: str, at: datetime) -> None:
        """Its parts wait for a person again as they were, with what went wrong before their reason. StaleRow."""
        for part_id in arrangement.part_ids:
            before = self.part(part_id).reason
            reason = "; ".join(filter(None, (error, before)))
            self._turn(part_id, PartState.ARRANGING, state=PartState.REVIEW.value, reason=reason)
            self.append(Event(EventKind.PART_NOT_ARRANGED, at, arrival_id=arrangement.arrival_id, part_id=part_id))
        self._end(arrangement, at, error=error)

    def settle_arrangement(self, arrangement: Arrangement, new: Sequence[Part], at: datetime) -> None:
        """It ended well, with these. Raises StaleRow."""
        self._end(arrangement, at, new_ids=_IDS.dump_json(tuple(part.id for part in new)).decode())

    def arrangement_of(self, part_id: int) -> Arrangement | None:
        """The last arrangement that a part was given to."""
        query = select(arrangements).join(parts, parts.c.arrangement_id == arrangements.c.id)
        row = self._connection.execute(query.where(parts.c.id == part_id)).one_or_none()
        return _arrangement_of(row) if row else None

    def being_read(self) -> int:
        """How many files and arrangements are read, or wait for it."""
        files = select(func.count()).where(arrivals.c.state == ArrivalState.RECEIVED.value)
        work = select(func.count()).where(arrangements.c.ended_at.is_(None))
        return sum(self._connection.execute(query).scalar() or 0 for query in (files, work))

    def rearrange(
        self,
        arrangement: Arrangement,
        arrival: Arrival,
        reading: Reading,
        documents: Sequence[Document],
        event: Event,
    ) -> list[Part]:
        """Its parts give way to new ones. `reading` holds the new documents behind all it held. StaleRow."""
        for part_id in arrangement.part_ids:
            self._give_way(part_id, PartState.ARRANGING)
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
                self._give_way(part.id, part.state)
                # A new reading numbers its documents anew; replaced parts leave their places to them.
                self._connection.execute(update(parts).where(parts.c.id == part.id).values(place=-1 - part.id))
            elif part.state is PartState.REPLACED:
                self._connection.execute(update(parts).where(parts.c.id == part.id).values(place=-1 - part.id))
            elif part.state is PartState.ARRANGING:
                raise StaleRow("pages of this document are being arranged: wait until that is done")
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

    def _give_way(self, part_id: int, state: PartState) -> None:
        self._turn(part_id, state, state=PartState.REPLACED.value)
        self._connection.execute(delete(candidates).where(candidates.c.part_id == part_id))
        forget_words(self._connection, [part_id])

    def _turn(self, part_id: int, was: PartState, **values: object) -> None:
        """Change a part that is still so. Raises StaleRow."""
        done = self._connection.execute(
            update(parts).where(parts.c.id == part_id, parts.c.state == was.value).values(**values)
        )
        if done.rowcount != 1:
            raise StaleRow(f"queue item {part_id} was settled by someone else first: reload the queue")

    def _end(self, arrangement: Arrangement, at: datetime, **values: object) -> None:
        done = self._connection.execute(
            update(arrangements)
            .where(arrangements.c.id == arrangement.id, arrangements.c.ended_at.is_(None))
            .values(ended_at=at, lease_until=None, **values)
        )
        if done.rowcount != 1:
            raise StaleRow("someone else ended this arrangement first")

    def _arrangement(self, arrangement_id: int) -> Arrangement:
        return _arrangement_of(
            self._connection.execute(select(arrangements).where(arrangements.c.id == arrangement_id)).one()
        )


def _arrangement_of(row: Row[*tuple[Any, ...]]) -> Arrangement:
    return Arrangement(
        id=row.id,
        arrival_id=row.arrival_id,
        part_ids=_IDS.validate_json(row.part_ids),
        groups=_GROUPS.validate_json(row.groups),
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        attempts=row.attempts,
        lease_until=row.lease_until,
        ended_at=row.ended_at,
        new_ids=_IDS.validate_json(row.new_ids),
        error=row.error,
    )
