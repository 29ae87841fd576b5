"""The words that reading weighs, from `defaults/lexicon.toml`.

Owns the file's shape; refuses to know what the weights are used for. A clinic may pass a file of its own.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from config.vocabulary import DocumentKind

DEFAULT_LEXICON = Path(__file__).parent / "defaults" / "lexicon.toml"


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words that help to see where a name begins and ends; all lower case."""

    stops: frozenset[str]
    also_names: frozenset[str]
    titles: frozenset[str]
    credentials: frozenset[str]
    particles: frozenset[str]
    paired_surnames: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase (a regular expression, any case) and how much it speaks for a kind; negative speaks against."""

    pattern: str
    weight: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything in the file: names' words, and the cues of each kind of document."""

    names: NameWords
    kinds: dict[DocumentKind, tuple[Cue, ...]] = field(default_factory=dict[DocumentKind, tuple[Cue, ...]])


@cache
def load_lexicon(path: Path = DEFAULT_LEXICON) -> Lexicon:
    """Read the lexicon once.

    Raises:
        KeyError, ValueError: the file lacks a list or names an unknown kind.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    words = {name: frozenset(text.split()) for name, text in raw["names"].items()}
    kinds = {
        DocumentKind(kind): tuple(Cue(pattern, float(weight)) for pattern, weight in cues.items())
        for kind, cues in raw.get("kinds", {}).items()
    }
    return Lexicon(NameWords(**words), kinds)
