"""The lines that say whose page it is, read a second time by a better and slower eye.

Owns which lines those are and where they stand. Refuses running text: a misread word there harms nobody.
"""

import itertools
import re
from dataclasses import dataclass, replace
from statistics import median

from parsers.labels import Attribute, find_segments
from parsers.mend import mend
from parsers.ocr.line_reader import LineText, read_line
from parsers.ocr.tesseract import Word
from parsers.raster import Grey
from parsers.reading import Role
from parsers.sureness import Sureness, Words

_KEYS = frozenset(
    {
        Attribute.BIRTH_DATE,
        Attribute.MRN,
        Attribute.SERVICE_DATE,
        Attribute.LAST_NAME,
        Attribute.FIRST_NAME,
    }
)
_NUMBER = re.compile(
    r"\b[0-9A-Z]{4}\s?[-–—]\s?[0-9A-Z]{4}\b|\brefer\w*\s?(?:#|no|num)|\breference\b|\bref\s?:", re.IGNORECASE
)
_DATE = re.compile(r"\d{1,4}[/.\-]\w{1,3}[/.\-]\d{2,4}")
_COLUMN_GAP = 1.6
"""Gaps wider than so many letter heights part columns; a monospaced word space is 1.0."""
_PARAGRAPH = 3.2
_SURE = 0.93
_MOST_LINES = 12
_HARDLY, _HEAD_WORDS = 0.75, 12
_PAD = 0.3
_AGREED = 0.97


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one line in their columns."""

    cells: tuple[tuple[Word, ...], ...]
    height: int

    @property
    def text(self) -> str:
        """As one reads it: columns stay apart."""
        return "   ".join(" ".join(word.text for word in cell) for cell in self.cells)

    @property
    def doubt(self) -> float:
        """The confidence of the least sure word."""
        return min(word.confidence for cell in self.cells for word in cell)

    @property
    def sureness(self) -> float:
        """The confidence of its words in the middle."""
        return median(word.confidence for cell in self.cells for word in cell)

    @property
    def block(self) -> int:
        """Which part of the page it stands in."""
        return self.cells[0][0].line[0]

    @property
    def top(self) -> int:
        """Where it begins."""
        return min(word.y for cell in self.cells for word in cell)


def lines_of(words: list[Word]) -> list[Line]:
    """Words gathered into lines, and lines into columns."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and lines[-1][0].line == word.line:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_line(line) for line in lines]


def _line(words: list[Word]) -> Line:
    height = round(median(word.h for word in words))
    cells: list[list[Word]] = [[words[0]]]
    for before, word in itertools.pairwise(words):
        if word.x - before.x - before.w > _COLUMN_GAP * height:
            cells.append([])
        cells[-1].append(word)
    return Line(tuple(tuple(cell) for cell in cells), height)


def _is_key(text: str) -> bool:
    if _NUMBER.search(text):
        return True
    for segment in find_segments([text]):
        if segment.attribute in _KEYS:
            return True
        if segment.attribute is Attribute.NAME and segment.role in {None, Role.PATIENT}:
            return True
    return False


def key_lines(lines: list[Line]) -> list[int]:
    """The lines that carry a key field, by their labels; a row under a heading too."""
    keys: list[int] = []
    for index, line in enumerate(lines):
        before = index - 1 in keys and bool(_DATE.search(line.text))
        if before or _is_key(mend(line.text)):
            keys.append(index)
    return keys


@dataclass(frozen=True, slots=True)
class ReadLine:
    """The text of a line, and how sure each of its words is."""

    text: str
    words: Words


def first_look(lines: list[Line]) -> list[ReadLine]:
    """Every line as it was recognised."""
    return [ReadLine(line.text, tuple((w.text, w.confidence) for cell in line.cells for w in cell)) for line in lines]


def joined(lines: list[Line], read: list[ReadLine]) -> tuple[str, Sureness]:
    """The page's text, with an empty line where the page leaves one."""
    parts: list[ReadLine] = []
    for index, (line, one) in enumerate(zip(lines, read, strict=True)):
        before = lines[index - 1] if index else None
        if before and (line.block != before.block or line.top - before.top > _PARAGRAPH * before.height):
            parts.append(ReadLine("", ()))
        parts.append(one)
    return "\n".join(part.text for part in parts), Sureness(tuple(part.words for part in parts))


def second_look(lines: list[Line], pixels: Grey) -> list[ReadLine]:
    """Every line, with the doubtful key lines read again."""
    read = first_look(lines)
    keys = key_lines(lines)
    doubtful = [index for index in keys if lines[index].doubt < _SURE][:_MOST_LINES]
    hardly_read = [index for index in _hardly_read_heads(lines, pixels.shape[0]) if index not in keys]
    for index in (*doubtful, *hardly_read[:_MOST_LINES]):
        read[index] = _read_again(lines[index], pixels)
    for index in {*keys, *hardly_read}:
        read[index] = replace(read[index], text=mend(read[index].text))
    return read


def _hardly_read_heads(lines: list[Line], height: int) -> list[int]:
    """Short lines in the upper half that are badly read: their labels may be unknowable, so any may be a key line."""
    return [
        index
        for index, line in enumerate(lines)
        if line.top < height / 2 and line.sureness < _HARDLY and sum(map(len, line.cells)) <= _HEAD_WORDS
    ]


def _read_again(line: Line, pixels: Grey) -> ReadLine:
    cells = [(_again(cell, line.height, pixels), cell) for cell in line.cells]
    text = "   ".join(again.text for again, _ in cells)
    return ReadLine(text, tuple(word for again, cell in cells for word in _weighed(again, cell)))


def _weighed(again: LineText, cell: tuple[Word, ...]) -> Words:
    """Words of a second reading: those that both recognisers read alike are as sure as the surer of the two."""
    first = {word.text: word.confidence for word in cell}
    return tuple((word, max(again.confidence, _AGREED if word in first else 0.0)) for word in again.text.split())


def _again(cell: tuple[Word, ...], height: int, pixels: Grey) -> LineText:
    pad = round(height * _PAD)
    top = max(0, min(word.y for word in cell) - pad)
    foot = max(word.y + word.h for word in cell) + pad
    left, right = max(0, cell[0].x - 2 * pad), cell[-1].x + cell[-1].w + 2 * pad
    return read_line(pixels[top:foot, left:right])
