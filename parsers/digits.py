"""Handwritten digits in comb cells: a patch of the page in, a digit with a confidence out.

Owns how a digit is found in its cell. What digit it is, `parsers/digit_net.py` tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from parsers.digit_net import SIZE, Floats, tell_apart
from parsers.raster import Grey, as_grey

PX_PER_MM = 6.0
"""Resolution of a patch; close to a standard fax page's better direction."""
MARGIN_MM = 1.0
"""Paper around the cell that a patch includes: digits cross their frames."""
_INNER = 20
_FRAME_SEARCH_MM = 0.7
_FRAME_MM = 0.75
_MIN_INK = 0.012  # share of the cell: a speck is less, the smallest written 1 is 0.02


@dataclass(frozen=True, slots=True)
class Digit:
    """One cell read: `value` 0 to 9 or None for an empty cell, and the probability of each digit."""

    value: int | None
    confidence: float
    probabilities: tuple[float, ...] = ()


def read_digits(patches: list[Grey]) -> list[Digit]:
    """Classify cells; each patch is the cell and MARGIN_MM around it, at PX_PER_MM."""
    glyphs = [isolate(patch) for patch in patches]
    written = [glyph for glyph in glyphs if glyph is not None]
    probabilities = iter(tell_apart(np.stack(written)) if written else ())
    return [Digit(None, 0.97) if glyph is None else _digit(next(probabilities)) for glyph in glyphs]


def _digit(row: Floats) -> Digit:
    best = int(np.argmax(row))
    return Digit(best, float(row[best]), tuple(float(p) for p in row))


def agreed(looks: Sequence[Digit], *, is_damaged: bool = False) -> Digit:
    """One cell cut out several times, each a little off: what the looks say together.

    A digit that a streak ran through is damaged: without its column an 8 looks like a clear 9.
    """
    written = [look for look in looks if look.probabilities]
    if 2 * len(written) <= len(looks):
        return Digit(None, 0.97 * (1 - len(written) / len(looks)))
    mean = np.mean([look.probabilities for look in written], axis=0)
    if is_damaged:
        mean = (mean + 1 / len(mean)) / 2
    return _digit(np.asarray(mean, dtype=np.float32))


def isolate(patch: Grey) -> Floats | None:
    """The writing of a cell, without its frame, centred in 28 x 28 with ink 0..1; None if there is none."""
    ink = 1.0 - patch.astype(np.float32) / 255.0
    ink[ink < 0.25] = 0.0
    kept = _own_parts(_without_frame(ink))
    margin = round(MARGIN_MM * PX_PER_MM)
    inner = kept[margin:-margin, margin:-margin]
    if float((inner > 0.4).mean()) < _MIN_INK:
        return None
    return _centred(kept)


def _without_frame(ink: Floats) -> Floats:
    """Whiten the four sides of the frame where they really lie, near where they should."""
    clean = ink.copy()
    height, width = ink.shape
    margin, reach = round(MARGIN_MM * PX_PER_MM), round(_FRAME_SEARCH_MM * PX_PER_MM)
    thick = max(2, round(_FRAME_MM * PX_PER_MM))
    rows = np.convolve((ink[:, margin:-margin] > 0.35).mean(axis=1), np.ones(thick), "same")
    columns = np.convolve((ink[margin:-margin, :] > 0.35).mean(axis=0), np.ones(thick), "same")
    for profile, is_row, expected in (
        (rows, True, margin),
        (rows, True, height - margin),
        (columns, False, margin),
        (columns, False, width - margin),
    ):
        low = max(0, expected - reach)
        at = low + int(np.argmax(profile[low : expected + reach + 1]))
        if profile[at] < 0.55:  # no line there: an open comb, or a faint one
            continue
        # the frame, and beyond it the neighbour's paper
        gone = slice(0, at + (thick + 1) // 2 + 1) if expected == margin else slice(max(0, at - thick // 2), None)
        clean[gone if is_row else slice(None), slice(None) if is_row else gone] = 0.0
    return clean


def _own_parts(ink: Floats) -> Floats:
    """Parts of the writing that reach into the cell's middle; specks and remains of frames drop out."""
    mask = (ink > 0.3).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = ink.shape
    middle = labels[int(height * 0.22) : int(height * 0.78), int(width * 0.22) : int(width * 0.78)]
    inside = set(np.unique(middle).tolist()) - {0}
    largest = max((int(stats[i, cv2.CC_STAT_AREA]) for i in range(1, count)), default=0)
    keep = [i for i in inside if int(stats[i, cv2.CC_STAT_AREA]) >= max(4, 0.06 * largest)]
    return np.where(np.isin(labels, keep), ink, 0.0).astype(np.float32)


def _centred(ink: Floats) -> Floats:
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.3), np.flatnonzero(ink.max(axis=0) > 0.3)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _INNER / max(cut.shape)
    mass_y, mass_x = (float((cut.sum(axis=axis) * np.arange(cut.shape[1 - axis])).sum() / cut.sum()) for axis in (1, 0))
    matrix = np.array(
        [[scale, 0, SIZE / 2 - scale * (mass_x + 0.5)], [0, scale, SIZE / 2 - scale * (mass_y + 0.5)]],
        dtype=np.float32,
    )
    blurred = cv2.GaussianBlur(cut, (0, 0), max(0.3, 0.45 / scale)) if scale < 1 else cut
    return np.asarray(cv2.warpAffine(blurred, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR), dtype=np.float32)


def patch_size(width_mm: float, height_mm: float) -> tuple[int, int]:
    """Pixels across and down of a cell's patch."""
    return round((width_mm + 2 * MARGIN_MM) * PX_PER_MM), round((height_mm + 2 * MARGIN_MM) * PX_PER_MM)


def to_patch(grey: Grey, corners: Floats, width_mm: float, height_mm: float) -> Grey:
    """Cut a cell out; `corners` (4 x 2 pixels, clockwise from the top left) are those of cell and margin."""
    width, height = patch_size(width_mm, height_mm)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return as_grey(cv2.warpPerspective(grey, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=255))
