"""Pixels of a page: square, straight, upright, slightly blurred.

Owns what is done to a page before anything is read from it. Refuses median filters, despeckling, adaptive
thresholds and single-block mode: measured on faxed pages, each makes recognition worse.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.errors import LimitExceeded

Grey = NDArray[np.uint8]
"""Height x width, 0 black to 255 white."""

DPI = 204.0
"""Dots an inch of a squared page: the width of a fax line, so that no column is ever interpolated."""
MAX_PIXELS = 60_000_000
_PAPER_MM = (205.0, 300.0)
_STANDARD_LINES = 1300  # a fax page of 98 lines an inch has about 1,100 lines, one of 196 about 2,200
_FAX_WIDTHS = {1728: 204.0, 2048: 204.0 * 2048 / 1728, 2432: 204.0 * 2432 / 1728}
_HAIRLINES = 0.1
"""Share of ink in strokes one pixel thin. Pages in thirteen faces showed 0.07 at most, in a hairline typewriter face
0.03 to 0.6."""
_HAIRLINES_NEARBY = 0.3
"""Nine neighbourhoods in ten of pages in those thirteen faces stay below."""
_NEIGHBOURHOOD = (41, 7)
"""Fours of pixels: a word or two of a line."""
_BLUR_SIGMA = 1.1  # 1.0 to 1.3 measured best for the 1-bit page
_MACHINES_EDGE = 0.025
"""Share of a page's height at head and foot where the fax machine writes its own line, level however paper lies."""
_BLANK_CELLS = 14  # dark cells of 4x4 pixels; dust and a line's streak stay below


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as it came: pixels with their own resolution (0 where the file does not say)."""

    index: int
    grey: Grey
    x_dpi: float = 0.0
    y_dpi: float = 0.0
    is_bilevel: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with square pixels at `DPI`; `rotation` degrees clockwise were applied to it."""

    index: int
    grey: Grey
    is_bilevel: bool
    rotation: int = 0


def check_pixels(width: int, height: int, what: str) -> None:
    """Refuse a picture before it is decoded.

    Raises:
        LimitExceeded: more than MAX_PIXELS, or nothing at all.
    """
    if width * height > MAX_PIXELS or max(width, height) > 30_000:
        raise LimitExceeded(f"{what} has {width} x {height} pixels, more than we open: look at the original")
    if width < 8 or height < 8:
        raise LimitExceeded(f"{what} has only {width} x {height} pixels: nothing can be read from it")


def resolution(scan: Scan) -> tuple[float, float]:
    """Dots an inch across and down, from the tags if they make a page, else from the pixels.

    Fax software writes wrong or no resolution so often that the tags are believed only if the paper they
    imply is as wide as paper is.
    """
    height, width = scan.grey.shape
    if scan.x_dpi > 0 and scan.y_dpi > 0:
        width_mm, height_mm = width / scan.x_dpi * 25.4, height / scan.y_dpi * 25.4
        if 60 < width_mm < 460 and 40 < height_mm < 600:
            return scan.x_dpi, scan.y_dpi
    if width in _FAX_WIDTHS:
        across = _FAX_WIDTHS[width]
        return across, 98.0 if height < _STANDARD_LINES else 196.0
    dpi = min(width, height) / _PAPER_MM[0] * 25.4
    return dpi, dpi


def square(scan: Scan) -> Sheet:
    """The page with square pixels at `DPI`."""
    across, down = resolution(scan)
    height, width = scan.grey.shape
    new_width = width if abs(across / DPI - 1) < 0.02 else round(width * DPI / across)
    new_height = round(height * DPI / down)
    check_pixels(new_width, new_height, f"page {scan.index + 1}")
    if (new_width, new_height) == (width, height):
        return Sheet(scan.index, scan.grey, scan.is_bilevel)
    shrinks = new_width < width * 0.9
    grey = cv2.resize(scan.grey, (new_width, new_height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return Sheet(scan.index, as_grey(grey), scan.is_bilevel)


def as_grey(pixels: Any) -> Grey:
    """OpenCV's answer as a contiguous array of bytes."""
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def turn(grey: Grey, degrees: int) -> Grey:
    """Rotated clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(grey, -(degrees // 90) % 4))


def levelled(sheet: Sheet) -> Grey:
    """The page with paper brought to white; a photo's shadows divided out, a fax left as it is."""
    if sheet.is_bilevel:
        return sheet.grey
    small = cv2.resize(sheet.grey, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), (0, 0), 6)
    paper = cv2.resize(paper, (sheet.grey.shape[1], sheet.grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return as_grey(cv2.divide(sheet.grey, np.maximum(paper, 40), scale=245))


def is_blank(grey: Grey) -> bool:
    """Whether a levelled page carries nothing but dust and a fax header line."""
    small = cv2.resize(grey, None, fx=1 / 4, fy=1 / 4, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    inner = small[int(height * 0.045) : int(height * 0.98), int(width * 0.03) : int(width * 0.97)]
    return int(np.count_nonzero(inner < 150)) < _BLANK_CELLS


def skew(grey: Grey, limit: float = 8.0) -> float:
    """Degrees (anticlockwise positive) that make the lines of a page level."""
    scale = 500.0 / grey.shape[1]
    small = as_grey(255 - cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    edge = round(small.shape[0] * _MACHINES_EDGE)
    small[:edge] = small[small.shape[0] - edge :] = 0
    smaller = as_grey(cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    best = _best_angle(smaller, np.arange(-limit, limit + 0.01, 1.0))
    best = _best_angle(small, best + np.arange(-0.8, 0.81, 0.2))
    return _best_angle(small, best + np.arange(-0.15, 0.16, 0.05))


def _best_angle(small: Grey, angles: NDArray[np.float64]) -> float:
    """The angle whose row sums change most sharply from row to row."""
    height, width = small.shape
    scores: list[float] = []
    for angle in angles:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1.0)
        level = cv2.warpAffine(small, matrix, (width, height))
        rows = cv2.reduce(level, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F)
        scores.append(float(np.square(np.diff(rows[:, 0])).sum()))
    return float(angles[int(np.argmax(scores))])


def straighten(grey: Grey, angle: float) -> Grey:
    """Rotated by a few degrees (anticlockwise positive) about the middle, white outside."""
    if abs(angle) < 0.1:
        return grey
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return as_grey(cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=255))


@dataclass(frozen=True, slots=True)
class Level:
    """A page with its lines level, for recognition; `angle` degrees (anticlockwise positive) made them so."""

    pixels: Grey
    angle: float = 0.0

    def before(self, x: int, y: int, w: int, h: int) -> tuple[float, float, float, float]:
        """Where a rectangle stood before the page was made level: x, y, w, h as fractions of the page."""
        height, width = self.pixels.shape
        corners = np.array([(x, y), (x + w, y), (x, y + h), (x + w, y + h)], dtype=np.float64)
        back = cv2.getRotationMatrix2D((width / 2, height / 2), -self.angle, 1.0)
        placed = (corners @ back[:, :2].T + back[:, 2]) / (width, height)
        (left, top), (right, foot) = placed.min(axis=0).clip(0, 1), placed.max(axis=0).clip(0, 1)
        return float(left), float(top), float(right - left), float(foot - top)


def for_recognition(grey: Grey, *, is_bilevel: bool) -> Level:
    """Straight, and slightly blurred where the page has only black and white; hairlines made thicker before."""
    angle = skew(grey)
    if not is_bilevel:
        return Level(straighten(grey, angle), angle)
    hairlines = _hairlines(grey)
    if hairlines.any():
        thicker = as_grey(cv2.erode(grey, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))))
        grey = np.where(hairlines, thicker, grey)
    level = straighten(grey, angle)
    return Level(as_grey(cv2.GaussianBlur(level, (0, 0), _BLUR_SIGMA)), angle)


def _hairlines(grey: Grey) -> NDArray[np.bool_]:
    """Where print consists of strokes one pixel thin, which pale when the page is turned and vanish in a blur.

    On the whole of a page, or in a neighbourhood that has few others: a bold heading says nothing of the lines below.
    """
    ink = (grey < 128).astype(np.uint8)
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    inked = np.count_nonzero(ink)
    if inked - np.count_nonzero(thick) > _HAIRLINES * inked:
        return np.ones(grey.shape, dtype=np.bool_)
    quarters = (cv2.resize(255 * one, None, fx=1 / 4, fy=1 / 4, interpolation=cv2.INTER_AREA) for one in (ink, thick))
    around, thick_around = (cv2.boxFilter(one, cv2.CV_32F, _NEIGHBOURHOOD) for one in quarters)
    near = (around - thick_around > _HAIRLINES_NEARBY * around).astype(np.uint8)
    return np.asarray(cv2.resize(near, grey.shape[::-1], interpolation=cv2.INTER_NEAREST), dtype=np.bool_)
