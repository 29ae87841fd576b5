"""What changed, as it happens: one watcher of the event chain in this process, heard by every open page.

It tells what was touched (board, work list, queue, a referral's number, a queue item) and nothing of any patient; the
page asks for itself anew. Nothing is watched while nobody listens.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from config.reference import format_number
from gateway.errors import StorageFailed
from gateway.services.board_questions import Change
from gateway.services.work_questions import ReadingStore

MOST_LISTENERS = 200
_BATCH = 500
_MOST_NAMED = 50  # more than that, and every page looks anew
EVERYTHING = "everything"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """What was touched, up to one event."""

    seq: int
    touched: frozenset[str]


@dataclass(slots=True, eq=False)
class Ear:
    """One page that listens. What it has not taken yet is one set, however much happens."""

    seq: int
    touched: set[str] = field(default_factory=set[str])
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, news: News) -> None:
        """Add to what waits."""
        self.seq = max(self.seq, news.seq)
        self.touched |= news.touched
        if len(self.touched) > _MOST_NAMED:
            self.touched = {EVERYTHING}
        self.rung.set()

    async def hear(self, patience_s: float) -> News | None:
        """What happened since it was last asked; None if nothing did for so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.rung.wait(), patience_s)
        if not self.touched:
            self.rung.clear()
            return None
        news = News(self.seq, frozenset(self.touched))
        self.touched = set()
        self.rung.clear()
        return news


class Live:
    """The watcher and those who listen."""

    def __init__(
        self,
        store: ReadingStore,
        under_way: Callable[[], tuple[str, ...]] = tuple,
        *,
        look_every_s: float = 1.0,
        beat_s: float = 15.0,
    ) -> None:
        self._store = store
        self._under_way = under_way
        self._look_every_s = look_every_s
        self.beat_s = beat_s
        self._ears: set[Ear] = set()
        self._watching: asyncio.Future[None] | None = None
        self._seq = 0
        self.is_over = False

    @property
    def listeners(self) -> int:
        """How many pages listen now."""
        return len(self._ears)

    @property
    def is_full(self) -> bool:
        """Whether no more pages are told; they ask from time to time instead."""
        return self.is_over or len(self._ears) >= MOST_LISTENERS

    def end(self) -> None:
        """The house shuts: every page is let go."""
        self.is_over = True
        for ear in self._ears:
            ear.rung.set()

    @asynccontextmanager
    async def listening(self, after: int | None) -> AsyncGenerator[Ear, None]:
        """Hear what happens, first of all what happened after an event that the page has seen."""
        ear = Ear(0)
        self._ears.add(ear)
        try:
            await self._catch_up(ear, after)
            if self._watching is None:
                self._seq = ear.seq
                self._watching = asyncio.ensure_future(self._watch())
            yield ear
        finally:
            self._ears.discard(ear)
            await self._rest()

    async def _catch_up(self, ear: Ear, after: int | None) -> None:
        now, missed = await asyncio.to_thread(self._since, after)
        ear.seq = now
        if after is not None and (after > now or len(missed) >= _BATCH):
            ear.tell(News(now, frozenset({EVERYTHING})))
        elif missed:
            ear.tell(News(now, _touched(missed)))

    async def _rest(self) -> None:
        """Nobody listens: nothing is watched."""
        if self._ears or self._watching is None:
            return
        watching, self._watching = self._watching, None
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    async def _watch(self) -> None:
        reading = self._under_way()
        while True:
            await asyncio.sleep(self._look_every_s)
            try:
                now, happened = await asyncio.to_thread(self._since, self._seq)
            except StorageFailed:
                _log.warning("changes cannot be watched", extra={"action": "live"})
                await asyncio.sleep(self._look_every_s * 10)
                continue
            touched = _touched(happened) if len(happened) < _BATCH else frozenset({EVERYTHING})
            if (anew := self._under_way()) != reading:
                reading, touched = anew, touched | {"board"}
            self._seq = now
            if touched:
                for ear in self._ears:
                    ear.tell(News(now, touched))

    def _since(self, after: int | None) -> tuple[int, list[Change]]:
        with self._store.reading() as tx:
            now = tx.last_seq()
            return now, tx.changes(after, _BATCH) if after is not None and after < now else []


_QUEUE = ("document_", "part_", "sender_")
_WORK = ("task_", "recipient_", "number_", "call_", "barrier_", "transmission_", "referral_", "follow_up_")


def _touched(changes: Iterable[Change]) -> frozenset[str]:
    found: set[str] = set()
    for change in changes:
        found.add("board")
        if change.kind.startswith(_QUEUE):
            found.add("queue")
        if change.kind.startswith(_WORK) or change.number:
            found.add("work")
        if change.number:
            found.add(f"referral:{format_number(change.number)}")
        if change.item is not None:
            found.add(f"item:{change.item}")
    return frozenset(found)
