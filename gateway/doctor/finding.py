"""What a check found: in one sentence what is, in another how to mend it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Level(StrEnum):
    """How it stands."""

    WELL = "well"
    DOUBT = "doubt"  # it works now, or cannot be looked at from here
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `mend` is empty where all is well."""

    level: Level
    what: str
    mend: str = ""


Tell = Callable[[str], None]
"""Hears what a check does just now."""


class Check(Protocol):
    """One thing to try. To add one: a file with a class like this, and its line in `round.py`."""

    @property
    def name(self) -> str:
        """Short, for `--only` and JSON."""
        ...

    @property
    def limit_s(self) -> float:
        """After this it is called hung."""
        ...

    async def run(self, tell: Tell) -> list[Finding]:
        """Try it. Whatever a line can do wrong is a finding, not an exception."""
        ...


def well(what: str) -> Finding:
    """It works."""
    return Finding(Level.WELL, what)


def doubt(what: str, mend: str) -> Finding:
    """It works now, or nobody can tell from here."""
    return Finding(Level.DOUBT, what, mend)


def fault(what: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(Level.FAULT, what, mend)
