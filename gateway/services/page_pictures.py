"""Pictures of pages for staff: drawn once in a limited process, kept on disk, dropped with the document.

Refuses to open a stranger's file in the daemon's own process.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.errors import NotFound, WorkerFailed
from gateway.services.ports import Store, Vault
from gateway.services.scanning import refuse_quarantined

_AHEAD = 200
"""So many documents from the head of the queue have their first page ready: some 20 MB."""

Spot = tuple[float, float, float, float]
"""x, y, width and height, as fractions of the upright page."""


class Painter(Protocol):
    """Draws away from the daemon's own process, within limits."""

    async def paint(self, path: Path, page: int, degrees: int, into: Path) -> None:
        """A page as PNG. Raises NotFound if it has no picture, WorkerFailed."""
        ...

    async def cut(self, png: Path, box: Spot, into: Path) -> None:
        """A spot of a painted page. Raises WorkerFailed."""
        ...


class PictureShelf(Protocol):
    """Where pictures are kept, by the hash of their document's bytes and a name."""

    def find(self, sha256: str, name: str) -> Path | None:
        """The kept picture; it counts as used just now."""
        ...

    def draft(self, sha256: str) -> Path:
        """A new file to draw into, which nobody finds yet."""
        ...

    def keep(self, draft: Path, sha256: str, name: str) -> Path:
        """Make a draft findable, and make room if the shelf is full."""
        ...


@dataclass(slots=True)
class PagePictures:
    """Pages and cut-outs as files; two who ask for one page wait for one drawing."""

    store: Store
    vault: Vault
    shelf: PictureShelf
    painter: Painter
    _drawing: dict[str, asyncio.Lock] = field(default_factory=dict[str, asyncio.Lock])
    _ahead: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    async def draw_ahead(self) -> int:
        """Draw one first page of what waits at the head of the queue; 0 if all are drawn, or cannot be.

        Whoever settles one document after the other then never waits for a drawing.
        """
        waiting = await asyncio.to_thread(self._at_the_head)
        self._ahead &= set(waiting)
        for arrival_id, index in waiting:
            if (arrival_id, index) in self._ahead:
                continue
            self._ahead.add((arrival_id, index))
            with contextlib.suppress(NotFound, WorkerFailed):  # shown as text, or told when somebody opens it
                await self.page(arrival_id, index)
                return 1
        return 0

    def _at_the_head(self) -> list[tuple[int, int]]:
        with self.store.transaction() as tx:
            return tx.first_pages_waiting(_AHEAD)

    async def page(self, arrival_id: int, index: int) -> Path:
        """The page of an arrival's reading as PNG, upright. Raises NotFound, WorkerFailed."""
        sha256, degrees = await asyncio.to_thread(self._where, arrival_id, index)
        name = f"{index}-{degrees}"
        async with self._alone(f"{sha256}/{name}"):
            if kept := self.shelf.find(sha256, name):
                return kept
            draft = self.shelf.draft(sha256)
            try:
                await self.painter.paint(self.vault.path(sha256), index, degrees, draft)
                return self.shelf.keep(draft, sha256, name)
            finally:
                draft.unlink(missing_ok=True)

    async def cut(self, arrival_id: int, index: int, box: Spot) -> Path:
        """A spot of a page as PNG. Raises NotFound, WorkerFailed."""
        page = await self.page(arrival_id, index)
        sha256 = page.parent.name
        name = f"{page.stem}-" + "-".join(str(round(side * 1000)) for side in box)
        async with self._alone(f"{sha256}/{name}"):
            if kept := self.shelf.find(sha256, name):
                return kept
            draft = self.shelf.draft(sha256)
            try:
                await self.painter.cut(page, box, draft)
                return self.shelf.keep(draft, sha256, name)
            finally:
                draft.unlink(missing_ok=True)

    def _where(self, arrival_id: int, index: int) -> tuple[str, int]:
        """The hash of the bytes, and how far the page is turned to stand upright."""
        with self.store.transaction() as tx:
            arrival = tx.arrival(arrival_id)
            refuse_quarantined(arrival)
            return arrival.sha256, tx.page_rotation(arrival_id, index)

    def _alone(self, name: str) -> asyncio.Lock:
        if len(self._drawing) > 1000:
            self._drawing = {key: lock for key, lock in self._drawing.items() if lock.locked()}
        return self._drawing.setdefault(name, asyncio.Lock())
