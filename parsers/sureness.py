"""How sure the recogniser was of the words of a text, line by line.

Owns finding a value's own words on its line. A text that was not recognised (a mail, a PDF's own layer) is sure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from parsers.names import fold

SURE = 1.0
_GROUP = re.compile(r"\d+|[^\W\d_]+")
_HYPHENS = frozenset("-–—")
_LABELS = frozenset(
    {"dob", "mrn", "dos", "sex", "age", "born", "date", "birth", "chart", "referral", "visit", "medical"}
)
_CUT_SHORT = 0.8
Words = tuple[tuple[str, float], ...]
"""The words of one line, each with its confidence from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """Words with confidence for each line of a text; lines beyond the last are sure."""

    lines: tuple[Words, ...] = ()

    def of_name(self, line: int, name: str) -> float:
        """How sure the letters of a name are that stands on this line, or runs over into the next."""
        words = [(fold(word), confidence) for word, confidence in (*self._words(line), *self._words(line + 1))]
        parts = [part for part in map(fold, name.split()) if part]
        most = _CUT_SHORT if _goes_on([word for word, _ in self._words(line)], set(parts)) else SURE
        return min((most, *(_least(part, words, self._worst(line)) for part in parts)))

    def of_date(self, line: int, value: date) -> float:
        """How sure the figures of a date are that stands on this line, or runs over into the next."""
        parts = {str(value.year), f"{value:%y}", str(value.month), f"{value:%m}", str(value.day), f"{value:%d}"}
        month = f"{value:%b}".lower()
        words = (*self._words(line), *self._words(line + 1))
        theirs = [
            confidence
            for word, confidence in words
            if any(group in parts or group.startswith(month) for group in _GROUP.findall(word.lower()))
        ]
        return min(theirs, default=self._worst(line))

    def _words(self, line: int) -> Words:
        return self.lines[line] if 0 <= line < len(self.lines) else ()

    def _worst(self, line: int) -> float:
        return min((confidence for _, confidence in self._words(line)), default=SURE)


SURE_THROUGHOUT = Sureness()


def _goes_on(words: Sequence[str], parts: set[str]) -> bool:
    """Whether a hyphen with spaces around it parts a word of a name from another: `Mary - Kate` may be one."""
    return any(
        hyphen in _HYPHENS and fold(before) in parts and len(fold(after)) > 2 and fold(after) not in parts | _LABELS
        for before, hyphen, after in zip(words, words[1:], words[2:], strict=False)
    )


def _least(part: str, words: Sequence[tuple[str, float]], otherwise: float) -> float:
    """The confidence of the words that make up a part of a name, glued to others or torn in two as they may be."""
    theirs = [confidence for word, confidence in words if word and (part in word or (len(word) > 1 and word in part))]
    return min(theirs, default=otherwise)


def joined(texts: Iterable[tuple[str, Sureness]]) -> Sureness:
    """The sureness of texts that are joined by an empty line."""
    lines: list[Words] = []
    for text, sureness in texts:
        count = text.count("\n") + 1
        lines += [sureness.lines[line] if line < len(sureness.lines) else () for line in range(count)]
        lines.append(())
    return Sureness(tuple(lines))
