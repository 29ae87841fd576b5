"""Rows of what arrived, and of the parts it was read to consist of."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import exists, func, insert, or_, select, update

from config.vocabulary import DocumentKind
from gateway.domain.arrival import Arrival, ArrivalState, Envelope, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.errors import NotFound, StaleRow
from gateway.storage.marks import MarkRows
from gateway.storage.tables import arrivals, events, filings, parts
from gateway.storage.values import ARRIVAL_COLUMNS, PAGES, arrival_of, envelope_json, part_of
from gateway.storage.words import keep_words, words_of
from parsers.reading import READING, Document, Reading


class ArrivalRows(MarkRows):
    """Arrivals and parts of one transaction's connection."""

    def add_arrival(self, envelope: Envelope, sha256: str, size_bytes: int, at: datetime) -> tuple[Arrival, bool]:
        """A row for received bytes and whether it is new; the same content again is linked to the first.

        Nothing is the same content as nothing only by accident: each empty file is a sending that failed.
        """
        known = self._connection.execute(
            select(*ARRIVAL_COLUMNS).where(arrivals.c.source_id == envelope.source_id)
        ).one_or_none()
        if known:
            return arrival_of(known), False
        first = self._first_with(sha256) if size_bytes else None
        state = ArrivalState.RECEIVED if first is None else ArrivalState.DUPLICATE
        new_id = self._insert(
            insert(arrivals).values(
                source_id=envelope.source_id,
                sha256=sha256,
                size_bytes=size_bytes,
                envelope=envelope_json(envelope),
                channel=envelope.channel.value,
                received_at=at,
                state=state.value,
                attempts=0,
                duplicate_of=first,
                media_type="",
                pages=0,
                error="",
            )
        )
        arrival = self.arrival(new_id)
        kind = EventKind.DOCUMENT_RECEIVED if first is None else EventKind.DOCUMENT_DUPLICATE
        detail: dict[str, str | int | float | bool | list[str] | None] = {
            "channel": envelope.channel.value,
            "sha256": sha256,
            "bytes": size_bytes,
            "duplicate_of": first,
        }
        self.append(Event(kind, at, arrival_id=arrival.id, detail=detail))
        return arrival, True

    def _first_with(self, sha256: str) -> int | None:
        return self._connection.execute(
            select(arrivals.c.id)
            .where(arrivals.c.sha256 == sha256, arrivals.c.duplicate_of.is_(None), arrivals.c.purged_at.is_(None))
            .order_by(arrivals.c.id)
            .limit(1)
        ).scalar()

    def arrival(self, arrival_id: int) -> Arrival:
        """By id. Raises NotFound."""
        row = self._connection.execute(select(*ARRIVAL_COLUMNS).where(arrivals.c.id == arrival_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no document with id {arrival_id}")
        return arrival_of(row)

    def arrivals(self, states: Iterable[ArrivalState] | None = None, limit: int = 1000) -> list[Arrival]:
        """Newest first."""
        query = select(*ARRIVAL_COLUMNS).order_by(arrivals.c.id.desc()).limit(limit)
        if states is not None:
            query = query.where(arrivals.c.state.in_([state.value for state in states]))
        return [arrival_of(row) for row in self._connection.execute(query)]

    def knows_source(self, source_id: str) -> bool:
        """Whether this source id was taken in before."""
        return bool(self._connection.execute(select(exists().where(arrivals.c.source_id == source_id))).scalar())

    def lease_unread_arrival(self, at: datetime, until: datetime) -> Arrival | None:
        """Claim the oldest received arrival whose lease is free or over; counts the attempt."""
        free = or_(arrivals.c.lease_until.is_(None), arrivals.c.lease_until <= at)
        is_unread = arrivals.c.state == ArrivalState.RECEIVED.value
        oldest = self._connection.execute(
            select(arrivals.c.id).where(is_unread, free).order_by(arrivals.c.attempts, arrivals.c.id).limit(1)
        ).scalar()
        if oldest is None:
            return None
        done = self._connection.execute(
            update(arrivals)
            .where(arrivals.c.id == oldest, is_unread, free)
            .values(lease_until=until, attempts=arrivals.c.attempts + 1)
        )
        return self.arrival(oldest) if done.rowcount == 1 else None

    def release_arrival(self, arrival_id: int) -> None:
        """Give a claimed arrival back; the attempt stays counted."""
        self._connection.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(lease_until=None))

    def record_reading(
        self, arrival: Arrival, reading: Reading, parts_read: Sequence[Document], event: Event
    ) -> list[Part]:
        """Keep the reading and one unmatched part per logical document. Raises StaleRow."""
        self._leave_received(
            arrival,
            state=ArrivalState.READ.value,
            reading=READING.dump_json(reading).decode(),
            media_type=reading.media_type,
            pages=len(reading.pages),
            error=reading.error,
        )
        for place, document in enumerate(parts_read):
            self._add_part(arrival.id, place, document, PartState.UNMATCHED, reading=reading)
        self.append(event)
        return [part for part in self.parts_of(arrival.id) if part.state is PartState.UNMATCHED]

    def record_unreadable(self, arrival: Arrival, error: str, event: Event) -> None:
        """The arrival stands in the queue with `error`. Raises StaleRow."""
        self._leave_received(arrival, state=ArrivalState.UNREADABLE.value, error=error)
        self.append(event)

    def _leave_received(self, arrival: Arrival, **values: object) -> None:
        done = self._connection.execute(
            update(arrivals)
            .where(arrivals.c.id == arrival.id, arrivals.c.state == ArrivalState.RECEIVED.value)
            .values(lease_until=None, **values)
        )
        if done.rowcount != 1:
            raise StaleRow(f"document {arrival.id} was read by someone else first")

    def _add_part(
        self,
        arrival_id: int,
        place: int,
        document: Document,
        state: PartState,
        *,
        reason: str = "",
        reading: Reading | None = None,
    ) -> Part:
        new_id = self._insert(
            insert(parts).values(
                arrival_id=arrival_id,
                place=place,
                pages=PAGES.dump_json(document.pages).decode(),
                kind=document.kind.value,
                state=state.value,
                reason=reason,
                settled_by="",
                evidence="{}",
            )
        )
        if reading is not None:
            keep_words(self._connection, new_id, words_of(document, reading))
        return self.part(new_id)

    def reading_of(self, arrival_id: int) -> Reading | None:
        """The kept reading."""
        kept = self._connection.execute(select(arrivals.c.reading).where(arrivals.c.id == arrival_id)).scalar()
        return READING.validate_json(kept) if kept else None

    def unmatched_parts(self, limit: int = 100) -> list[Part]:
        """Read but not yet matched, oldest first."""
        query = select(parts).where(parts.c.state == PartState.UNMATCHED.value).order_by(parts.c.id).limit(limit)
        return [part_of(row) for row in self._connection.execute(query)]

    def part(self, part_id: int) -> Part:
        """By id. Raises NotFound."""
        row = self._connection.execute(select(parts).where(parts.c.id == part_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no queue item {part_id}: it may have been settled; reload the queue")
        return part_of(row)

    def parts_of(self, arrival_id: int) -> list[Part]:
        """In order."""
        query = select(parts).where(parts.c.arrival_id == arrival_id).order_by(parts.c.place)
        return [part_of(row) for row in self._connection.execute(query)]

    def part_for_unreadable(self, arrival_id: int, at: datetime) -> Part:
        """Make an unreadable arrival one part in review, so that a person can file or discard it as a whole."""
        arrival = self.arrival(arrival_id)
        done = self._connection.execute(
            update(arrivals)
            .where(arrivals.c.id == arrival_id, arrivals.c.state == ArrivalState.UNREADABLE.value)
            .values(state=ArrivalState.READ.value)
        )
        if done.rowcount != 1:
            raise StaleRow(f"document {arrival_id} was settled by someone else first: reload the queue")
        whole = Document((), DocumentKind.OTHER, 0.0)
        part = self._add_part(arrival_id, 0, whole, PartState.REVIEW, reason=arrival.error)
        self._connection.execute(
            update(parts).where(parts.c.id == part.id).values(queued_at=self._unreadable_since(arrival_id))
        )
        self._move_marks(-arrival_id, part.id)
        detail: dict[str, str | int | float | bool | list[str] | None] = {"unreadable": True}
        self.append(Event(EventKind.PART_QUEUED, at, arrival_id=arrival_id, part_id=part.id, detail=detail))
        return part

    def _unreadable_since(self, arrival_id: int) -> datetime | None:
        """It waits since it could not be read, not since somebody opened it."""
        query = select(func.max(events.c.at)).where(
            events.c.arrival_id == arrival_id, events.c.kind == EventKind.DOCUMENT_UNREADABLE.value
        )
        return self._connection.execute(query).scalar()

    def filed_on(self, referral_id: int) -> list[Part]:
        """Parts filed on a referral, oldest first."""
        query = (
            select(parts)
            .join(filings, filings.c.part_id == parts.c.id)
            .where(filings.c.referral_id == referral_id)
            .order_by(parts.c.id)
        )
        return [part_of(row) for row in self._connection.execute(query)]
