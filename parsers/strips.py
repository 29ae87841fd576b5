"""A page's strips of one line each, as the line recogniser reads them: every strip once."""

from dataclasses import dataclass, field

from parsers.line_finder import Cell
from parsers.ocr.line_reader import LineText, read_line
from parsers.raster import Grey

_PAD = 0.3


@dataclass(slots=True)
class Strips:
    """A level page, and what was read of it so far."""

    pixels: Grey
    read: dict[Cell, LineText] = field(default_factory=dict[Cell, LineText])

    def text(self, cell: Cell) -> LineText:
        """What stands in a cell; the recogniser sees a little of the paper around it."""
        if cell not in self.read:
            pad = round(cell.h * _PAD)
            left, top = max(0, cell.x - 2 * pad), max(0, cell.y - pad)
            self.read[cell] = read_line(self.pixels[top : cell.foot + pad, left : cell.x + cell.w + 2 * pad])
        return self.read[cell]
