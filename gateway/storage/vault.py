"""Bytes by the SHA-256 of their content: written once, fsynced with their folder, never changed."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gateway.errors import NotFound, StorageFailed

_CHUNK_BYTES = 1 << 20
_TEMPORARY = ".arriving-"


class FileVault:
    """A folder of blobs, two levels deep, readable by the owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

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
        if not place.exists():
            raise NotFound(f"the vault holds no bytes with SHA-256 {sha256}: they were purged, or the disk lost them")
        return place

    def __contains__(self, sha256: str) -> bool:
        return self._place(sha256).exists()

    def remove(self, sha256: str) -> None:
        """Forget the bytes; only the purge policy does this."""
        self._place(sha256).unlink(missing_ok=True)

    def damaged(self) -> Iterator[str]:
        """The SHA-256 of each blob whose bytes are no longer what was put in."""
        for place in sorted(self._folder.glob("??/*/*")):
            with place.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != place.name:
                    yield place.name

    def sweep(self) -> int:
        """Remove what writers that died left behind; only when no one else writes."""
        left = list(self._folder.glob(f"{_TEMPORARY}*"))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

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
            if not place.exists():
                self._make_folders(place.parent)
                temporary.rename(place)
            _fsync_folder(place.parent)
            return place.name
        except OSError as error:
            raise StorageFailed(f"bytes could not be made durable in {self._folder}: {error.strerror}") from error
        finally:
            if temporary is not None:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)

    def _make_folders(self, folder: Path) -> None:
        for level in (folder.parent, folder):
            if not level.exists():
                level.mkdir(exist_ok=True, mode=0o700)
                _fsync_folder(level.parent)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
