"""Where lines of print stand on a level page: ink into letters, letters into cells, cells into lines.

Owns the way that needs no recogniser. Tesseract's own layout drops lines it cannot read and joins what stands side by
side; this one asks only where ink lies, so that what a bad fax line left of a page's head can be read line by line.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.raster import Grey

_DARK = 150
_RULE = 90  # pixels; longer straight runs of ink are rules, not letters
_LOW, _HIGH = 8, 70  # heights of letters at 204 dpi: 5 to 24 points
_WORD_GAP = 1.25
"""Letters nearer than so many letter heights stand in one cell; a monospaced word space is 1.0."""
_SMEAR = 0.2
_LOWEST = 0.45
_TALL = 2.0
_LEAST_WIDTH = 1.2
_UNBROKEN, _THIN, _THIN_SHARE = 0.7, 5, 0.25
"""Of a rule: the share of columns with ink, and in the middle its height in pixels or in letter heights."""
_OVERLAP = 0.5
_INSIDE_OF = 3
"""Where OpenCV's hierarchy says whose hole an outline is."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of one line, in pixels."""

    x: int
    y: int
    w: int
    h: int

    @property
    def foot(self) -> int:
        """The first row below it."""
        return self.y + self.h

    def is_beside(self, other: "Cell") -> bool:
        """Whether both stand on one line."""
        shared = min(self.foot, other.foot) - max(self.y, other.y)
        return shared > _OVERLAP * min(self.h, other.h)


def around(cells: Sequence[Cell]) -> Cell:
    """The smallest cell that holds them all."""
    left, top = min(cell.x for cell in cells), min(cell.y for cell in cells)
    right, foot = max(cell.x + cell.w for cell in cells), max(cell.foot for cell in cells)
    return Cell(left, top, right - left, foot - top)


def find_lines(grey: Grey) -> list[tuple[Cell, ...]]:
    """The lines of a level page from its top, each as its cells from the left."""
    print_and_rules = (grey < _DARK).astype(np.uint8)
    across, down = (_rules(print_and_rules, size) for size in ((1, _RULE), (_RULE, 1)))
    rules = cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8))
    ink = np.asarray(cv2.bitwise_and(print_and_rules, 1 - rules), dtype=np.uint8)
    height = _letter_height(ink)
    if not height:
        return []
    smear = cv2.dilate(ink, np.ones((2 * round(height * _SMEAR) + 1, 1), np.uint8))
    smear = cv2.morphologyEx(smear, cv2.MORPH_CLOSE, np.ones((1, max(3, round(height * _WORD_GAP))), np.uint8))
    smear[down > 0] = 0  # a table's columns stand apart however near
    boxes = [Cell(*map(int, row)) for row in _parts(smear) if row[3] >= height * _LOWEST]
    pieces = [_shrunk(part, ink) for box in boxes for part in _levels(box, ink, height)]
    letters = [piece for piece in pieces if piece.h >= height * _LOWEST and not _is_rule(piece, ink, height)]
    cells = _joined(letters, down)
    return _in_lines([cell for cell in cells if cell.w >= height * _LEAST_WIDTH])


def _rules(ink: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Straight ink at least so many rows and columns long."""
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(size, np.uint8)), dtype=np.uint8)


def _parts(ink: Any) -> NDArray[np.int32]:
    """The boxes of what hangs together: x, y, width and height of each."""
    outlines, levels = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)  # a tenth of labelling's time
    outer = [cv2.boundingRect(one) for one, level in zip(outlines, levels[0], strict=True) if level[_INSIDE_OF] < 0]
    return np.array(outer, dtype=np.int32)


def _letter_height(ink: NDArray[np.uint8]) -> float:
    """The usual height of a letter, in pixels; 0 where there are none."""
    if not ink.any():
        return 0.0
    _, _, widths, heights = _parts(ink).T
    letters = heights[(heights >= _LOW) & (heights <= _HIGH) & (widths <= 3 * heights)]
    return float(np.percentile(letters, 70)) if letters.size >= 5 else 0.0


def _levels(box: Cell, ink: NDArray[np.uint8], height: float) -> list[Cell]:
    """The box, or its lines where touching letters have joined several."""
    if box.h <= height * _TALL:
        return [box]
    rows = ink[box.y : box.foot, box.x : box.x + box.w].sum(axis=1).astype(np.float64)
    rows = np.convolve(rows, np.ones(3) / 3, mode="same")
    count = max(2, round(box.h / (height * 1.5)))
    full = float(np.percentile(rows, 75))
    cuts: list[int] = []
    for k in range(1, count):
        middle = round(box.h * k / count)
        reach = max(2, round(height * 0.5))
        low, high = max(1, middle - reach), min(box.h - 1, middle + reach)
        at = low + int(np.argmin(rows[low:high]))
        if rows[at] < 0.45 * full and (not cuts or at - cuts[-1] > height * 0.5):
            cuts.append(at)
    edges = [0, *cuts, box.h]
    return [
        Cell(box.x, box.y + top, box.w, foot - top)
        for top, foot in itertools.pairwise(edges)
        if foot - top > height * 0.5
    ]


def _shrunk(cell: Cell, ink: NDArray[np.uint8]) -> Cell:
    """The cell without the empty rows and columns at its sides."""
    part = ink[cell.y : cell.foot, cell.x : cell.x + cell.w]
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    if not rows.size:
        return Cell(cell.x, cell.y, 0, 0)
    return Cell(
        cell.x + int(columns[0]),
        cell.y + int(rows[0]),
        int(columns[-1] - columns[0]) + 1,
        int(rows[-1] - rows[0]) + 1,
    )


def _is_rule(cell: Cell, ink: NDArray[np.uint8], height: float) -> bool:
    """Whether a piece is what is left of a rule, not level or broken: ink in most columns, and thin in each."""
    if cell.w < _RULE:
        return False
    part = ink[cell.y : cell.foot, cell.x : cell.x + cell.w] > 0
    inked = part.any(axis=0)
    spans = part.shape[0] - part.argmax(axis=0) - part[::-1].argmax(axis=0)
    return bool(inked.mean() > _UNBROKEN and np.median(spans[inked]) <= max(_THIN, _THIN_SHARE * height))


def _joined(cells: list[Cell], down: NDArray[np.uint8]) -> list[Cell]:
    """Cells of one line that stand as near to each other as words do, with no rule down between them, as one."""
    done: list[Cell] = []
    for cell in sorted(cells, key=lambda one: one.x):
        for index, before in enumerate(done):
            apart = cell.x - before.x - before.w
            between = down[min(before.y, cell.y) : max(before.foot, cell.foot), before.x + before.w : cell.x]
            if apart < _WORD_GAP * max(cell.h, before.h) and cell.is_beside(before) and not between.any():
                done[index] = around((before, cell))
                break
        else:
            done.append(cell)
    return done


def _in_lines(cells: list[Cell]) -> list[tuple[Cell, ...]]:
    lines: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda one: one.y + one.h / 2):
        if lines and any(cell.is_beside(other) for other in lines[-1]):
            lines[-1].append(cell)
        else:
            lines.append([cell])
    return [tuple(sorted(line, key=lambda one: one.x)) for line in lines]
