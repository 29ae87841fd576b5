"""The queue: parts in review with their candidates, and unreadable arrivals; settling them.

An item's id is the part's id; an unreadable arrival, which has no part yet, is shown as minus its own id.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from gateway.domain.arrival import Arrival, ArrivalState, Candidate, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.errors import NotFound, StaleRow
from gateway.services.ports import QueueItem
from gateway.storage.arrivals import ArrivalRows
from gateway.storage.tables import arrivals, candidates, filings, parts
from gateway.storage.values import SENTENCES, arrival_of, part_of


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
            "reason": reason,
            "candidates": len(candidates_found),
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
            detail={"reason": reason, "kind": part.kind.value},
        )
        self.append(event)
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
            select(arrivals)
            .where(arrivals.c.state == ArrivalState.UNREADABLE.value)
            .order_by(arrivals.c.id)
            .limit(limit)
        ).all()
        items = [self._item(part_of(row)) for row in in_review] + [_whole(arrival_of(row)) for row in unreadable]
        return sorted(items, key=lambda item: item.arrival.received_at)[:limit]

    def queue_item(self, item_id: int) -> QueueItem:
        """By the id the queue shows. Raises NotFound."""
        if item_id >= 0:
            return self._item(self.part(item_id))
        arrival = self.arrival(-item_id)
        if arrival.state is not ArrivalState.UNREADABLE:
            raise NotFound(f"there is no queue item {item_id}: it may have been settled; reload the queue")
        return _whole(arrival)

    def _item(self, part: Part) -> QueueItem:
        rows = self._connection.execute(
            select(candidates).where(candidates.c.part_id == part.id).order_by(candidates.c.rank)
        )
        found = tuple(
            Candidate(
                row.part_id,
                row.referral_id,
                row.rank,
                row.posterior,
                SENTENCES.validate_json(row.findings),
                SENTENCES.validate_json(row.against),
            )
            for row in rows
        )
        return QueueItem(part.id, self.arrival(part.arrival_id), part, part.reason, found)


def _whole(arrival: Arrival) -> QueueItem:
    return QueueItem(-arrival.id, arrival, None, arrival.error, ())
