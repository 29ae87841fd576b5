"""The loopback exchange's folder: trays of fax machines, and the durable ledger of calls.

Owns the layout and the order of writes; refuses to decide how a call goes.

    15085550199/LB-….tiff      what waits in the tray of +15085550199, the very bytes that were faxed
    15085550199/LB-….json      its sidecar, there before the TIFF is
    15085550199/taken/         what that number's owner has taken; nothing is ever deleted
    .line/15085550199/LB-….json .tiff   calls to that number: how each one goes, and what it carries
    .line/lock                 held while a call is placed or carried

A call's name is made from its idempotency key, so a key is placed once; a tray file is named after its
call, so a call lands once, whichever process carries it after a crash.
"""

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_REFERENCE = re.compile(r"LB-[0-9a-f]{32}")


def is_number(number: str) -> bool:
    """Whether a text is a fax number in E.164."""
    return _E164.fullmatch(number) is not None


class Exchange:
    """The folder; opening it does nothing, each method makes what it needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "script.toml"
        self._line = folder / ".line"

    def tray(self, number: str) -> Path:
        """The folder that is a number's fax machine. Raises ValueError if it is not E.164."""
        return self.folder / _digits(number)

    @contextmanager
    def locked(self) -> Generator[None]:
        """Alone among all processes that use the exchange."""
        _make(self._line)
        with (self._line / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def calls_to(self, number: str) -> int:
        """How many calls to a number were ever placed."""
        return sum(1 for _ in (self._line / _digits(number)).glob("LB-*.json"))

    def place(self, number: str, reference: str, record: dict[str, object], data: bytes) -> None:
        """Write a call: its pages first, then the record that makes it placed."""
        folder = self._line / _digits(number)
        _make(folder)
        write_durably(folder / f"{reference}.tiff", data)
        self.write_record(number, reference, record)

    def write_record(self, number: str, reference: str, record: dict[str, object]) -> None:
        """Write or replace the record of a call."""
        write_durably(self._line / _digits(number) / f"{reference}.json", _json(record))

    def record(self, reference: str) -> dict[str, object] | None:
        """What was placed under a reference; None if surely nothing was."""
        if not _REFERENCE.fullmatch(reference):
            return None
        for path in self._line.glob(f"*/{reference}.json"):
            return json.loads(path.read_bytes())
        return None

    def pages_of(self, number: str, reference: str) -> bytes:
        """The TIFF a call carries."""
        return (self._line / _digits(number) / f"{reference}.tiff").read_bytes()

    def has_landed(self, number: str, source_id: str) -> bool:
        """Whether a fax lies in the tray or was taken from it (looked at in the order in which it moves)."""
        tray = self.tray(number)
        return (tray / f"{source_id}.tiff").exists() or (tray / "taken" / f"{source_id}.tiff").exists()

    def land(self, number: str, source_id: str, sidecar: dict[str, object], data: bytes) -> None:
        """Put a fax into a tray: the TIFF appears last, whole, beside a whole sidecar."""
        tray = self.tray(number)
        _make(tray)
        write_durably(tray / f"{source_id}.json", _json(sidecar))
        write_durably(tray / f"{source_id}.tiff", data)

    def waiting(self, number: str) -> list[tuple[Path, dict[str, object]]]:
        """Whole faxes in a tray with their sidecars, oldest first."""
        found: list[tuple[Path, dict[str, object]]] = []
        for path in self.tray(number).glob("LB-*.tiff"):
            try:
                found.append((path, json.loads(path.with_suffix(".json").read_bytes())))
            except FileNotFoundError:
                continue  # taken meanwhile by another process of the same office
        return sorted(found, key=lambda one: (str(one[1]["received_at"]), one[0].name))

    def take(self, number: str, source_id: str) -> None:
        """Move a fax out of the tray, its TIFF first; what is not there was taken before."""
        if not _REFERENCE.fullmatch(source_id):
            return
        tray = self.tray(number)
        taken = tray / "taken"
        _make(taken)
        for suffix in (".tiff", ".json"):
            if (tray / f"{source_id}{suffix}").exists():
                (tray / f"{source_id}{suffix}").replace(taken / f"{source_id}{suffix}")
        _sync_folder(taken)
        _sync_folder(tray)


def write_durably(path: Path, data: bytes) -> None:
    """Temp file in the same folder, fsync, rename, fsync of the folder."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync_folder(folder.parent)


def _digits(number: str) -> str:
    if not is_number(number):
        raise ValueError(f"{number!r} is not a fax number in E.164, such as +15085550199")
    return number[1:]


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
