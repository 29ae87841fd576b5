"""Another arrangement of a file's pages, as a person sees it: split, join, turn, order, leave out, read again.

The bytes stay as they came. What changes is the reading and the parts found in it; the parts before it are kept as
replaced. New parts wait for a person again, however sure they look: somebody is at work on them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gateway.domain.arrival import Arrival, Envelope, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.errors import NotFound, StaleRow
from gateway.services.ports import Clock, Store, Vault
from gateway.services.settle_review import refuse_if_held, waiting_part
from gateway.services.take_back import Requeue
from parsers.reading import Reading

Page = tuple[int, int]
"""A page's index in the file, and the degrees clockwise that turn it upright."""


class Arranger(Protocol):
    """Reads chosen pages away from the daemon's own process, within limits."""

    async def arrange(
        self, path: Path, envelope: Envelope, received_at: datetime, groups: Sequence[Sequence[Page]]
    ) -> Reading:
        """One document a group. Raises NotFound if a page has no picture, WorkerFailed."""
        ...


@dataclass(frozen=True, slots=True)
class _Before:
    """The parts to be arranged anew, and the reading they are from."""

    arrival: Arrival
    parts: tuple[Part, ...]
    reading: Reading

    def pages(self, part: Part) -> list[Page]:
        turned = {page.index: page.rotation for page in self.reading.pages}
        return [(index, turned.get(index, 0)) for index in part.pages]


@dataclass(slots=True)
class Rearrange:
    """Each returns the items that wait now. Raises NotFound, StaleRow, WorkerFailed."""

    store: Store
    vault: Vault
    clock: Clock
    arranger: Arranger
    requeue: Requeue
    ring_reader: Callable[[], None]

    async def split(self, item_id: int, after: int, actor: str) -> list[int]:
        """Two documents: the first `after` pages, and the rest."""
        before = await asyncio.to_thread(self._look, [item_id], actor)
        pages = before.pages(before.parts[0])
        if not 0 < after < len(pages):
            raise NotFound(f"there is nothing to split after page {after} of {len(pages)}")
        return await self._arrange(before, [pages[:after], pages[after:]], f"split by {actor}", actor)

    async def join(self, item_id: int, other_id: int, actor: str) -> list[int]:
        """One document of two that came in one file."""
        before = await asyncio.to_thread(self._look, [item_id, other_id], actor)
        together = [page for part in before.parts for page in before.pages(part)]
        return await self._arrange(before, [together], f"joined by {actor}", actor)

    async def order(self, item_id: int, pages: Sequence[Page], actor: str) -> list[int]:
        """The same document with these of its pages, in this order, each turned by so much from how it stands."""
        before = await asyncio.to_thread(self._look, [item_id], actor)
        stands = dict(before.pages(before.parts[0]))
        if not pages or any(index not in stands or degrees % 90 for index, degrees in pages):
            raise NotFound("a document keeps at least one of its own pages")
        chosen = [(index, (stands[index] + degrees) % 360) for index, degrees in pages]
        return await self._arrange(before, [chosen], f"pages arranged by {actor}", actor)

    def read_again(self, item_id: int, actor: str) -> None:
        """Have the whole file read once more from its bytes."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            refuse_if_held(tx, item_id, actor, now)
            arrival = tx.queue_item(item_id).arrival
            tx.read_again(arrival, Event(EventKind.DOCUMENT_READ_AGAIN, now, actor, arrival_id=arrival.id))
        self.ring_reader()

    def _look(self, item_ids: Sequence[int], actor: str) -> _Before:
        with self.store.transaction() as tx:
            parts = [waiting_part(tx, item_id, actor, self.clock.now()) for item_id in item_ids]
            arrival = tx.arrival(parts[0].arrival_id)
            reading = tx.reading_of(arrival.id)
        if len({part.arrival_id for part in parts}) > 1 or len({part.id for part in parts}) < len(item_ids):
            raise NotFound("only different documents of one file can be joined")
        if reading is None or not all(part.pages for part in parts):
            raise NotFound("it has no pages that could be arranged")
        return _Before(arrival, tuple(sorted(parts, key=lambda part: part.pages)), reading)

    async def _arrange(self, before: _Before, groups: Sequence[Sequence[Page]], reason: str, actor: str) -> list[int]:
        arrival = before.arrival
        received_at = arrival.envelope.received_at or arrival.received_at
        read = await self.arranger.arrange(self.vault.path(arrival.sha256), arrival.envelope, received_at, groups)
        return await asyncio.to_thread(self._keep, before, read, reason, actor)

    def _keep(self, before: _Before, read: Reading, reason: str, actor: str) -> list[int]:
        now = self.clock.now()
        with self.store.transaction() as tx:
            kept = tx.reading_of(before.arrival.id)
            if kept is None or kept != before.reading:
                raise StaleRow("someone else arranged this file meanwhile: reload the page")
            event = Event(
                EventKind.PART_REARRANGED,
                now,
                actor,
                arrival_id=before.arrival.id,
                detail={
                    "was": [str(part.id) for part in before.parts],
                    "pages": [" ".join(str(page + 1) for page in one.pages) for one in read.documents],
                },
            )
            amended = _amended(kept, read)
            new = amended.documents[len(kept.documents) :]
            parts = tx.rearrange(before.arrival, before.parts, amended, new, event)
            for part in parts:
                self.requeue(tx, part, reason)
        return [part.id for part in parts]


def _amended(kept: Reading, read: Reading) -> Reading:
    """The kept reading with pages as they were read now, and the new documents behind all that were there."""
    anew = {page.index: page for page in read.pages}
    attached = next((one.attachment for one in kept.documents if set(one.pages) & set(anew)), "")
    documents = tuple(replace(one, attachment=attached) for one in read.documents)
    return replace(
        kept,
        pages=tuple(anew.get(page.index, page) for page in kept.pages),
        documents=kept.documents + documents,
    )


def can_be_arranged(part: Part | None) -> bool:
    """Whether a part waits and has pages."""
    return part is not None and part.state is PartState.REVIEW and bool(part.pages)
