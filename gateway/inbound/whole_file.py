"""When a file in a watched folder may be taken: regular, still, not open for writing, with a plausible end.

Refuses links, pipes, devices, hidden names and names of half-finished transfers.
"""

import fcntl
import os
import re
import stat
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_PARTIAL = re.compile(r"(?:~|\.(?:part|partial|tmp|temp|crdownload|filepart|download|swp|lock))\Z", re.IGNORECASE)
_PDF_TAIL_BYTES = 2048
_TIFF = {b"II*\0": "little", b"MM\0*": "big"}


@contextmanager
def opened(path: Path) -> Generator[int]:
    """A descriptor of a regular file, never through a link, never waiting for a pipe's other end.

    Raises:
        OSError: it is gone, a link, or not a regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path.name!r} is not a regular file")
        yield descriptor
    finally:
        os.close(descriptor)


def candidates(folder: Path) -> list[Path]:
    """Regular files of a folder that could be taken, oldest first."""
    found: list[tuple[int, Path]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or _PARTIAL.search(entry.name) or not entry.is_file(follow_symlinks=False):
                continue
            try:
                found.append((entry.stat(follow_symlinks=False).st_mtime_ns, Path(entry.path)))
            except FileNotFoundError:
                continue
    return [path for _, path in sorted(found)]


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it was at one moment; equal looks mean that nothing was written between."""

    inode: int
    size_bytes: int
    mtime_ns: int


def look_at(descriptor: int) -> Look:
    """The file as it is now."""
    status = os.fstat(descriptor)
    return Look(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(slots=True)
class Stillness:
    """Remembers since when each file has not changed.

    One that is empty, or whose end looks cut off, must be still for `cut_off_s`: it is as whole as it will get.
    """

    settle_s: float
    cut_off_s: float = 30.0
    _seen: dict[Path, tuple[Look, float]] = field(default_factory=dict[Path, tuple[Look, float]])

    def is_whole(self, path: Path) -> bool:
        """Whether the file may be taken now. Raises OSError as `opened`."""
        now = time.monotonic()
        with opened(path) as descriptor:
            look = look_at(descriptor)
            before, since = self._seen.get(path, (look, now))
            if before != look:
                since = now
            self._seen[path] = (look, since)
            if now - since < self.settle_s or _is_being_written(descriptor):
                return False
            return _ends_well(descriptor, look.size_bytes) or now - since >= self.cut_off_s

    def still_for_s(self, path: Path) -> float:
        """How long the file has not changed, as far as was seen."""
        return time.monotonic() - self._seen[path][1] if path in self._seen else 0.0

    def forget_all_but(self, present: list[Path]) -> None:
        """Drop what is no longer in the folder."""
        kept = set(present)
        for path in [path for path in self._seen if path not in kept]:
            del self._seen[path]


def _is_being_written(descriptor: int) -> bool:
    """Whether a process on this machine has it open for writing.

    Linux grants a read lease only if nobody has; on network shares and others' files it cannot tell.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _ends_well(descriptor: int, size_bytes: int) -> bool:
    """Whether the last bytes are there, as far as the kind of file tells; no file ends before its first byte."""
    head = os.pread(descriptor, 8, 0)
    if head.startswith(b"%PDF-"):
        return b"%%EOF" in os.pread(descriptor, _PDF_TAIL_BYTES, max(0, size_bytes - _PDF_TAIL_BYTES))
    if order := _TIFF.get(head[:4]):
        first_page = int.from_bytes(head[4:8], "big" if order == "big" else "little")
        return 8 <= first_page < size_bytes
    return size_bytes > 0


def free_place(folder: Path, name: str) -> Path:
    """Where a file of this name, or a numbered one, can stand without overwriting anything; makes the folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = folder / name
    target, count = wanted, 1
    while os.path.lexists(target):
        count += 1
        target = wanted.with_name(f"{wanted.stem} ({count}){wanted.suffix}")
    return target


def move_into(path: Path, folder: Path) -> Path:
    """Move a file into a folder under its own name, or a numbered one."""
    return path.rename(free_place(folder, path.name))
