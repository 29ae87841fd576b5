"""Pictures of pages on disk, by the hash of the document they show: bounded, least used goes first.

They may go at any time, being drawn again when asked for. They speak of patients as the document does, so that
forgetting one forgets the other.
"""

import os
import re
import shutil
import tempfile
import threading
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{64}")
_DRAFT = ".drawing-"
_LEFT_AFTER_TRIM = 0.8  # of the bound, so that not every new picture trims


class PictureCache:
    """A folder of PNG files readable by the owner only. Several threads may use it."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._held_bytes: int | None = None
        self._lock = threading.Lock()

    def find(self, sha256: str, name: str) -> Path | None:
        """The kept picture; it counts as used just now."""
        path = self._of(sha256) / f"{name}.png"
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def draft(self, sha256: str) -> Path:
        """A new file to draw into, which nobody finds yet."""
        folder = self._of(sha256)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=_DRAFT, dir=folder)
        os.close(handle)
        return Path(name)

    def keep(self, draft: Path, sha256: str, name: str) -> Path:
        """Make a draft findable, and make room if all together are more than the bound."""
        path = self._of(sha256) / f"{name}.png"
        size = draft.stat().st_size
        draft.replace(path)
        with self._lock:
            self._held_bytes = self._measured() if self._held_bytes is None else self._held_bytes + size
            if self._held_bytes > self._limit_bytes:
                self._held_bytes = self._trimmed(keep=path)
        return path

    def forget(self, sha256: str) -> None:
        """Remove every picture of a document."""
        shutil.rmtree(self._of(sha256), ignore_errors=True)

    def _of(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise ValueError("not the hash of a document")
        return self._folder / sha256[:2] / sha256

    def _measured(self) -> int:
        return sum(path.stat().st_size for path in self._folder.glob("??/*/*.png"))

    def _trimmed(self, keep: Path) -> int:
        """Remove what was used longest ago; returns the bytes that stay."""
        found = sorted(((path.stat(), path) for path in self._folder.glob("??/*/*.png")), key=lambda f: f[0].st_mtime)
        held = sum(stat.st_size for stat, _ in found)
        for stat, path in found:
            if held <= self._limit_bytes * _LEFT_AFTER_TRIM:
                break
            if path != keep:
                path.unlink(missing_ok=True)
                held -= stat.st_size
        return held
