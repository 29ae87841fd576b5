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
_AROUND_MM = 4.6
_SEARCH_MM = 1.4
_SAME_OFFSET_MM = 0.7
_RING_MM = 1.5
_CIRCLE_MM = 2.8  # how far beyond its frame a circle round a box may run; the next box's frame begins at 3.5
_LABEL_MM = 1.9  # to the right of a frame its label begins
_SECTORS = 24
_CIRCLE_SECTORS, _DOUBT_SECTORS = 12, 9  # a cross that leaves its box meets 8, a circle about 16
_GAP_MM = 0.45  # between a frame's edge and where ink counts: a fax smears the frame by about 0.3 mm
_STROKE_MM = 1.1
_TICK_INNER, _DOUBT_INNER = 0.05, 0.018
_SMOTHERED_INNER, _SMOTHERED_RING = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class BoxLook:
    """What one box shows: shares of ink inside and on each side beyond (left, top, right, bottom)."""

    has_frame: bool
    inner: float = 0.0
    sides: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    stroke_mm: float = 0.0
    sectors: int = 0  # of _SECTORS directions, those with ink beyond the frame
    offset_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def is_ticked(self) -> bool:
        """Whether a hand marked it: a stroke inside, or a ring round it."""
        return self._has_stroke or self.sectors >= _CIRCLE_SECTORS

    @property
    def _has_stroke(self) -> bool:
        return self.inner >= _TICK_INNER and self.stroke_mm >= _STROKE_MM

    @property
    def is_smothered(self) -> bool:
        """Whether it is covered well beyond its frame: a correction, or a very firm tick."""
        return self.inner >= _SMOTHERED_INNER and sum(side >= _SMOTHERED_RING for side in self.sides) >= 2

    @property
    def confidence(self) -> float:
        """How sure `is_ticked` is; below 0.9 a person looks."""
        if not self.has_frame:
            return 0.3
        if self.is_ticked:
            if self._has_stroke:
                return min(0.995, 0.93 + (self.inner - _TICK_INNER))
            return min(0.98, 0.9 + 0.02 * (self.sectors - _CIRCLE_SECTORS))
        if self.inner >= _DOUBT_INNER or self.sectors >= _DOUBT_SECTORS:
            return 0.6
        return 0.995 - self.inner


def look_at_boxes(grey: Grey, placement: Placement, rects: Sequence[Rect], line_mm: float) -> list[BoxLook]:
    """Each box, its frame looked for where the others' frames say that it is."""
    patches = [_patch(grey, placement, rect) for rect in rects]
    offsets = [_find_frame(patch, rect, line_mm) for patch, rect in zip(patches, rects, strict=True)]
    found = np.array([offset[:2] for offset in offsets if offset[2]], dtype=np.float64).reshape(-1, 2)
    middle = np.median(found, axis=0) if len(found) else np.zeros(2)
    looks: list[BoxLook] = []
    for patch, rect, (dx, dy, is_there) in zip(patches, rects, offsets, strict=True):
        is_near = float(np.hypot(dx - middle[0], dy - middle[1])) <= 2 * _SAME_OFFSET_MM
        offset = (dx, dy) if is_there and is_near else (float(middle[0]), float(middle[1]))
        looks.append(_look(patch, rect, offset, line_mm, has_frame=is_there and is_near))
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


def _find_frame(patch: Floats, rect: Rect, line_mm: float) -> tuple[float, float, bool]:
    """Where the frame is off its place, in mm, and whether it is there at all."""
    kernel = _frame_kernel(round(rect[2], 3), round(rect[3], 3), line_mm)
    scores = cv2.matchTemplate(patch, kernel, cv2.TM_CCORR)
    middle_y, middle_x = (scores.shape[0] - 1) / 2, (scores.shape[1] - 1) / 2
    reach = _SEARCH_MM * PX_PER_MM
    ys, xs = np.mgrid[0 : scores.shape[0], 0 : scores.shape[1]]
    distance = np.hypot(ys - middle_y, xs - middle_x)
    scores = np.where(distance <= reach, scores - 0.004 * distance, -1.0)
    best_y, best_x = np.unravel_index(int(np.argmax(scores)), scores.shape)
    return (
        float(best_x - middle_x) / PX_PER_MM,
        float(best_y - middle_y) / PX_PER_MM,
        bool(scores[best_y, best_x] > 0.33),
    )


def _look(patch: Floats, rect: Rect, offset: tuple[float, float], line_mm: float, *, has_frame: bool) -> BoxLook:
    ink = _without_streaks(patch > 0.5)
    left, top = ((_AROUND_MM + offset[0]) * PX_PER_MM, (_AROUND_MM + offset[1]) * PX_PER_MM)
    right, bottom = left + rect[2] * PX_PER_MM, top + rect[3] * PX_PER_MM
    inset = (line_mm + _GAP_MM) * PX_PER_MM
    inner = ink[round(top + inset) : round(bottom - inset), round(left + inset) : round(right - inset)]
    share, stroke = _strokes(inner)
    frame = (left, top, right, bottom)
    return BoxLook(has_frame, share, _sides(ink, frame), stroke, _sectors(ink, frame), offset)


def _sectors(ink: NDArray[np.bool_], frame: tuple[float, float, float, float]) -> int:
    """In how many directions from the box's middle something is drawn beyond its frame, but for its label."""
    left, top, right, bottom = frame
    ys, xs = np.nonzero(ink)
    gap, far = _GAP_MM * PX_PER_MM, _CIRCLE_MM * PX_PER_MM
    beyond = np.maximum(np.maximum(left - xs, xs - right), np.maximum(top - ys, ys - bottom))
    near = (beyond > gap) & (beyond < far) & (xs < right + _LABEL_MM * PX_PER_MM)
    angles = np.arctan2(ys[near] - (top + bottom) / 2, xs[near] - (left + right) / 2)
    counts = np.bincount(((angles + np.pi) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS, minlength=_SECTORS)
    return int(np.count_nonzero(counts >= 4))


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


def _strokes(ink: NDArray[np.bool_], least_mm: float = 0.7) -> tuple[float, float]:
    """Share of ink in parts longer than a speck, and the longest part in mm."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    longest, area = 0.0, 0
    for i in range(1, count):
        length = float(np.hypot(stats[i, cv2.CC_STAT_WIDTH], stats[i, cv2.CC_STAT_HEIGHT])) / PX_PER_MM
        longest = max(longest, length)
        if length >= least_mm:
            area += int(stats[i, cv2.CC_STAT_AREA])
    return area / max(1, labels.size), longest


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
