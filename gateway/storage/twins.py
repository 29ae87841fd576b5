"""Which earlier parts may be the same paper as one that has just been read."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, update

from gateway.domain.arrival import Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.storage.chain import EventRows
from gateway.storage.tables import parts
from gateway.storage.values import part_of

_MOST = 500  # the newest of a kind; what was faxed again was faxed lately


class TwinRows(EventRows):
    """Fingerprints of one transaction's connection."""

    def fingerprints_before(self, part: Part) -> Iterator[tuple[Part, str]]:
        """Earlier parts of other files of the same kind with their fingerprints, the newest first."""
        query = (
            select(parts)
            .where(
                parts.c.id < part.id,
                parts.c.arrival_id != part.arrival_id,
                parts.c.kind == part.kind.value,
                parts.c.fingerprint != "",
                parts.c.state != PartState.UNMATCHED.value,
            )
            .order_by(parts.c.id.desc())
            .limit(_MOST)
        )
        for row in self._connection.execute(query).all():
            yield part_of(row), row.fingerprint

    def keep_fingerprint(self, part: Part, fingerprint: str, like: Part | None, why: str, at: datetime) -> None:
        """Keep a part's fingerprint and, where it is likely the same paper as an earlier one, the link and why."""
        self._connection.execute(
            update(parts)
            .where(parts.c.id == part.id)
            .values(fingerprint=fingerprint, like_part=like.id if like else None)
        )
        if like is not None:
            detail: dict[str, str | int | float | bool | list[str] | None] = {"like_item": like.id, "why": why}
            self.append(
                Event(EventKind.PART_LIKE_EARLIER, at, arrival_id=part.arrival_id, part_id=part.id, detail=detail)
            )
