"""Bytes by the SHA-256 of their content: written once, fsynced with their folder, never changed."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from gateway.errors import NotFound, StorageFailed

_CHUNK_BYTES = 1 << 20
_TEMPORARY = ".arriving-"
_HASH = re.compile(r"[0-9a-f]{64}")


class FileVault:
    """A folder of blobs, two levels deep, readable by the owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durable: set[Path] = set()  # folders whose own entry this process has seen on the disk

    def put(self, data: bytes) -> str:
        """Store durably and return the hex SHA-256. Raises StorageFailed."""
        return self._keep(iter((data,)))

    def put_file(self, path: Path) -> str:
        """As `put`, streaming from a file; the file stays. Raises StorageFailed."""
        try:
            with path.open("rb") as file:
                return self._keep(iter(lambda: file.read(_CHUNK_BYTES), b""))
        except OSError as error:
            raise StorageFailed(f"{path.name} cannot be read: {error.strerror}") from error

    def path(self, sha256: str) -> Path:
        """Where the bytes lie, for reading only. Raises NotFound."""
        place = self._place(sha256)
        if not (_HASH.fullmatch(sha256) and place.exists()):
            raise NotFound(f"the vault holds no bytes with SHA-256 {sha256}: they were purged, or the disk lost them")
        return place

    def __contains__(self, sha256: str) -> bool:
        return bool(_HASH.fullmatch(sha256)) and self._place(sha256).exists()

    def remove(self, sha256: str, *, written_before: datetime | None = None) -> None:
        """Forget the bytes, unless they were put again since then; only the purge policy does this.

        Raises:
            StorageFailed: they could not be removed.
        """
        try:
            if written_before is None or _is_older(self._place(sha256), written_before):
                self._place(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise StorageFailed(f"the bytes of {sha256} could not be removed: {error.strerror}") from error

    def written_before(self, moment: datetime) -> Iterator[str]:
        """The SHA-256 of everything last put before then."""
        return (place.name for place in self._folder.glob("??/??/*") if _is_older(place, moment))

    def damaged(self) -> Iterator[str]:
        """The SHA-256 of each blob whose bytes are no longer what was put in, or cannot be read."""
        for place in sorted(self._folder.glob("??/??/*")):
            try:
                with place.open("rb") as file:
                    is_whole = hashlib.file_digest(file, "sha256").hexdigest() == place.name
            except FileNotFoundError:
                continue  # purged meanwhile
            except OSError:
                is_whole = False
            if not is_whole:
                yield place.name

    def sweep(self, before: datetime) -> int:
        """Remove what writers that died left behind; a file younger than `before` may still be written to."""
        swept = 0
        for path in self._folder.glob(f"{_TEMPORARY}*"):
            if _is_older(path, before):
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def _keep(self, chunks: Iterator[bytes]) -> str:
        temporary: Path | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            digest = hashlib.sha256()
            handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=self._folder)
            temporary = Path(name)
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            place = self._place(digest.hexdigest())
            self._make_folder(place.parent)
            temporary.replace(place)  # over a copy of the same, which heals one that the disk has damaged
            _fsync_folder(place.parent)
            return place.name
        except OSError as error:
            raise StorageFailed(f"bytes could not be made durable in {self._folder}: {error.strerror}") from error
        finally:
            if temporary is not None:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        """All levels, each known to be on the disk: one that exists may have been made a moment ago by another."""
        for level in (self._folder, folder.parent, folder):
            if level not in self._durable:
                level.mkdir(exist_ok=True, mode=0o700)
                _fsync_folder(level.parent)
                self._durable.add(level)


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
