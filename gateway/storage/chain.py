"""The chain of events: appending keeps it unbroken, verifying names every break."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Insert, Row, insert, or_, select, update

from gateway.domain.event import GENESIS, ChainedEvent, Event, EventKind, chain_hash
from gateway.domain.milestones import CHANGES
from gateway.errors import StorageFailed
from gateway.storage.milestones import keep_milestones
from gateway.storage.tables import event_head, events, filings, parts, storable, transmissions


class EventRows:
    """Events of one transaction's connection."""

    _connection: Connection

    def _insert(self, statement: Insert) -> int:
        """Run an insert and return the new row's id."""
        key = self._connection.execute(statement).inserted_primary_key
        if key is None:
            raise StorageFailed("the database gave a new row no id")
        return int(key[0])

    def append(self, event: Event) -> None:
        """Add an event behind the last one; the head row moves with it, so that a cut tail shows."""
        if event.at.tzinfo is None:
            raise ValueError("an event with a naive time reached the store")
        # What is hashed is what will be read again: UTC, and text such as the database keeps it.
        event = replace(event, at=event.at.astimezone(UTC), actor=storable(event.actor))
        head = self._connection.execute(select(event_head.c.seq, event_head.c.hash)).one_or_none()
        seq, previous = (head.seq + 1, head.hash) if head else (1, GENESIS)
        own = chain_hash(seq, event, previous)
        self._connection.execute(
            insert(events).values(
                seq=seq,
                kind=event.kind.value,
                at=event.at,
                actor=event.actor,
                referral_id=event.referral_id,
                arrival_id=event.arrival_id,
                part_id=event.part_id,
                transmission_id=event.transmission_id,
                recipient_id=event.recipient_id,
                detail=json.dumps(event.detail, sort_keys=True) if event.detail is not None else None,
                previous_hash=previous,
                hash=own,
            )
        )
        if head:
            self._connection.execute(update(event_head).values(seq=seq, hash=own))
        else:
            self._connection.execute(insert(event_head).values(id=1, seq=seq, hash=own))
        if event.kind in CHANGES and event.referral_id is not None:
            keep_milestones(self._connection, event.referral_id)

    def last_seq(self) -> int:
        """The place of the newest event; 0 before the first."""
        return self._connection.execute(select(event_head.c.seq)).scalar() or 0

    def events(self, *, referral_id: int | None = None, after_seq: int = 0, limit: int = 1000) -> list[ChainedEvent]:
        """In order; for one referral also those of its transmissions and of the parts filed on it."""
        query = select(events).where(events.c.seq > after_seq).order_by(events.c.seq).limit(limit)
        if referral_id is not None:
            sent = select(transmissions.c.id).where(transmissions.c.referral_id == referral_id)
            filed = select(filings.c.part_id).where(filings.c.referral_id == referral_id)
            arrived = select(parts.c.arrival_id).where(parts.c.id.in_(filed))
            query = query.where(
                or_(
                    events.c.referral_id == referral_id,
                    events.c.transmission_id.in_(sent),
                    events.c.part_id.in_(filed),
                    (events.c.arrival_id.in_(arrived))
                    & (events.c.part_id.is_(None))
                    & (events.c.referral_id.is_(None)),
                )
            )
        return [chained(row) for row in self._connection.execute(query)]


def chained(row: Row[Any]) -> ChainedEvent:
    """An event as stored, from its row."""
    event = Event(
        kind=EventKind(row.kind),
        at=row.at,
        actor=row.actor,
        referral_id=row.referral_id,
        arrival_id=row.arrival_id,
        part_id=row.part_id,
        transmission_id=row.transmission_id,
        recipient_id=row.recipient_id,
        detail=json.loads(row.detail) if row.detail is not None else None,
    )
    return ChainedEvent(row.seq, event, row.previous_hash, row.hash)


def breaks(connection: Connection, batch: int = 5000) -> Iterator[str]:
    """One sentence for each break: a changed, missing or reordered event, or a cut tail."""
    seq, previous = 0, GENESIS
    while rows := _batch(connection, seq, batch):
        for row in rows:
            yield from _check(row, seq, previous)
            seq, previous = row.seq, row.hash
    head = connection.execute(select(event_head.c.seq, event_head.c.hash)).one_or_none()
    if head is None:
        if seq:
            yield f"the row that names the newest event is missing: whether event {seq} is the last cannot be told"
    elif head.seq > seq:
        yield f"the chain ends at event {seq}, but event {head.seq} was written: the last ones were removed"
    elif head.seq < seq:
        yield f"event {head.seq} was the last one written, but events up to {seq} follow it"
    elif head.hash != previous:
        yield f"event {seq}, the last one, was changed after it was written"


def _batch(connection: Connection, after_seq: int, batch: int) -> Sequence[Row[Any]]:
    query = select(events).where(events.c.seq > after_seq).order_by(events.c.seq).limit(batch)
    return connection.execute(query).all()


def _check(row: Row[Any], seq: int, previous: str) -> Iterator[str]:
    if row.seq != seq + 1:
        lost = f"event {seq + 1} is" if row.seq == seq + 2 else f"events {seq + 1} to {row.seq - 1} are"
        yield f"{lost} missing"
    elif row.previous_hash != previous:
        yield f"event {row.seq} does not follow event {seq}: one of them was changed"
    try:
        event = chained(row)
        is_sound = chain_hash(row.seq, event.event, row.previous_hash) == row.hash
    except ValueError:
        is_sound = False
    if not is_sound:
        yield f"event {row.seq} was changed after it was written"
