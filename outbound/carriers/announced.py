"""What a callback said of a received fax, kept on disk until the fax is ours: the carrier's list may not say it."""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class Announcement:
    """A callback's own words; empty where it says nothing."""

    is_partial: bool = False
    sender: str = ""
    station_id: str = ""


_ANNOUNCEMENT = TypeAdapter(Announcement)


class Announced:
    """A folder with a file a fax, named by the carrier's id, which the caller has found fit for a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, fax_id: str, said: Announcement) -> None:
        """Keep it durably; the same fax again replaces what was said before."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = self._folder / f"{fax_id}.part"
        with half.open("wb") as out:
            out.write(_ANNOUNCEMENT.dump_json(said))
            out.flush()
            os.fsync(out.fileno())
        half.replace(self._folder / f"{fax_id}.json")

    def all(self) -> dict[str, Announcement]:
        """By id; a file that cannot be read says nothing."""
        found: dict[str, Announcement] = {}
        for path in self._folder.glob("*.json"):
            try:
                found[path.stem] = _ANNOUNCEMENT.validate_json(path.read_bytes())
            except (FileNotFoundError, ValidationError):
                continue
        return found

    def forget(self, fax_id: str) -> None:
        """The fax is ours."""
        (self._folder / f"{fax_id}.json").unlink(missing_ok=True)
