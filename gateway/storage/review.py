"""The queue: parts in review with their candidates, and unreadable arrivals; settling them.

An item's id is the part's id; an unreadable arrival, which has no part yet, is shown as minus its own id.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from gateway.domain.arrival import Arrival, ArrivalState, Candidate, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.errors import NotFound, StaleRow
from gateway.services.ports import QueueItem
from gateway.storage.arrivals import ArrivalRows
from gateway.storage.tables import arrivals, candidates, filings, parts
from gateway.storage.values import ARRIVAL_COLUMNS, SENTENCES, arrival_of, candidate_of, part_of

_WAITING = (PartState.UNMATCHED, PartState.REVIEW)


class ReviewRows(ArrivalRows):
    """The queue of one transaction's connection."""

    def file_part(self, part: Part, referral_ids: Sequence[int], evidence_json: str, at: datetime, actor: str) -> Part:
        """File on one or more referrals, with the evidence kept and an event each. Raises StaleRow."""
        self._settle(part, PartState.FILED, evidence=evidence_json, at=at, actor=actor)
        for referral_id in dict.fromkeys(referral_ids):
            self._connection.execute(insert(filings).values(part_id=part.id, referral_id=referral_id))
            self.append(
                Event(
                    EventKind.PART_FILED,
                    at,
                    actor,
                    referral_id=referral_id,
                    arrival_id=part.arrival_id,
                    part_id=part.id,
                    detail={"kind": part.kind.value, "pages": len(part.pages)},
                )
            )
        return self.part(part.id)

    def queue_part(
        self, part: Part, reason: str, candidates_found: Sequence[Candidate], evidence_json: str, at: datetime
    ) -> Part:
        """Put in review with ranked candidates. Raises StaleRow."""
        self._settle(part, PartState.REVIEW, reason=reason, evidence=evidence_json)
        self._connection.execute(update(parts).where(parts.c.id == part.id).values(queued_at=at))
        for candidate in candidates_found:
            self._connection.execute(
                insert(candidates).values(
                    part_id=part.id,
                    referral_id=candidate.referral_id,
                    rank=candidate.rank,
                    posterior=candidate.posterior,
                    findings=SENTENCES.dump_json(candidate.findings).decode(),
                    against=SENTENCES.dump_json(candidate.against).decode(),
                )
            )
        detail: dict[str, str | int | float | bool | list[str] | None] = {
            "kind": part.kind.value,
            "candidates": [str(candidate.referral_id) for candidate in candidates_found],
        }
        self.append(Event(EventKind.PART_QUEUED, at, arrival_id=part.arrival_id, part_id=part.id, detail=detail))
        return self.part(part.id)

    def discard_part(self, part: Part, reason: str, at: datetime, actor: str) -> Part:
        """Taken off the queue by a person. Raises StaleRow."""
        self._settle(part, PartState.DISCARDED, reason=reason, at=at, actor=actor)
        event = Event(
            EventKind.PART_DISCARDED,
            at,
            actor,
            arrival_id=part.arrival_id,
            part_id=part.id,
            detail={"kind": part.kind.value},
        )
        self.append(event)
        return self.part(part.id)

    def keep_part(self, part: Part, reason: str, at: datetime, actor: str) -> Part:
        """Taken off the queue to stay for good. Raises StaleRow."""
        self._settle(part, PartState.KEPT, reason=reason, at=at, actor=actor)
        self.append(Event(EventKind.PART_KEPT, at, actor, arrival_id=part.arrival_id, part_id=part.id))
        return self.part(part.id)

    def _settle(
        self,
        part: Part,
        state: PartState,
        *,
        reason: str = "",
        evidence: str | None = None,
        at: datetime | None = None,
        actor: str = "",
    ) -> None:
        if part.state not in _WAITING:
            raise StaleRow(f"queue item {part.id} is already {part.state.value}: reload the queue")
        values: dict[str, object] = {
            "state": state.value,
            "reason": reason,
            "settled_by": actor,
            "settled_at": at,
        }
        if evidence is not None:
            values["evidence"] = evidence
        done = self._connection.execute(
            update(parts).where(parts.c.id == part.id, parts.c.state == part.state.value).values(**values)
        )
        if done.rowcount != 1:
            raise StaleRow(f"queue item {part.id} was settled by someone else first: reload the queue")
        self._connection.execute(delete(candidates).where(candidates.c.part_id == part.id))

    def evidence_of(self, part_id: int) -> str:
        """The evidence kept with a part's decision, as JSON."""
        return self._connection.execute(select(parts.c.evidence).where(parts.c.id == part_id)).scalar() or "{}"

    def queue(self, limit: int = 500) -> list[QueueItem]:
        """What waits for a person, oldest first."""
        in_review = self._connection.execute(
            select(parts).where(parts.c.state == PartState.REVIEW.value).order_by(parts.c.id).limit(limit)
        ).all()
        unreadable = self._connection.execute(
            select(*ARRIVAL_COLUMNS)
            .where(arrivals.c.state == ArrivalState.UNREADABLE.value)
            .order_by(arrivals.c.id)
            .limit(limit)
        ).all()
        items = self._items([part_of(row) for row in in_review]) + [_whole(arrival_of(row)) for row in unreadable]
        return sorted(items, key=lambda item: item.arrival.received_at)[:limit]

    def queue_item(self, item_id: int) -> QueueItem:
        """By the id the queue shows. Raises NotFound."""
        if item_id >= 0:
            return self._items([self.part(item_id)])[0]
        arrival = self.arrival(-item_id)
        if arrival.state is not ArrivalState.UNREADABLE:
            raise NotFound(f"there is no queue item {item_id}: it may have been settled; reload the queue")
        return _whole(arrival)

    def _items(self, waiting: Sequence[Part]) -> list[QueueItem]:
        """Two questions for all of them: a queue of hundreds is shown on every page."""
        ids = {part.arrival_id for part in waiting}
        found = self._connection.execute(select(*ARRIVAL_COLUMNS).where(arrivals.c.id.in_(ids)))
        arrived = {row.id: arrival_of(row) for row in found}
        named: dict[int, list[Candidate]] = defaultdict(list)
        rows = self._connection.execute(
            select(candidates)
            .where(candidates.c.part_id.in_([part.id for part in waiting]))
            .order_by(candidates.c.part_id, candidates.c.rank)
        )
        for row in rows:
            named[row.part_id].append(candidate_of(row))
        return [
            QueueItem(part.id, arrived[part.arrival_id], part, part.reason, tuple(named[part.id])) for part in waiting
        ]


def _whole(arrival: Arrival) -> QueueItem:
    return QueueItem(-arrival.id, arrival, None, arrival.error, ())
