"""How far a folder was read, as it is kept over restarts: `UIDVALIDITY:UID:time of the last good round`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Every UID up to `read_to` was dealt with. Without `validity` the folder was never opened, only asked for."""

    validity: int = 0
    read_to: int = 0
    at: datetime | None = None

    def kept(self) -> str:
        """As one line of text; see `place_of`."""
        return f"{self.validity}:{self.read_to}:{self.at.isoformat() if self.at else ''}"


def place_of(text: str) -> Place:
    """What was kept; nothing where nothing was, or nothing sensible."""
    validity, _, rest = text.partition(":")
    read_to, _, at = rest.partition(":")
    if not (validity.isdecimal() and read_to.isdecimal()):
        return Place()
    try:
        return Place(int(validity), int(read_to), datetime.fromisoformat(at) if at else None)
    except ValueError:
        return Place(int(validity), int(read_to))
