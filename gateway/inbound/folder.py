"""The scanner's folder: whole files go through the door, then into `taken/`. Nothing is ever deleted."""

import asyncio
import hashlib
import logging
import os
import time
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path

from config.vocabulary import Channel
from gateway.domain.arrival import Envelope
from gateway.errors import StorageFailed
from gateway.inbound.watching import keep_sweeping
from gateway.inbound.whole_file import Look, Stillness, candidates, look_at, move_into, opened
from gateway.services.ports import Door

TAKEN = "taken"
_log = logging.getLogger(__name__)


class ScanFolder:
    """Watches one folder. `last_heard_at` is the Unix time of the last look that went well, for health."""

    def __init__(self, folder: Path, door: Door, *, settle_s: float = 0.5, sweep_s: float = 30.0) -> None:
        self.folder = folder
        self.door = door
        self.settle_s = settle_s
        self.sweep_s = sweep_s
        self.last_heard_at = 0.0
        self._stillness = Stillness(settle_s)
        self._kept: dict[Path, Look] = {}  # taken, but could not be moved away

    async def run(self) -> None:
        """Watch until cancelled."""
        await keep_sweeping(self.folder, self.sweep, settle_s=self.settle_s, sweep_s=self.sweep_s)

    async def sweep(self) -> bool:
        """Take every whole file; whether some are not whole yet."""
        present = await asyncio.to_thread(candidates, self.folder)
        self._stillness.forget_all_but(present)
        is_waiting = False
        for path in present:
            try:
                is_waiting |= not await self._take(path)
            except StorageFailed:
                _log.error("scan not stored, left in its folder", extra={"action": "receive"})
                return False
            except OSError as error:
                _log.info("file passed over", extra={"action": "receive", "errno": error.errno})
        self.last_heard_at = time.time()
        return is_waiting

    async def _take(self, path: Path) -> bool:
        """Whether nothing more is to be done for this file."""
        if not self._stillness.is_whole(path):
            return False
        with opened(path) as descriptor:
            look = look_at(descriptor)
            if self._kept.get(path) != look:
                sha256 = await asyncio.to_thread(_sha256, descriptor)
                # The descriptor's own path: what the name points to may be exchanged meanwhile.
                await self.door.receive(Path(f"/proc/self/fd/{descriptor}"), self._envelope(path, look, sha256))
                self._kept[path] = look
            if look_at(descriptor) != look:
                return False
        await asyncio.to_thread(move_into, path, self.folder / TAKEN)
        del self._kept[path]
        return True

    def _envelope(self, path: Path, look: Look, sha256: str) -> Envelope:
        # An empty file is told from the empty file of the same name before it only by its time.
        content = sha256 if look.size_bytes else f"{sha256}:{look.mtime_ns}"
        return Envelope(
            source_id=f"scan:{urllib.parse.quote(os.fsencode(path))}:{content}",
            channel=Channel.SCAN,
            name=display_name(path),
            received_at=datetime.fromtimestamp(look.mtime_ns / 1e9, UTC),
        )


def display_name(path: Path) -> str:
    """The file's name as it can be shown: bytes that are no text and control characters become marks."""
    text = os.fsencode(path.name).decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _sha256(descriptor: int) -> str:
    digest, offset = hashlib.sha256(), 0
    while block := os.pread(descriptor, 1 << 20, offset):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()
