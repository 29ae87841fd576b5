"""A sheet of letter paper at 300 dpi, written from the top: lines, pairs, columns, tables, paragraphs."""

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.written.faces import Face

DPI = 300.0
_WIDTH, _HEIGHT = 2550, 3300
_GUTTER = 60
"""Between what stands side by side: nobody prints one over the other."""


class Sheet:
    """What has been written so far; `y` is where the next line goes."""

    def __init__(self, face: Face, rng: random.Random) -> None:
        self.face = face
        self.size = rng.choice((10.0, 10.5, 11.0, 11.0, 12.0))
        self.left = rng.choice((200, 240, 290, 330))
        self.right = _WIDTH - self.left
        self.y = rng.choice((150, 190, 240))
        self.leading = rng.choice((1.15, 1.25, 1.4))
        self._image = Image.new("L", (_WIDTH, _HEIGHT), 255)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The page as it would be printed."""
        return np.asarray(self._image)

    @property
    def filled(self) -> float:
        """How much of the page is written on, from its top."""
        return self.y / _HEIGHT

    @property
    def is_full(self) -> bool:
        """Whether the foot of the page is reached."""
        return self.y > _HEIGHT - 420

    def _font(self, points: float, *, is_bold: bool) -> ImageFont.FreeTypeFont:
        return self.face.at(points, DPI, is_bold=is_bold)

    def width(self, text: str) -> int:
        """Pixels that a plain line takes."""
        return round(self._font(self.size, is_bold=False).getlength(text))

    def _step(self, points: float) -> int:
        return round(points * DPI / 72 * self.leading)

    def gap(self, lines: float = 1.0) -> None:
        """Empty lines."""
        self.y += round(self._step(self.size) * lines)

    def rule(self, width: int = 3) -> None:
        """A line across."""
        self._draw.line((self.left, self.y, self.right, self.y), fill=0, width=width)
        self.y += 24

    def line(
        self, text: str, *, points: float = 0, is_bold: bool = False, is_centred: bool = False, x: int = 0
    ) -> None:
        """One line, as it is; `x` from the left margin."""
        points = points or self.size
        font = self._font(points, is_bold=is_bold)
        at = self.left + x
        if is_centred:
            at = (_WIDTH - round(font.getlength(text))) // 2
        self._draw.text((at, self.y), text, font=font, fill=0)
        self.y += self._step(points)

    def pair(self, label: str, value: str, *, x: int = 0, is_bold: bool = True) -> None:
        """A bold label with its value."""
        font = self._font(self.size, is_bold=is_bold)
        self._draw.text((self.left + x, self.y), label, font=font, fill=0)
        plain = self._font(self.size, is_bold=False)
        self._draw.text((self.left + x + round(font.getlength(label + " ")), self.y), value, font=plain, fill=0)
        self.y += self._step(self.size)

    def columns(self, rows: Sequence[tuple[str, str]], *, share: float = 0.55) -> None:
        """Two columns of lines side by side."""
        middle = max(round((self.right - self.left) * share), max(self.width(left) for left, _ in rows) + _GUTTER)
        for left, right in rows:
            before = self.y
            self.line(left)
            after, self.y = self.y, before
            self.line(right, x=middle)
            self.y = after

    def table(self, rows: Sequence[Sequence[str]], *, has_rules: bool = True, has_head: bool = True) -> None:
        """Cells in columns as wide as their widest; the first row in bold."""
        pad = 28
        fonts = [self._font(self.size, is_bold=has_head and index == 0) for index in range(len(rows))]
        widths = [
            max(round(font.getlength(row[column])) for font, row in zip(fonts, rows, strict=True)) + 2 * pad
            for column in range(len(rows[0]))
        ]
        spare = max(0, self.right - self.left - sum(widths)) // max(1, len(widths))
        widths = [width + round(spare * 0.7) for width in widths]
        for font, row in zip(fonts, rows, strict=True):
            height, x = self._step(self.size) + 18, self.left
            for width, cell in zip(widths, row, strict=True):
                if has_rules:
                    self._draw.rectangle((x, self.y, x + width, self.y + height), outline=0, width=3)
                self._draw.text((x + pad, self.y + 10), cell, font=font, fill=0)
                x += width
            self.y += height
        self.y += 20

    def paragraph(self, text: str, *, head: str = "") -> None:
        """Running text, broken at the margin; `head` in bold before it."""
        bold, plain = self._font(self.size, is_bold=True), self._font(self.size, is_bold=False)
        words = [(word, bold) for word in head.split()] + [(word, plain) for word in text.split()]
        x, step = self.left, self._step(self.size)
        space = plain.getlength(" ")
        for word, font in words:
            width = font.getlength(word)
            if x + width > self.right:
                x, self.y = self.left, self.y + step
            self._draw.text((x, self.y), word, font=font, fill=0)
            x += round(width + space)
        self.y += step + step // 2

    def foot(self, text: str) -> None:
        """A small line at the foot of the page."""
        font = self._font(8.5, is_bold=False)
        self._draw.text((self.left, _HEIGHT - 190), text, font=font, fill=0)
