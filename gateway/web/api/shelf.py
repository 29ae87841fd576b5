"""Files that programs sent ahead of the referral they belong to: a folder for each token, forgotten after a day."""

import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath

from gateway.errors import InvalidIntake, NotFound
from gateway.services.ports import Clock

KEPT_FOR = timedelta(hours=24)
MOST_BYTES = 50 * 2**20
_MOST_OF_A_TOKEN = 200
_LONGEST_NAME = 150
_ID = re.compile(r"[a-z0-9]{20}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class UploadShelf:
    """Readable by the owner only. What a referral took lies in the vault, so that nothing here is ever needed again."""

    folder: Path
    clock: Clock

    def of(self, token_id: int) -> Path:
        """A token's folder; attachments of its referrals are named relative to it."""
        return self.folder / str(token_id)

    def add(self, token_id: int, name: str, data: bytes) -> str:
        """Keep a file; the id it is named by. Raises InvalidIntake, saying what to send instead."""
        self._sweep()
        plain = _plain(name)
        if not data:
            raise InvalidIntake(f"file: {plain!r} is empty: send the file itself")
        if len(data) > MOST_BYTES:
            raise InvalidIntake(f"file: {plain!r} is larger than {MOST_BYTES // 2**20} MiB: split it")
        mine = self.of(token_id)
        if mine.is_dir() and sum(1 for _ in mine.iterdir()) >= _MOST_OF_A_TOKEN:
            raise InvalidIntake(f"{_MOST_OF_A_TOKEN} files wait for their referrals: open those first")
        upload = "".join(secrets.choice(_LETTERS) for _ in range(20))
        place = mine / upload
        place.mkdir(parents=True, mode=0o700)
        file = place / plain
        file.touch(mode=0o600)
        file.write_bytes(data)
        return upload

    def paths(self, token_id: int, uploads: Iterable[str]) -> tuple[str, ...]:
        """Each upload's file, relative to the token's folder. Raises NotFound."""
        return tuple(self._path(token_id, upload) for upload in uploads)

    def drop(self, token_id: int, uploads: Iterable[str]) -> None:
        """They are a referral's now."""
        for upload in uploads:
            if _ID.fullmatch(upload):
                shutil.rmtree(self.of(token_id) / upload, ignore_errors=True)

    def _path(self, token_id: int, upload: str) -> str:
        place = self.of(token_id) / upload
        files = list(place.iterdir()) if _ID.fullmatch(upload) and place.is_dir() else []
        if not files:
            raise NotFound(f"no attachment {upload[:40]!r} was sent with this token today: send the file again")
        return f"{upload}/{files[0].name}"

    def _sweep(self) -> None:
        oldest = (self.clock.now() - KEPT_FOR).timestamp()
        for place in self.folder.glob("*/*"):
            if place.stat().st_mtime < oldest:
                shutil.rmtree(place, ignore_errors=True)


def _plain(name: str) -> str:
    """The last part of a name, such as any disk takes it."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(char if char.isprintable() and char not in '/:*?"<>|' else "_" for char in last).strip(". ")
    if not kept:
        return "attachment"
    stem, dot, ending = kept.rpartition(".")
    short = f"{stem[: _LONGEST_NAME - 12]}{dot}{ending[:10]}" if dot else kept[:_LONGEST_NAME]
    while len(short.encode("utf-8", "replace")) > _LONGEST_NAME + 50:
        short = short[1:]
    return short.encode("utf-8", "replace").decode()
