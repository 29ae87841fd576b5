"""The list, on our disk, of received faxes that are ours though they still lie at the carrier.

Losing it costs a second fetch of each: the store knows their ids and takes none in twice.
"""

import os
from collections.abc import Set
from pathlib import Path


class Taken:
    """Names of one carrier's faxes, one a line; none holds white space."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def names(self) -> set[str]:
        """Every name on the list."""
        try:
            return set(self._file.read_text(encoding="utf-8").split())
        except FileNotFoundError:
            return set()

    def add(self, name: str) -> None:
        """Put a name on the list, durably."""
        self._write(self.names() | {name})

    def remove(self, name: str) -> None:
        """Take a name off the list."""
        self.keep_only(self.names() - {name})

    def keep_only(self, still_there: Set[str]) -> None:
        """Drop the names of what no longer lies at the carrier."""
        names = self.names()
        if names - still_there:
            self._write(names & still_there)

    def _write(self, names: set[str]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = self._file.with_suffix(".part")
        with half.open("w", encoding="utf-8") as out:
            out.write("\n".join(sorted(names)))
            out.flush()
            os.fsync(out.fileno())
        half.replace(self._file)
