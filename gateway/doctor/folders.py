"""The folders the daemon writes to: there, its own, private, on a disk with room."""

import asyncio
import os
import pwd
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.doctor.finding import Finding, Tell, doubt, fault, well

_LEAST_MB = 500  # below this /healthz complains
_NOTHING_MB = 50


@dataclass(frozen=True, slots=True)
class FoldersCheck:
    """`folders` by the setting that names each; `private` are those that hold patients' data for the daemon alone."""

    folders: Mapping[str, Path]
    private: frozenset[str] = frozenset({"storage.data_dir"})
    name: str = "folders"
    limit_s: float = 30.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Write a file in each, and look at room and rights."""
        tell("writing a file in each folder")
        return [finding for one in self.folders for finding in await asyncio.to_thread(self._look, one)]

    def _look(self, key: str) -> list[Finding]:
        folder = self.folders[key]
        if not folder.exists():
            if (parent := _nearest(folder)) and os.access(parent, os.W_OK):
                return [well(f"{key} {folder} is not there yet and can be made")]
            return [fault(f"{key} {folder} is not there and cannot be made", f"make it: {_made(folder)}")]
        if not folder.is_dir():
            return [fault(f"{key} {folder} is a file", "name a folder there")]
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            who = pwd.getpwuid(os.geteuid()).pw_name
            return [fault(f"{key} {folder} cannot be written by {who} ({error.strerror})", _given(folder))]
        return [*self._rights(key, folder), *_room(key, folder)]

    def _rights(self, key: str, folder: Path) -> list[Finding]:
        mode = folder.stat().st_mode & 0o777
        if key in self.private and mode & 0o007:
            return [doubt(f"{key} {folder} can be looked into by everybody ({mode:o})", f"chmod o= {folder}")]
        return []


def _room(key: str, folder: Path) -> list[Finding]:
    free_mb = shutil.disk_usage(folder).free >> 20
    if free_mb < _NOTHING_MB:
        return [fault(f"{key} {folder} has {free_mb} MB left: nothing can be taken in", "make room on that disk")]
    if free_mb < _LEAST_MB:
        return [doubt(f"{key} {folder} has only {free_mb} MB left", "make room on that disk")]
    return [well(f"{key} {folder} can be written, {free_mb / 1024:.1f} GB left")]


def _nearest(folder: Path) -> Path | None:
    return next((parent for parent in folder.parents if parent.is_dir()), None)


def _made(folder: Path) -> str:
    return f"install -d -m 0700 -o {pwd.getpwuid(os.geteuid()).pw_name} {folder}"


def _given(folder: Path) -> str:
    if os.geteuid() == 0:
        return "the disk is full, read-only or broken: look at `df` and `dmesg`"
    who = pwd.getpwuid(os.geteuid()).pw_name
    return f"chown {who} {folder}; if it is that user's already, the disk is full or read-only"
