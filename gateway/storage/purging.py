"""Forgetting, by the one policy that does: what a person discarded long ago."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, union, update

from gateway.domain.arrival import Arrival, ArrivalState, PartState
from gateway.domain.event import Event, EventKind
from gateway.storage.marks import MarkRows
from gateway.storage.sheet_tables import sheet_files
from gateway.storage.tables import arrivals, attachments, parts, transmissions
from gateway.storage.values import ARRIVAL_COLUMNS, arrival_of
from gateway.storage.words import forget_words


class PurgeRows(MarkRows):
    """What may go, of one transaction's connection."""

    def purgeable(self, before: datetime, limit: int = 500) -> list[Arrival]:
        """Arrivals of which every part was discarded before then, and whose bytes are there and nobody's else."""
        kept = exists().where(
            parts.c.arrival_id == arrivals.c.id,
            parts.c.state != PartState.REPLACED.value,
            or_(parts.c.state != PartState.DISCARDED.value, parts.c.settled_at >= before),
        )
        query = (
            select(*ARRIVAL_COLUMNS)
            .where(
                arrivals.c.state == ArrivalState.READ.value,
                arrivals.c.purged_at.is_(None),
                exists().where(parts.c.arrival_id == arrivals.c.id),
                ~kept,
                ~_is_another_arrivals(),
                ~exists().where(transmissions.c.packet_sha256 == arrivals.c.sha256),
                ~exists().where(attachments.c.sha256 == arrivals.c.sha256),
                ~exists().where(sheet_files.c.sha256 == arrivals.c.sha256),
            )
            .order_by(arrivals.c.id)
            .limit(limit)
        )
        return [arrival_of(row) for row in self._connection.execute(query)]

    def unnamed(self, sha256s: Sequence[str]) -> set[str]:
        """Which of these are the bytes of no arrival, no packet, no enclosure and no sheet."""
        naming = union(
            select(arrivals.c.sha256).where(arrivals.c.sha256.in_(sha256s), arrivals.c.purged_at.is_(None)),
            select(transmissions.c.packet_sha256).where(transmissions.c.packet_sha256.in_(sha256s)),
            select(attachments.c.sha256).where(attachments.c.sha256.in_(sha256s)),
            select(sheet_files.c.sha256).where(sheet_files.c.sha256.in_(sha256s)),
        )
        return set(sha256s) - set(self._connection.execute(naming).scalars())

    def record_purged(self, arrival: Arrival, at: datetime) -> None:
        """Its bytes, reading and evidence go, and those of its duplicates; rows and events stay. Once is enough."""
        done = self._connection.execute(
            update(arrivals)
            .where(
                or_(arrivals.c.id == arrival.id, arrivals.c.duplicate_of == arrival.id), arrivals.c.purged_at.is_(None)
            )
            .values(purged_at=at, reading=None)
        )
        if done.rowcount == 0:
            return
        ids = list(self._connection.execute(select(parts.c.id).where(parts.c.arrival_id == arrival.id)).scalars())
        self._connection.execute(update(parts).where(parts.c.id.in_(ids)).values(evidence="{}", fingerprint=""))
        self._forget_notes(ids)
        forget_words(self._connection, ids)
        self.append(Event(EventKind.PURGED, at, arrival_id=arrival.id, detail={"sha256": arrival.sha256}))


def _is_another_arrivals() -> ColumnElement[bool]:
    """The same content came by itself as well; its own duplicates go with it."""
    other = arrivals.alias("other")
    return exists().where(
        and_(
            other.c.sha256 == arrivals.c.sha256,
            other.c.id != arrivals.c.id,
            other.c.purged_at.is_(None),
            or_(other.c.duplicate_of.is_(None), other.c.duplicate_of != arrivals.c.id),
        )
    )
