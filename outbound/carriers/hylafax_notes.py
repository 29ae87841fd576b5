"""Notes that HylaFAX's receive hook leaves (scripts/hylafax-faxrcvd): what its list of received faxes does not say.

A note makes the fax come sooner and tells whether it was cut off; without one the list alone is believed, a minute
after the fax ended.
"""

from dataclasses import dataclass
from pathlib import Path

_LONGEST_BYTES = 4000


@dataclass(frozen=True, slots=True)
class HookNote:
    """One fax, in HylaFAX's words; `error` is empty if all of it came."""

    error: str = ""
    caller: str = ""
    called: str = ""


class HookNotes:
    """The folder that the hook writes to and the daemon empties."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, file: str) -> HookNote | None:
        """The note on a file of the receive queue; None if there is none."""
        try:
            with self._path(file).open("rb") as note:
                text = note.read(_LONGEST_BYTES).decode("utf-8", "replace")
        except OSError:
            return None
        said = {name: value.strip() for name, _, value in (line.partition("=") for line in text.splitlines())}
        return HookNote(said.get("error", ""), said.get("caller", ""), said.get("called", ""))

    def forget(self, file: str) -> None:
        """The fax is ours."""
        self._path(file).unlink(missing_ok=True)

    def _path(self, file: str) -> Path:
        """`file` names a file of the queue, as the caller has checked."""
        return self._folder / f"{file}.note"
