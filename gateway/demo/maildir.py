"""Maildirs of the demo's post office: mail is on the disk before anyone is told that it is."""

import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

_SAFE = re.compile(r"[a-z0-9._-]+@[a-z0-9.-]+")


def box_of(address: str) -> str:
    """The mailbox an address belongs to: lower case, without its plus part."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


@dataclass(frozen=True, slots=True)
class Maildirs:
    """One Maildir an address under `folder`, owned by `owner_uid` where this process may give files away."""

    folder: Path
    owner_uid: int
    owner_gid: int

    def path(self, box: str) -> Path:
        """The Maildir of a mailbox."""
        return self.folder / box / "Maildir"

    def make(self, box: str) -> None:
        """Make a mailbox. Raises ValueError for what cannot be a folder's name."""
        if not _SAFE.fullmatch(box):
            raise ValueError(f"{box!r} is not a plain mail address")
        for folder in (self.path(box), *(self.path(box) / name for name in ("tmp", "new", "cur"))):
            folder.mkdir(parents=True, exist_ok=True)
            self._give(folder)
        self._give(self.folder / box)

    def has(self, box: str) -> bool:
        """Whether there is such a mailbox."""
        return bool(_SAFE.fullmatch(box)) and self.path(box).is_dir()

    def deliver(self, box: str, mail: bytes) -> None:
        """Store a mail durably: written aside, fsynced, renamed into `new`, the folder fsynced."""
        name = f"{time.time_ns()}.{secrets.token_hex(8)}.localhost"
        aside = self.path(box) / "tmp" / name
        with aside.open("xb") as file:
            file.write(mail)
            file.flush()
            os.fsync(file.fileno())
        self._give(aside)
        aside.rename(self.path(box) / "new" / name)
        handle = os.open(self.path(box) / "new", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.owner_uid, self.owner_gid)
