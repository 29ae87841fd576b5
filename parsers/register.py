"""Where the printed form lies on a page: from its codes and corner marks to millimetres.

Owns the mapping from the form's millimetres to the page's pixels. The codes give a first guess, the solid corner
marks the precise one; whoever uses it still checks that the printed frames are where it says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.raster import DPI, Grey

Points = NDArray[np.float64]
"""n x 2."""

PX_PER_MM = DPI / 25.4
_SOLID = 0.86  # share of ink in a window two thirds of a mark wide; print and a scribble stay below
_HALF = 2  # marks are looked for at half size
_MIN_REACH_MM = 4.0
_REACH_PER_MM = 0.06  # a guess from a code 200 mm away may be off by this much more
_MAX_RESIDUAL_MM = 1.6
_MAX_RESIDUAL_ASKEW_MM = 4.0  # a photographed code is decoded, but its corners are less well known; frames judge
_FOR_PERSPECTIVE = 10  # frames found
_CHOICES, _PERSPECTIVE_REACH_MM = 5, 45.0  # a photograph's far corners lie up to 40 mm from where a flat page has them


@dataclass(frozen=True, slots=True)
class Anchor:
    """A printed thing found on the page: its place in mm and in pixels, corner by corner or middle by middle."""

    mm: Points
    pixels: Points


@dataclass(frozen=True, slots=True)
class Placement:
    """Form millimetres to page pixels; `marks` says how many corner marks carry it."""

    matrix: NDArray[np.float64]
    marks: int

    def to_pixels(self, mm: Points) -> Points:
        """N x 2 mm to n x 2 pixels."""
        homogeneous = np.hstack([mm, np.ones((len(mm), 1))]) @ self.matrix.T
        return homogeneous[:, :2] / homogeneous[:, 2:]


def placements(grey: Grey, anchors: Sequence[Anchor], marks_mm: Points, mark_mm: float) -> Iterator[Placement]:
    """Ways in which a page with at least one read code may lie, the likeliest first.

    `marks_mm` are the middles of the corner marks (n x 2), `mark_mm` their side. A code whose end lies under a
    streak is decoded with a wrong corner: then the other one alone is right. A mark that a margin cuts through has
    its middle elsewhere: then the others are. A photograph is not flat. Those whose scale is no page's are left out.
    """
    blobs = _solid_blobs(grey, mark_mm)
    for placement in _guessed(anchors, marks_mm, blobs):
        if placement is not None and _is_plausible(placement):
            yield placement


def _guessed(anchors: Sequence[Anchor], marks_mm: Points, blobs: Points) -> Iterator[Placement | None]:
    mm = np.vstack([anchor.mm for anchor in anchors])
    pixels = np.vstack([anchor.pixels for anchor in anchors])
    yield _placed(mm, pixels, marks_mm, blobs)
    yield _in_perspective(mm, pixels, marks_mm, blobs)
    if len(anchors) > 1:
        for anchor in anchors:
            yield _placed(anchor.mm, anchor.pixels, marks_mm, blobs)
    for left_out in range(len(marks_mm)):
        yield _placed(mm, pixels, np.delete(marks_mm, left_out, axis=0), blobs)
    yield Placement(_similarity(mm, pixels), 0)


def _placed(mm: Points, pixels: Points, marks_mm: Points, blobs: Points) -> Placement:
    """The codes' points (mm and pixels) and what marks are found by them, made one map of a flat page."""
    guess = _similarity(mm, pixels)
    found_mm, found_pixels = _pair(guess, mm, marks_mm, blobs)
    if len(found_mm) == 4:
        matrix, _ = cv2.findHomography(found_mm, found_pixels)
        return Placement(np.asarray(matrix, dtype=np.float64), 4)
    if len(found_mm) == 3:
        return Placement(_affine(np.vstack([found_mm, mm]), np.vstack([found_pixels, pixels]), 3), 3)
    # too nearly on one line for more than turn, scale and shift
    weighty_mm, weighty = np.repeat(found_mm, 4, axis=0), np.repeat(found_pixels, 4, axis=0)
    return Placement(_similarity(np.vstack([weighty_mm, mm]), np.vstack([weighty, pixels])), len(found_mm))


def _in_perspective(mm: Points, pixels: Points, marks_mm: Points, blobs: Points) -> Placement | None:
    """A photographed page: the four blobs that, taken for the marks, put the codes where they were read."""
    expected = Placement(_similarity(mm, pixels), 0).to_pixels(marks_mm)
    choices: list[list[int]] = []
    for place in expected:
        distances = np.hypot(*(blobs - place).T) / PX_PER_MM
        near = np.argsort(distances)[:_CHOICES]
        choices.append([int(i) for i in near if distances[i] < _PERSPECTIVE_REACH_MM])
    best, least = None, _MAX_RESIDUAL_ASKEW_MM * PX_PER_MM
    for chosen in product(*choices):
        if len(set(chosen)) < len(chosen):
            continue
        corners = blobs[list(chosen)].astype(np.float32)
        matrix = cv2.getPerspectiveTransform(marks_mm.astype(np.float32), corners)
        seen = Placement(np.asarray(matrix, dtype=np.float64), len(chosen))
        off = float(np.hypot(*(seen.to_pixels(mm) - pixels).T).max())
        if off < least:
            best, least = seen, off
    return best


def corrected(placement: Placement, expected_mm: Points, found_mm: Points) -> Placement | None:
    """The placement bent so that what was expected in one place lies where it was found; None if nothing fits."""
    if len(expected_mm) < 3:
        return None
    found: Any
    if len(expected_mm) >= _FOR_PERSPECTIVE:
        found = cv2.findHomography(expected_mm, found_mm, method=cv2.RANSAC, ransacReprojThreshold=0.5)
    else:
        found = cv2.estimateAffine2D(expected_mm, found_mm, method=cv2.RANSAC, ransacReprojThreshold=0.5)
    bend = found[0]
    if bend is None:
        return None
    bend = np.vstack([bend, [0, 0, 1]]) if bend.shape[0] == 2 else bend
    better = Placement(placement.matrix @ bend, placement.marks)
    return better if _is_plausible(better) else None


def _similarity(mm: Points, pixels: Points) -> NDArray[np.float64]:
    """Turn, scale and shift by least squares, as a 3 x 3 matrix."""
    x, y = mm[:, 0], mm[:, 1]
    ones, zeros = np.ones_like(x), np.zeros_like(x)
    rows = np.vstack([np.stack([x, -y, ones, zeros], axis=1), np.stack([y, x, zeros, ones], axis=1)])
    a, b, dx, dy = np.linalg.lstsq(rows, np.concatenate([pixels[:, 0], pixels[:, 1]]), rcond=None)[0]
    return np.array([[a, -b, dx], [b, a, dy], [0, 0, 1]], dtype=np.float64)


def _affine(mm: Points, pixels: Points, marks: int) -> Any:
    """An affine map by least squares; marks weigh more than the corners of codes."""
    weights = np.where(np.arange(len(mm)) < marks, 4.0, 1.0)[:, None]
    rows = np.hstack([mm, np.ones((len(mm), 1))])
    solution = np.linalg.lstsq(rows * weights, pixels * weights, rcond=None)[0]
    return np.asarray(np.vstack([solution.T, [0, 0, 1]]), dtype=np.float64)


def _solid_blobs(grey: Grey, mark_mm: float) -> Points:
    """Middles, in pixels, of solid dark places about as large as a mark; thin streaks through them do no harm."""
    half = cv2.resize(grey, None, fx=1 / _HALF, fy=1 / _HALF, interpolation=cv2.INTER_AREA)
    ink = (half < 140).astype(np.float32)
    side = mark_mm * PX_PER_MM / _HALF
    window = max(3, round(side * 0.62)) | 1
    solid = (cv2.boxFilter(ink, -1, (window, window)) > _SOLID).astype(np.uint8)
    count, _, stats, middles = cv2.connectedComponentsWithStats(solid, connectivity=8)
    largest = (side * 1.2) ** 2
    keep = [i for i in range(1, count) if 2 < stats[i, cv2.CC_STAT_AREA] < largest]
    return np.asarray((middles[keep] + 0.5) * _HALF - 0.5, dtype=np.float64).reshape(-1, 2)


def _pair(guess: NDArray[np.float64], near_mm: Points, marks_mm: Points, blobs: Points) -> tuple[Points, Points]:
    """Marks with the blobs that are theirs: nearest to the codes first, each find improving the next guess."""
    origin = near_mm.mean(axis=0)
    known_mm, known_pixels = [], []
    base_mm, base_pixels = near_mm, Placement(guess, 0).to_pixels(near_mm)
    matrix = guess
    for mark in sorted(marks_mm, key=lambda m: float(np.hypot(*(m - origin)))):
        if not len(blobs):
            break
        expected = Placement(matrix, 0).to_pixels(mark[None])[0]
        nearest_known = min((float(np.hypot(*(mark - m))) for m in [*known_mm, *near_mm]), default=200.0)
        reach = (_MIN_REACH_MM + _REACH_PER_MM * nearest_known) * PX_PER_MM
        distances = np.hypot(*(blobs - expected).T)
        best = int(np.argmin(distances))
        if distances[best] > reach:
            continue
        known_mm.append(mark)
        known_pixels.append(blobs[best])
        matrix = _similarity(
            np.vstack([base_mm, *[m[None] for m in known_mm]]),
            np.vstack([base_pixels, *[p[None] for p in known_pixels]]),
        )
    return _without_outlier(
        np.array(known_mm).reshape(-1, 2), np.array(known_pixels).reshape(-1, 2), base_mm, base_pixels
    )


def _without_outlier(mm: Points, pixels: Points, base_mm: Points, base_pixels: Points) -> tuple[Points, Points]:
    """Drop a mark that no flat page could have there with the others."""
    while len(mm) >= 3:
        matrix = _similarity(np.vstack([mm, base_mm]), np.vstack([pixels, base_pixels]))
        residuals = np.hypot(*(Placement(matrix, 0).to_pixels(mm) - pixels).T) / PX_PER_MM
        if residuals.max() <= _MAX_RESIDUAL_MM * 2:
            break
        keep = np.arange(len(mm)) != int(np.argmax(residuals))
        mm, pixels = mm[keep], pixels[keep]
    return mm, pixels


def _is_plausible(placement: Placement) -> bool:
    """Scale between 60% and 160% both ways (photos vary), no mirror, little shear."""
    corner, right, below = placement.to_pixels(np.array([[100.0, 130.0], [110.0, 130.0], [100.0, 140.0]]))
    across, down = (right - corner) / 10 / PX_PER_MM, (below - corner) / 10 / PX_PER_MM
    sizes = np.hypot(*across), np.hypot(*down)
    turned: Any = across[0] * down[1] - across[1] * down[0]
    return all(0.6 < size < 1.6 for size in sizes) and turned > 0.8 * sizes[0] * sizes[1]
