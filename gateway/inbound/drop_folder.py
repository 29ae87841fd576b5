"""Referrals dropped as JSON beside their attachments: opened and moved to `accepted/`, or to `rejected/` with why.

A JSON that is half written, or whose attachments are still on their way, waits; after `patience_s` without
change it is judged as it lies.
"""

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.errors import InvalidIntake
from gateway.inbound.watching import keep_sweeping
from gateway.inbound.whole_file import Stillness, candidates, free_place, move_into, opened
from gateway.services.intake_form import parse_intake_json
from gateway.services.json_object import NotJson

ORIGIN = "drop folder"
ACCEPTED = "accepted"
REJECTED = "rejected"
_LARGEST_JSON_BYTES = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


class Opener(Protocol):
    """The use case that opens a referral."""

    async def open(self, intake_json: bytes, folder: Path, origin: str) -> str:
        """The number of the referral opened (or already open) for this JSON.

        Raises:
            InvalidIntake: names the field and what to write instead.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Dropped:
    """One JSON that is whole: its bytes, the attachments it names, and whether it may still be half."""

    path: Path
    data: bytes
    attachments: tuple[str, ...]
    is_json: bool


class DropFolder:
    """Watches one folder. `last_heard_at` is the Unix time of the last look that went well, for health."""

    def __init__(
        self,
        folder: Path,
        opener: Opener,
        *,
        settle_s: float = 0.5,
        sweep_s: float = 30.0,
        patience_s: float = 60.0,
    ) -> None:
        self.folder = folder
        self.opener = opener
        self.settle_s = settle_s
        self.sweep_s = sweep_s
        self.patience_s = patience_s
        self.last_heard_at = 0.0
        self._stillness = Stillness(settle_s)

    async def run(self) -> None:
        """Watch until cancelled."""
        await keep_sweeping(self.folder, self.sweep, settle_s=self.settle_s, sweep_s=self.sweep_s)

    async def sweep(self) -> bool:
        """Open what is whole; whether something still waits."""
        present = await asyncio.to_thread(candidates, self.folder)
        self._stillness.forget_all_but(present)
        whole = {path for path in present if self._is_whole(path)}
        jsons = [path for path in present if path.suffix.lower() == ".json"]
        dropped = [await asyncio.to_thread(_read, path) for path in jsons if path in whole]
        named = Counter(name for drop in dropped for name in set(drop.attachments))
        waits = len(dropped) < len(jsons)
        for drop in dropped:
            if self._must_wait(drop, whole):
                waits = True
                continue
            shared = {name for name, count in named.items() if count > 1}
            named.subtract(set(drop.attachments))
            await self._settle(drop, shared)
        self.last_heard_at = time.time()
        return waits

    def _is_whole(self, path: Path) -> bool:
        try:
            return self._stillness.is_whole(path)
        except OSError:
            return False

    def _must_wait(self, drop: _Dropped, whole: set[Path]) -> bool:
        is_complete = drop.is_json and all(self._has_come(name, whole) for name in drop.attachments)
        return not is_complete and self._stillness.still_for_s(drop.path) < self.patience_s

    def _has_come(self, name: str, whole: set[Path]) -> bool:
        path = self.folder / name
        return path in whole or (path.parent != self.folder and path.exists())

    async def _settle(self, drop: _Dropped, shared: set[str]) -> None:
        own = [name for name in drop.attachments if name not in shared]
        try:
            number = await self.opener.open(drop.data, self.folder, ORIGIN)
        except InvalidIntake as error:
            await asyncio.to_thread(self._reject, drop.path, own, str(error))
            _log.warning("dropped referral rejected", extra={"action": "reject_drop"})
            return
        await asyncio.to_thread(self._move, drop.path, own, ACCEPTED)
        _log.info("dropped referral opened", extra={"action": "open_drop", "referral": number})

    def _reject(self, path: Path, attachments: list[str], reason: str) -> None:
        """The reason lies there before the JSON does, so that nobody finds one without the other."""
        place = free_place(self.folder / REJECTED, path.name)
        fix = f"Correct it and put it, with its attachments, into {self.folder} again."
        place.with_suffix(".reason.txt").write_text(
            f"{path.name} was not accepted.\n\n{reason}\n\n{fix}\n", encoding="utf-8", errors="replace"
        )
        self._move(path, attachments, REJECTED)

    def _move(self, path: Path, attachments: list[str], into: str) -> None:
        """The JSON goes last: if we are stopped between, it is found again and its id opens nothing twice."""
        for name in attachments:
            attachment = self.folder / name
            if attachment.parent == self.folder and attachment.is_file() and not attachment.is_symlink():
                move_into(attachment, self.folder / into)
        move_into(path, self.folder / into)


def _read(path: Path) -> _Dropped:
    with opened(path) as descriptor, open(descriptor, "rb", closefd=False) as file:
        data = file.read(_LARGEST_JSON_BYTES)
    try:
        return _Dropped(path, data, parse_intake_json(data).attachments, is_json=True)
    except NotJson:
        return _Dropped(path, data, (), is_json=False)
    except InvalidIntake:
        return _Dropped(path, data, (), is_json=True)
