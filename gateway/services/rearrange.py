"""Another arrangement of a file's pages, as a person sees it: split, join, turn, order, leave out, read again.

The bytes stay as they came. What changes is the reading and the parts found in it; the parts before it are kept as
replaced. Asking is one commit; the reading is work in a row, done by the daemon's own step. New parts wait for a
person again, however sure they look: somebody is at work on them.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from gateway.domain.arrangement import Arrangement, Page
from gateway.domain.arrival import Arrival, Envelope, Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.errors import NotFound, StaleRow, WorkerFailed
from gateway.services.ports import Clock, Store, Transaction, Vault
from gateway.services.settle_review import refuse_if_held, waiting_part
from gateway.services.take_back import Requeue
from parsers.reading import Reading

_LEASE = timedelta(minutes=10)
_TRIES = 2  # as with reading: bad luck gets a second chance
_log = logging.getLogger(__name__)


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

    parts: tuple[Part, ...]
    reading: Reading

    def pages(self, part: Part) -> list[Page]:
        turned = {page.index: page.rotation for page in self.reading.pages}
        return [(index, turned.get(index, 0)) for index in part.pages]


@dataclass(slots=True)
class Rearrange:
    """Asking raises NotFound for what cannot be, StaleRow where somebody else was first."""

    store: Store
    vault: Vault
    clock: Clock
    arranger: Arranger
    requeue: Requeue
    ring_reader: Callable[[], None]

    def split(self, item_id: int, after: int, actor: str) -> Arrangement:
        """Two documents: the first `after` pages, and the rest."""
        with self.store.transaction() as tx:
            before = self._look(tx, [item_id], actor)
            pages = before.pages(before.parts[0])
            if not 0 < after < len(pages):
                raise NotFound(f"there is nothing to split after page {after} of {len(pages)}")
            return self._ask(tx, before, [pages[:after], pages[after:]], f"split by {actor}", actor)

    def join(self, item_id: int, other_id: int, actor: str) -> Arrangement:
        """One document of two that came in one file."""
        with self.store.transaction() as tx:
            before = self._look(tx, [item_id, other_id], actor)
            together = [page for part in before.parts for page in before.pages(part)]
            return self._ask(tx, before, [together], f"joined by {actor}", actor)

    def order(self, item_id: int, pages: Sequence[Page], actor: str) -> Arrangement:
        """The same document with these of its pages, in this order, each turned by so much from how it stands."""
        with self.store.transaction() as tx:
            before = self._look(tx, [item_id], actor)
            stands = dict(before.pages(before.parts[0]))
            if not pages or any(index not in stands or degrees % 90 for index, degrees in pages):
                raise NotFound("a document keeps at least one of its own pages")
            chosen = [(index, (stands[index] + degrees) % 360) for index, degrees in pages]
            return self._ask(tx, before, [chosen], f"pages arranged by {actor}", actor)

    def read_again(self, item_id: int, actor: str) -> None:
        """Have the whole file read once more from its bytes."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            refuse_if_held(tx, item_id, actor, now)
            arrival = tx.queue_item(item_id).arrival
            tx.read_again(arrival, Event(EventKind.DOCUMENT_READ_AGAIN, now, actor, arrival_id=arrival.id))

    def ring(self) -> None:
        """Something was asked for: the step that reads may begin. From the loop's own thread only."""
        self.ring_reader()

    async def arrange_next(self) -> bool:
        """Have the oldest arrangement read; False if none waits. What fails is in the queue again, with its reason."""
        asked = await asyncio.to_thread(self._claim)
        if asked is None:
            return False
        arrangement, arrival = asked
        received_at = arrival.envelope.received_at or arrival.received_at
        try:
            path = self.vault.path(arrival.sha256)
            read = await self.arranger.arrange(path, arrival.envelope, received_at, arrangement.groups)
        except WorkerFailed as error:
            _log.warning("arranging failed", extra={"action": "arrange", "arrival_id": arrival.id})
            await asyncio.to_thread(self._after_failure, arrangement, str(error))
        except NotFound as error:
            await asyncio.to_thread(self._give_up, arrangement, str(error))
        else:
            await asyncio.to_thread(self._keep, arrangement, arrival, read)
        return True

    def _look(self, tx: Transaction, item_ids: Sequence[int], actor: str) -> _Before:
        parts = [waiting_part(tx, item_id, actor, self.clock.now()) for item_id in item_ids]
        reading = tx.reading_of(parts[0].arrival_id)
        if len({part.arrival_id for part in parts}) > 1 or len({part.id for part in parts}) < len(item_ids):
            raise NotFound("only different documents of one file can be joined")
        if reading is None or not all(part.pages for part in parts):
            raise NotFound("it has no pages that could be arranged")
        return _Before(tuple(sorted(parts, key=lambda part: part.pages)), reading)

    def _ask(
        self, tx: Transaction, before: _Before, groups: Sequence[Sequence[Page]], reason: str, actor: str
    ) -> Arrangement:
        return tx.ask_arrangement(before.parts, groups, reason, self.clock.now(), actor)

    def _claim(self) -> tuple[Arrangement, Arrival] | None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            arrangement = tx.lease_arrangement(now, now + _LEASE)
            return (arrangement, tx.arrival(arrangement.arrival_id)) if arrangement else None

    def _after_failure(self, arrangement: Arrangement, error: str) -> None:
        if arrangement.attempts < _TRIES:
            with self.store.transaction() as tx:
                tx.release_arrangement(arrangement)
            return
        self._give_up(arrangement, error)

    def _give_up(self, arrangement: Arrangement, error: str) -> None:
        with self.store.transaction() as tx:
            tx.give_up_arrangement(arrangement, f"it could not be {arrangement.reason}: {error}", self.clock.now())

    def _keep(self, arrangement: Arrangement, arrival: Arrival, read: Reading) -> None:
        now = self.clock.now()
        try:
            with self.store.transaction() as tx:
                kept = tx.reading_of(arrival.id)
                if kept is None:
                    raise StaleRow("the file was given back to the reader meanwhile")
                amended = _amended(kept, read)
                new = amended.documents[len(kept.documents) :]
                parts = tx.rearrange(arrangement, arrival, amended, new, _rearranged(arrangement, read, now))
                for part in parts:
                    self.requeue(tx, part, arrangement.reason)
                tx.settle_arrangement(arrangement, parts, now)
        except StaleRow:
            _log.info("someone else settled the arrangement", extra={"arrival_id": arrival.id})


def _rearranged(arrangement: Arrangement, read: Reading, at: datetime) -> Event:
    return Event(
        EventKind.PART_REARRANGED,
        at,
        arrangement.asked_by,
        arrival_id=arrangement.arrival_id,
        detail={
            "was": [str(part_id) for part_id in arrangement.part_ids],
            "pages": [" ".join(str(page + 1) for page in one.pages) for one in read.documents],
        },
    )


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
