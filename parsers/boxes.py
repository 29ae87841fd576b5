"""Tick boxes of a registered form: is there a mark, and how sure is that.

Owns telling strokes from print, specks and streaks. A box is looked at where its frame really is; ink counts
inside the frame and beyond it, because hands leave their boxes. Thresholds are those measured on ticked forms
sent through a modelled fax line; no figure is darkness alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.raster import Grey
from parsers.register import Placement

Floats = NDArray[np.float32]
Rect = tuple[float, float, float, float]
"""x, y, w, h in mm."""

PX_PER_MM = 8.0
_AROUND_MM = 7.2
_SEARCH_MM = (1.4, 4.0)  # across; and down, where lost scan lines move whole rows
_SAME_ROW_MM = 2.0
_EDGE_MM = 0.9
_CLEARLY = 0.1
_FRAME_SCORE = 0.45  # a clean frame scores 0.8, print without a frame 0.25
_RING_MM = 1.5
_CIRCLE_MM = 2.8  # how far beyond its frame a circle round a box may run; the next box's frame begins at 3.5
_CIRCLE_LEFT_MM = 4.5  # to the left the paper is free
_LABEL_MM = 1.6  # to the right of a frame its label begins
_SECTORS = 24
_SECTOR_PIXELS = 4
_CIRCLE_SECTORS, _DOUBT_SECTORS = 12, 9  # a cross that leaves its box meets 8, a circle about 16
_GAP_MM = 0.45  # between a frame's edge and where ink counts: a fax smears the frame by about 0.3 mm
_STROKE_MM = 1.1
_TICK_INNER, _DOUBT_INNER = 0.05, 0.018
_SPECK_MM, _SPECK_INNER, _SPECKS = (
    1.0,
    0.055,
    2,
)  # dust: so short, so little, so few; a broken faint stroke has more pieces
_DUST_BESIDE = 0.02
_SCRATCH_MM, _SCRATCH_INNER = 1.6, 0.08
_FILLED_INNER, _CLEAR_SIDE = 0.7, 0.35
_SMOTHERED_INNER, _SMOTHERED_RING = 0.5, 0.3
_SCRIBBLED_INNER, _SCRIBBLED_SIDE = 0.3, 0.12  # strokes to and fro, with paper between them
_SCRIBBLED_RUNS = 2.0  # a check or a cross is met once or twice on the way down
_CORNER_SIDE, _SURE_CORNER_SIDE = 0.08, 0.1
_ROUND, _BLOT_MM = 0.5, 1.0  # a round blot no wider than that is no stroke


@dataclass(frozen=True, slots=True)
class BoxLook:
    """What one box shows: shares of ink inside and on each side beyond (left, top, right, bottom)."""

    has_frame: bool
    inner: float = 0.0
    sides: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    stroke_mm: float = 0.0
    parts: int = 0  # separate pieces of ink inside
    sectors: int = 0  # of _SECTORS directions, those with ink beyond the frame
    runs: float = 0.0  # strokes met on a way straight down through it
    offset_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def is_ticked(self) -> bool:
        """Whether a hand marked it: a stroke inside, or a ring round it."""
        is_long = self.stroke_mm >= _STROKE_MM or max(self.sides) >= _SURE_CORNER_SIDE  # goes on outside
        is_likely = self.inner >= _DOUBT_INNER and is_long  # and doubtful, says `confidence`
        return self._has_stroke or is_likely or self.sectors >= _CIRCLE_SECTORS or self._leaves_corner

    @property
    def _has_stroke(self) -> bool:
        return self.inner >= _TICK_INNER and self.stroke_mm >= _STROKE_MM

    @property
    def _leaves_corner(self) -> bool:
        """Whether a stroke turns on the frame itself and goes on outside: the point of a low check, its long arm."""
        left, _, right, bottom = self.sides
        return self.has_frame and min(bottom, max(left, right)) >= _CORNER_SIDE

    @property
    def _is_filled(self) -> bool:
        """Whether it is blackened as far as its frame, which then cannot be told from its inside."""
        return self.inner >= _FILLED_INNER and sum(side < _CLEAR_SIDE for side in self.sides) >= 3

    @property
    def _is_dust(self) -> bool:
        is_speck = self.stroke_mm <= _SPECK_MM and self.inner <= _SPECK_INNER and self.parts <= _SPECKS
        return is_speck and max(self.sides) < _DUST_BESIDE and self.sectors < _DOUBT_SECTORS  # a stroke goes on outside

    @property
    def _is_scratch(self) -> bool:
        """Whether all there is is a short mark in the middle: two specks that ran into one, or a tiny tick."""
        is_short = self.stroke_mm <= _SCRATCH_MM and self.inner <= _SCRATCH_INNER
        return is_short and max(self.sides) < _DUST_BESIDE and self.sectors < _DOUBT_SECTORS

    @property
    def is_smothered(self) -> bool:
        """Whether it is covered well beyond its frame: a correction, or a very firm tick."""
        left, _, right, _ = self.sides
        is_dense = self.inner >= _SMOTHERED_INNER and sum(side >= _SMOTHERED_RING for side in self.sides) >= 2
        is_to_and_fro = self.inner >= _SCRIBBLED_INNER and self.runs >= _SCRIBBLED_RUNS
        return is_dense or (is_to_and_fro and min(left, right) >= _SCRIBBLED_SIDE)

    @property
    def confidence(self) -> float:
        """How sure `is_ticked` is; below 0.9 a person looks."""
        if not self.has_frame and not self._is_filled:
            return 0.3
        if self._has_stroke and self._is_scratch:
            return 0.6
        if self._has_stroke:
            return min(0.995, 0.93 + (self.inner - _TICK_INNER))
        if self.sectors >= _CIRCLE_SECTORS:
            return min(0.98, 0.9 + 0.02 * (self.sectors - _CIRCLE_SECTORS))
        if self._leaves_corner:
            left, _, right, bottom = self.sides
            return 0.92 if min(bottom, max(left, right)) >= _SURE_CORNER_SIDE else 0.6
        if self._is_dust:
            return 0.93
        if self.inner >= _DOUBT_INNER or self.sectors >= _DOUBT_SECTORS:
            return 0.6
        return 0.995 - self.inner


def look_at_boxes(grey: Grey, placement: Placement, rects: Sequence[Rect], line_mm: float) -> list[BoxLook]:
    """Each box, its frame looked for where the others' frames say that it is."""
    patches = [_patch(grey, placement, rect) for rect in rects]
    scores = [_frame_scores(patch, rect, line_mm) for patch, rect in zip(patches, rects, strict=True)]
    looks: list[BoxLook] = []
    for patch, rect, own in zip(patches, rects, scores, strict=True):
        row = [score for score, other in zip(scores, rects, strict=True) if abs(other[1] - rect[1]) < _SAME_ROW_MM]
        dx, dy = _peak(np.asarray(np.mean(row, axis=0), dtype=np.float32))
        near = own[dy - 3 : dy + 4, dx - 3 : dx + 4]
        fine_y, fine_x = np.unravel_index(int(np.argmax(near)), near.shape)
        dx, dy = dx - 3 + int(fine_x), dy - 3 + int(fine_y)
        alone = _peak(own)
        if own[dy, dx] <= _FRAME_SCORE < own[alone[1], alone[0]] - _CLEARLY:
            dx, dy = alone  # on a page that is not flat the row's other boxes lie elsewhere
        middle = (own.shape[1] - 1) / 2, (own.shape[0] - 1) / 2
        offset = ((dx - middle[0]) / PX_PER_MM, (dy - middle[1]) / PX_PER_MM)
        looks.append(_look(patch, rect, offset, line_mm, has_frame=bool(own[dy, dx] > _FRAME_SCORE)))
    return looks


def _patch(grey: Grey, placement: Placement, rect: Rect) -> Floats:
    """Ink 0..1 of the box and `_AROUND_MM` around it, at PX_PER_MM."""
    x, y, w, h = rect
    scale = 1 / PX_PER_MM
    to_mm = np.array([[scale, 0, x - _AROUND_MM + scale / 2], [0, scale, y - _AROUND_MM + scale / 2], [0, 0, 1]])
    size = (round((w + 2 * _AROUND_MM) * PX_PER_MM), round((h + 2 * _AROUND_MM) * PX_PER_MM))
    pixels = cv2.warpPerspective(
        grey, placement.matrix @ to_mm, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=255
    )
    return np.asarray(1.0 - pixels.astype(np.float32) / 255.0, dtype=np.float32)


@cache
def _frame_kernel(w: float, h: float, line_mm: float) -> Floats:
    """Positive on the frame, negative just inside and outside it; sums to one over the frame."""
    pad = 0.6
    size = (round((h + 2 * pad) * PX_PER_MM), round((w + 2 * pad) * PX_PER_MM))
    kernel = np.full(size, -1.0, dtype=np.float32)
    edge, line = round(pad * PX_PER_MM), max(2, round(line_mm * PX_PER_MM))
    kernel[edge:-edge, edge:-edge] = 1.0
    inside, deep = edge + line, edge + line + round(0.6 * PX_PER_MM)
    kernel[inside:-inside, inside:-inside] = -1.0
    kernel[deep:-deep, deep:-deep] = 0.0
    kernel[kernel > 0] /= (kernel > 0).sum()
    kernel[kernel < 0] *= 0.5 / (kernel < 0).sum()
    return kernel


def _frame_scores(patch: Floats, rect: Rect, line_mm: float) -> Floats:
    """How well a frame fits at each place within reach; the middle is where it should be."""
    kernel = _frame_kernel(round(rect[2], 3), round(rect[3], 3), line_mm)
    scores = cv2.matchTemplate(patch, kernel, cv2.TM_CCORR)
    ys, xs = np.mgrid[0 : scores.shape[0], 0 : scores.shape[1]].astype(np.float32)
    across = np.abs(xs - (scores.shape[1] - 1) / 2) / PX_PER_MM
    down = np.abs(ys - (scores.shape[0] - 1) / 2) / PX_PER_MM
    is_near = (across <= _SEARCH_MM[0]) & (down <= _SEARCH_MM[1])
    return np.where(is_near, scores - 0.02 * across - 0.01 * down, -1.0).astype(np.float32)


def _peak(scores: Floats) -> tuple[int, int]:
    """Where a row's boxes fit best together: x, y."""
    best_y, best_x = np.unravel_index(int(np.argmax(scores)), scores.shape)
    return int(best_x), int(best_y)


def _look(patch: Floats, rect: Rect, offset: tuple[float, float], line_mm: float, *, has_frame: bool) -> BoxLook:
    ink = _without_streaks(patch > 0.5)
    left, top = ((_AROUND_MM + offset[0]) * PX_PER_MM, (_AROUND_MM + offset[1]) * PX_PER_MM)
    right, bottom = left + rect[2] * PX_PER_MM, top + rect[3] * PX_PER_MM
    line = max(2, round(line_mm * PX_PER_MM))
    top = _edge(ink[:, round(left) : round(right)].mean(axis=1), top, line)
    bottom = _edge(ink[:, round(left) : round(right)].mean(axis=1), bottom - line, line) + line
    inset = (line_mm + _GAP_MM) * PX_PER_MM
    inner = ink[round(top + inset) : round(bottom - inset), round(left + inset) : round(right - inset)]
    share, stroke, parts = _strokes(inner)
    frame = (left, top, right, bottom)
    return BoxLook(has_frame, share, _sides(ink, frame), stroke, parts, _sectors(ink, frame), _runs_down(inner), offset)


def _runs_down(ink: NDArray[np.bool_]) -> float:
    """Of the columns that hold ink, in how many pieces on the average."""
    if not ink.any():
        return 0.0
    starts = np.diff(ink.astype(np.int8), axis=0, prepend=0) == 1
    counts = starts.sum(axis=0)
    return float(counts[counts > 0].mean())


def _sectors(ink: NDArray[np.bool_], frame: tuple[float, float, float, float]) -> int:
    """In how many directions from the box's middle something is drawn beyond its frame, but for its label."""
    left, top, right, bottom = frame
    ys, xs = np.nonzero(ink)
    gap, far = _GAP_MM * PX_PER_MM, np.where(xs < left, _CIRCLE_LEFT_MM, _CIRCLE_MM) * PX_PER_MM
    beyond = np.maximum(np.maximum(left - xs, xs - right), np.maximum(top - ys, ys - bottom))
    near = (beyond > gap) & (beyond < far) & (xs < right + _LABEL_MM * PX_PER_MM)
    angles = np.arctan2(ys[near] - (top + bottom) / 2, xs[near] - (left + right) / 2)
    counts = np.bincount(((angles + np.pi) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS, minlength=_SECTORS)
    is_hit = counts >= _SECTOR_PIXELS
    on_the_left = np.count_nonzero(np.roll(is_hit, _SECTORS // 8)[: _SECTORS // 4])
    return int(np.count_nonzero(is_hit)) if on_the_left >= 3 else 0  # circles of the boxes above and below meet no left


def _edge(profile: NDArray[np.float64], expected: float, line: int) -> float:
    """Where a frame's upper or lower line begins: lost scan lines make a box lower than it was printed."""
    sums = np.convolve(profile, np.ones(line) / line, "valid")
    reach, at = round(_EDGE_MM * PX_PER_MM), round(expected)
    steps = np.arange(-reach, reach + 1)
    fits = sums[np.clip(at + steps, 0, len(sums) - 1)] - 0.02 * np.abs(steps)
    return float(at + steps[int(np.argmax(fits))]) if fits.max() > fits[reach] + 0.15 else expected


def _sides(ink: NDArray[np.bool_], frame: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = frame
    near, far = _GAP_MM * PX_PER_MM, (_GAP_MM + _RING_MM) * PX_PER_MM
    strips = (
        (top, bottom, left - far, left - near),
        (top - far, top - near, left, right),
        (top, bottom, right + near, right + far),
        (bottom + near, bottom + far, left, right),
    )
    cuts = [ink[max(0, round(a)) : max(0, round(b)), max(0, round(c)) : max(0, round(d))] for a, b, c, d in strips]
    shares = [_strokes(cut, least_mm=0.5)[0] if cut.size else 0.0 for cut in cuts]
    return (shares[0], shares[1], shares[2], shares[3])


def _strokes(ink: NDArray[np.bool_], least_mm: float = 0.7) -> tuple[float, float, int]:
    """Share of ink in parts longer than a speck, the longest part in mm, and how many parts there are."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    longest, area = 0.0, 0
    for i in range(1, count):
        width, height = int(stats[i, cv2.CC_STAT_WIDTH]), int(stats[i, cv2.CC_STAT_HEIGHT])
        is_blot = (
            max(width, height) <= _BLOT_MM * PX_PER_MM and int(stats[i, cv2.CC_STAT_AREA]) >= _ROUND * width * height
        )
        length = (max(width, height) if is_blot else float(np.hypot(width, height))) / PX_PER_MM
        longest = max(longest, length)
        if length >= least_mm:
            area += int(stats[i, cv2.CC_STAT_AREA])
    return area / max(1, labels.size), longest, count - 1


def _without_streaks(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Clear columns and rows of dirt that run through the whole patch: a scanner's streak, never a hand's."""
    clean = ink.copy()
    for axis in (0, 1):
        full = ink.mean(axis=axis) > 0.93
        if full.any() and full.sum() <= 0.6 * PX_PER_MM:
            wide = np.convolve(full, np.ones(3), "same") > 0
            if axis == 0:
                clean[:, wide] = False
            else:
                clean[wide, :] = False
    return clean
