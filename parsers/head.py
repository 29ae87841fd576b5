"""The head of a page: its lines as ink lies, read one by one until they have said enough.

Owns what comes first on a page and how far one reads there. The line recogniser reads a bad line better than Tesseract
does; a page that needs Tesseract too gets its words into the same lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median

from parsers.enough import NEARLY_SURE, SURE_PERSON, is_report, names_kind, patient_sureness, telling
from parsers.key_lines import (
    Line,
    PageText,
    ReadLine,
    first_look,
    joined,
    lines_of,
    mended,
    second_look,
    worst_again,
)
from parsers.labels import find_segments
from parsers.line_finder import Cell, find_lines
from parsers.ocr.line_reader import LINE_HEIGHT
from parsers.ocr.tesseract import Word
from parsers.raster import Level
from parsers.strips import Strips

HEAD = 0.5
"""The share of a page's height where letters say whose they are."""
_FEWEST_CELLS = 6
_MOST_CELLS = 28
_WIDEST = 16_000
"""Pixels of strips at the recogniser's own height: a second."""
_LITTLE = 4_500
"""Such pixels take a quarter of a second, as Tesseract does for half a page."""
_MORE_LINES = 4
"""Lines below the patient's that may still tell a report from a letter that asks for something."""
_NOISE = 0.5
_SHORT = 3

CellLine = tuple[Cell, ...]


@dataclass(slots=True)
class Head:
    """A level page whose lines are known and read from the top as far as needed."""

    level: Level
    strips: Strips
    lines: list[CellLine]
    read: list[Line] = field(default_factory=list[Line])
    is_enough: bool = False
    is_nearly_enough: bool = False
    """Whether it would be enough if another recogniser read these lines alike."""
    is_sure: bool = False
    """Whether the patient is known, so that only what stands below matters."""

    @classmethod
    def of(cls, level: Level) -> "Head":
        """The lines of a page; none is read yet."""
        return cls(level, Strips(level.pixels), find_lines(level.pixels))

    @property
    def sureness(self) -> float:
        """How sure the first lines are, 0 to 1: low on a page that lies upside down."""
        cells = [cell for line in self.lines for cell in line if cell.w > 4 * cell.h][:_FEWEST_CELLS]
        return fmean(self.strips.text(cell).confidence for cell in cells) if cells else 0.0

    @property
    def text(self) -> PageText:
        """What was read so far."""
        return joined(self.read, self._as_read())

    def _as_read(self) -> list[ReadLine]:
        return [mended(line) for line in first_look(self.read)]

    def read_on(self) -> None:
        """Read line by line until the page has said enough, or too little of it for too long."""
        cells, width, more = 0, 0.0, _MORE_LINES
        for index, line in enumerate(self.lines):
            if line[0].y > self.strips.pixels.shape[0] * HEAD or cells >= _MOST_CELLS or width >= _WIDEST:
                return
            self._read(line)
            cells, width = cells + len(line), width + _width(line)
            if cells < _FEWEST_CELLS or self._is_amid_fields(index):
                continue
            said = self.text
            sure = SURE_PERSON if self.is_sure else patient_sureness(said.text, said.sureness)
            self.is_sure = sure >= SURE_PERSON
            tells_all = sure >= NEARLY_SURE and is_report(said.text)
            self.is_enough = self.is_sure and tells_all
            more -= self.is_sure
            if self.is_enough or more < 0:
                return
            self.is_nearly_enough = tells_all
            if tells_all:
                return

    @property
    def is_nearly_all(self) -> bool:
        """Whether so little is left below that reading it too costs less than to call another recogniser."""
        return sum(map(_width, self.lines[len(self.read) :])) <= _LITTLE

    def read_to_end(self) -> None:
        """Read what is left."""
        for line in self.lines[len(self.read) :]:
            self._read(line)

    def checked(self, words: list[Word]) -> PageText:
        """What was read so far, and the words another recogniser found in the same lines."""
        lines = arranged(words, self.lines[: len(self.read)], self.level.pixels.shape[0])
        return joined(lines, told(lines, self.strips))

    def with_rest(self, words: list[Word]) -> PageText:
        """What was read so far, and the words recognised below `foot`, whose rows count from there."""
        below = lines_of([replace(word, y=word.y + self.foot) for word in words])
        return joined([*self.read, *below], [*self._as_read(), *told(below, self.strips, self.text.text)])

    @property
    def foot(self) -> int:
        """The first row of pixels below what was read."""
        return max((box.foot for box in self.read[-1].boxes), default=0) if self.read else 0

    def _is_amid_fields(self, index: int) -> bool:
        """Whether the line just read still carries labels."""
        return bool(list(find_segments([self.read[index].text])))

    def _read(self, line: CellLine) -> None:
        self.read.append(_line(line, [self._words(cell) for cell in line]))

    def _words(self, cell: Cell) -> list[Word]:
        return [
            Word(text, sure, cell.x, cell.y, cell.w, cell.h, (0, 0, 0)) for text, sure in self.strips.text(cell).words
        ]


def told(lines: list[Line], strips: Strips, above: str = "") -> list[ReadLine]:
    """Recognised lines with a second look; with one at running text too where page and `above` do not name a kind."""
    read = second_look(lines, strips)
    if names_kind(_text(above, read)):
        return read
    again = worst_again(lines, read, strips)
    return again if telling(_text(above, again)) > telling(_text(above, read)) else read


def _text(above: str, read: Sequence[ReadLine]) -> str:
    return "\n".join((above, *(one.text for one in read)))


def arranged(words: list[Word], lines: Sequence[CellLine], height: int) -> list[Line]:
    """Recognised words of a page of `height` pixels: in its head by the lines that ink makes, below as they came.

    A cell in which nothing was recognised stays as an unread word.
    """
    head = [line for line in lines if line[0].y < height * HEAD]
    homes: dict[Cell, list[Word]] = {cell: [] for line in head for cell in line}
    homeless: list[Word] = []
    for word in words:
        home = _home(word, homes)
        (homeless if home is None else homes[home]).append(word)
    below = [word for word in homeless if word.y >= height * HEAD]
    stray = [word for word in homeless if word.y < height * HEAD and not _is_noise(word)]
    filled = [_line(line, [sorted(homes[cell], key=lambda word: word.x) for cell in line]) for line in head]
    return sorted([*filled, *lines_of(stray)], key=lambda line: line.top) + lines_of(below)


def _home(word: Word, cells: dict[Cell, list[Word]]) -> Cell | None:
    x, y = word.x + word.w / 2, word.y + word.h / 2
    return next((cell for cell in cells if cell.x <= x <= cell.x + cell.w and cell.y <= y <= cell.foot), None)


def _is_noise(word: Word) -> bool:
    return word.confidence < _NOISE or len(word.text) < _SHORT


def _line(cells: CellLine, words: list[list[Word]]) -> Line:
    return Line(
        tuple(tuple(one) or (_unread(cell),) for cell, one in zip(cells, words, strict=True)),
        cells,
        round(median(cell.h for cell in cells)),
    )


def _width(line: CellLine) -> float:
    """Pixels of its strips at the recogniser's own height."""
    return sum(LINE_HEIGHT * cell.w / cell.h for cell in line)


def _unread(cell: Cell) -> Word:
    return Word("", 0.0, cell.x, cell.y, cell.w, cell.h, (0, 0, 0))
