"""What each specialty asks a packet to enclose, and which of it is there."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to enclose, recognised by words in an attachment's name."""

    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checklists:
    """Items for every specialty, and each specialty's own."""

    every: tuple[Item, ...]
    specialties: dict[str, tuple[Item, ...]]


@cache
def load_checklists() -> Checklists:
    """The shipped checklists."""
    raw = tomllib.loads(files("config").joinpath("defaults", "checklists.toml").read_text(encoding="utf-8"))
    return Checklists(
        every=_items(raw["every"]),
        specialties={name: _items(value["items"]) for name, value in raw["specialties"].items()},
    )


def _items(raw: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(item["label"], tuple(item["words"])) for item in raw)


def missing_and_present(checklists: Checklists, specialty: str, names: Sequence[str]) -> list[tuple[str, bool]]:
    """Each label with whether an attachment's name speaks of it; the specialty's own first."""
    items = (*checklists.specialties.get(specialty.casefold(), ()), *checklists.every)
    return [(item.label, any(_speaks_of(item, name) for name in names)) for item in items]


def _speaks_of(item: Item, name: str) -> bool:
    plain = re.sub(r"[_.]", " ", name.casefold())
    return any(re.search(rf"(?<![a-z]){re.escape(word.strip())}", plain) for word in item.words)
