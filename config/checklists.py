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
    """One thing to enclose, recognised by words in an attachment's name; a word ending in `*` may go on."""

    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Specialty:
    """A specialty's own items, and the words it goes by, as in `Item.words`."""

    names: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Checklists:
    """Items for every specialty, and each specialty's own."""

    every: tuple[Item, ...]
    specialties: dict[str, Specialty]


@cache
def load_checklists() -> Checklists:
    """The shipped checklists."""
    raw = tomllib.loads(files("config").joinpath("defaults", "checklists.toml").read_text(encoding="utf-8"))
    return Checklists(
        every=_items(raw["every"]),
        specialties={
            name: Specialty(tuple(value["names"]), _items(value["items"])) for name, value in raw["specialties"].items()
        },
    )


def _items(raw: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(item["label"], tuple(item["words"])) for item in raw)


def missing_and_present(checklists: Checklists, specialty: str, names: Sequence[str]) -> list[tuple[str, bool]]:
    """Each label with whether an attachment is named so, or its name speaks of it; the specialty's own first."""
    items = (*_own_items(checklists, specialty), *checklists.every)
    labels = {item.label for item in items}
    given = {name for name in names if name in labels}  # a person said which item it is: its words say no more
    told = [_tokens(name) for name in names if name not in labels]
    return [(item.label, item.label in given or any(_speaks_of(item, tokens) for tokens in told)) for item in items]


def item_named(checklists: Checklists, specialty: str, name: str) -> str:
    """The label of the first item that a file's name speaks of; empty if none."""
    items = (*_own_items(checklists, specialty), *checklists.every)
    return next((item.label for item in items if _speaks_of(item, _tokens(name))), "")


def _own_items(checklists: Checklists, specialty: str) -> tuple[Item, ...]:
    """Of the first specialty one of whose names stands in it: 'Pediatric cardiologist' is cardiology."""
    tokens = _tokens(specialty)
    for known in checklists.specialties.values():
        if any(_holds(name.split(), tokens) for name in known.names):
            return known.items
    return ()


def _speaks_of(item: Item, tokens: list[str]) -> bool:
    return any(_holds(word.split(), tokens) for word in item.words)


def _tokens(text: str) -> list[str]:
    """Words and numbers of a name as people write files: 'LabResults_2026-03.pdf' is lab, results, 2026, 03, pdf."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return re.findall(r"[^\W\d_]+|\d+", spaced.casefold())


def _holds(pattern: Sequence[str], tokens: Sequence[str]) -> bool:
    """Whether the pattern's words stand in the tokens one after another."""
    size = len(pattern)
    return any(
        all(_is(word, token) for word, token in zip(pattern, tokens[start : start + size], strict=True))
        for start in range(len(tokens) - size + 1)
    )


def _is(word: str, token: str) -> bool:
    return token.startswith(word[:-1]) if word.endswith("*") else token == word
