"""The lines that say whose page it is, read a second time by a better and slower eye.

Owns which lines those are and where they stand. Refuses running text: a misread word there harms nobody.
"""

import itertools
import re
from dataclasses import dataclass, replace
from statistics import median

from parsers.labels import Attribute, find_segments
from parsers.line_finder import Cell, around
from parsers.mend import mend
from parsers.ocr.line_reader import LineText
from parsers.ocr.tesseract import Word
from parsers.reading import Role
from parsers.strips import Strips
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
_WORD_SPACE = 2.2
"""Letters' widths: a monospaced space before a J is 2.0, three spaces are 3.0."""
_PARAGRAPH = 3.2
_SURE = 0.93
_MOST_LINES = 12
_HARDLY, _HEAD_WORDS = 0.75, 12
_BADLY, _RUNNING, _MOST_RUNNING = 0.9, 25, 6
_WELL = 0.5
"""Confidence in the middle, letters and lines of running text that may tell of what kind a page is."""
_AGREED = 0.97


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one line in their columns, and where each column's piece of it stands."""

    cells: tuple[tuple[Word, ...], ...]
    boxes: tuple[Cell, ...]
    height: int
    block: int = 0  # which part of the page it is of

    @property
    def text(self) -> str:
        """As one reads it: columns stay apart."""
        return self.spaced([" ".join(word.text for word in cell) for cell in self.cells])

    def spaced(self, texts: list[str]) -> str:
        """What its pieces say, with the space of a column between them, or of a word where they stand that near."""
        read = [(box.w, len(text)) for box, text in zip(self.boxes, texts, strict=True) if text]
        pitch = sum(width for width, _ in read) / max(1, sum(letters for _, letters in read))
        said = texts[0]
        for (before, box), text in zip(itertools.pairwise(self.boxes), texts[1:], strict=True):
            is_near = box.x - before.x - before.w < _WORD_SPACE * pitch
            said += (" " if is_near else "   ") + text
        return said

    @property
    def doubt(self) -> float:
        """The confidence of the least sure word."""
        return min(word.confidence for cell in self.cells for word in cell)

    @property
    def sureness(self) -> float:
        """The confidence of its words in the middle."""
        return median(word.confidence for cell in self.cells for word in cell)

    @property
    def top(self) -> int:
        """Where it begins."""
        return min(box.y for box in self.boxes)


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
    return Line(tuple(tuple(cell) for cell in cells), tuple(map(_box, cells)), height, words[0].line[0])


def _box(words: list[Word]) -> Cell:
    return around([Cell(word.x, word.y, word.w, word.h) for word in words])


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


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page, with each line's words and where it stands; an empty line stands nowhere."""

    text: str
    sureness: Sureness
    places: tuple[Cell | None, ...]


def joined(lines: list[Line], read: list[ReadLine]) -> PageText:
    """The page's text, with an empty line where the page leaves one."""
    parts: list[tuple[ReadLine, Cell | None]] = []
    for index, (line, one) in enumerate(zip(lines, read, strict=True)):
        before = lines[index - 1] if index else None
        if before and (line.block != before.block or line.top - before.top > _PARAGRAPH * before.height):
            parts.append((ReadLine("", ()), None))
        parts.append((one, around(line.boxes)))
    return PageText(
        "\n".join(one.text for one, _ in parts),
        Sureness(tuple(one.words for one, _ in parts)),
        tuple(place for _, place in parts),
    )


def mended(one: ReadLine) -> ReadLine:
    """A line with its slips mended where it carries a key field."""
    text = mend(one.text)
    return replace(one, text=text) if _is_key(text) else one


def worst_again(lines: list[Line], read: list[ReadLine], strips: Strips) -> list[ReadLine]:
    """The lines as read, with running text that was badly read, and only once so far, read again."""
    once = [(at, line) for at, (line, one) in enumerate(zip(lines, read, strict=True)) if line.text == one.text]
    badly = [at for at, line in once if line.sureness < _BADLY and _letters_of(line) >= _RUNNING]
    better = [at for at in badly[:_MOST_RUNNING] if _is_well_read(lines[at], strips)]
    return [mended(_read_again(lines[at], strips)) if at in better else one for at, one in enumerate(read)]


def _is_well_read(line: Line, strips: Strips) -> bool:
    return min(strips.text(box).confidence for box in line.boxes) >= _WELL


def _letters_of(line: Line) -> int:
    return sum(len(word.text) for cell in line.cells for word in cell)


def second_look(lines: list[Line], strips: Strips) -> list[ReadLine]:
    """Every line, with the doubtful key lines read again, and those that were so read before."""
    read = first_look(lines)
    keys = key_lines(lines)
    known = {index for index, line in enumerate(lines) if all(box in strips.read for box in line.boxes)}
    keys = sorted({*keys, *(index for index in known if _is_key(mend(_read_again(lines[index], strips).text)))})
    doubtful = [index for index in keys if index not in known and lines[index].doubt < _SURE][:_MOST_LINES]
    hardly_read = [index for index in _hardly_read_heads(lines, strips.pixels.shape[0]) if index not in keys]
    for index in (*doubtful, *known.intersection(keys), *hardly_read[:_MOST_LINES]):
        read[index] = _read_again(lines[index], strips)
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


def _read_again(line: Line, strips: Strips) -> ReadLine:
    cells = [(strips.text(box), cell) for box, cell in zip(line.boxes, line.cells, strict=True)]
    text = line.spaced([again.text for again, _ in cells])
    return ReadLine(text, tuple(word for again, cell in cells for word in _weighed(again, cell)))


def _weighed(again: LineText, cell: tuple[Word, ...]) -> Words:
    """Words of a second reading: those that both recognisers read alike are as sure as the surer of the two."""
    first = {word.text: word.confidence for word in cell}
    return tuple((word, max(sure, _AGREED if word in first else 0.0)) for word, sure in again.words)
