"""Thin lines that dirt on a scanner's glass draws down a whole page, taken out before a form is read.

Owns telling them from print and from hands: they are thinner than any frame, straight, nearly upright, and far longer
than anything on a form. A page that was faxed on, or photographed, carries those of its first scanner askew.
"""

import numpy as np
from numpy.typing import NDArray

from parsers.raster import DPI, Grey

_SHARE, _SHARE_ASKEW = 0.3, 0.4  # of the page's height; frames that stand above one another reach 0.2
_WIDEST_MM = 0.6  # a lid's shadow and a cut margin are wider, and are no streaks
_ASKEW_MM = 0.45  # thinner than a frame: an upright frame of boxes must not be taken out with the streak
_STEEPEST = 0.15  # columns a row; eight degrees
_MOST = 8  # a page of more is not dirty but ruled
_SAMPLED = 280  # rows looked at for lines askew

Mask = NDArray[np.bool_]


def without_streaks(grey: Grey) -> Grey:
    """The page without them; the same array if there are none."""
    ink = grey < 128
    gone = _upright(ink)
    gone |= _askew(ink & ~gone)
    if not gone.any():
        return grey
    return np.where(gone, 255, grey).astype(np.uint8)


def _upright(ink: Mask) -> Mask:
    """Lines in the scanner's own columns, however the paper lay."""
    gone = np.zeros_like(ink)
    tall = np.flatnonzero(np.diff(np.concatenate(([0], (ink.mean(axis=0) > _SHARE).astype(np.int8), [0]))))
    widest = round(_WIDEST_MM * DPI / 25.4)
    thin = [(int(first), int(end)) for first, end in tall.reshape(-1, 2) if end - first <= widest]
    if len(thin) <= _MOST:
        for first, end in thin:
            left, right = max(0, first - 1), min(ink.shape[1], end + 1)
            is_crossed = ink[:, max(0, left - 1)] & ink[:, min(ink.shape[1] - 1, right)]  # by a stroke or a frame
            gone[~is_crossed, left:right] = True
    return gone


def _askew(ink: Mask) -> Mask:
    """Lines that run through the page at a small angle."""
    gone = np.zeros_like(ink)
    height, width = ink.shape
    step = max(1, height // _SAMPLED)
    rows, columns = np.nonzero(_thin(ink[::step]))
    if not rows.size:
        return gone
    slopes = np.arange(-_STEEPEST, _STEEPEST, 2 / height)
    middles = rows * step - height / 2
    needed = _SHARE_ASKEW * len(range(0, height, step))
    found: list[tuple[int, float, int]] = []
    for slope in slopes:
        hits = np.bincount(np.clip(columns - middles * slope, 0, width - 1).astype(int), minlength=width)
        pair = hits + np.concatenate((hits[1:], [0]))
        at = int(np.argmax(pair))
        if pair[at] >= needed:
            found.append((int(pair[at]), float(slope), at))
    for _, slope, at in _apart(sorted(found, reverse=True)):
        _take_out(ink, gone, slope, at)
    return gone


def _apart(found: list[tuple[int, float, int]]) -> list[tuple[int, float, int]]:
    """The best line of each bundle: neighbours in slope see the same one."""
    kept: list[tuple[int, float, int]] = []
    for one in found:
        if all(abs(one[2] - other[2]) > 12 for other in kept):
            kept.append(one)
    return kept if len(kept) <= _MOST else []


def _thin(ink: Mask) -> Mask:
    """Ink in runs along a row that are no wider than a streak."""
    thin = np.zeros_like(ink)
    widest = round(_ASKEW_MM * DPI / 25.4)
    edges = np.diff(np.pad(ink.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    is_thin = ends[:, 1] - starts[:, 1] <= widest
    thin[starts[is_thin, 0], (starts[is_thin, 1] + ends[is_thin, 1]) // 2] = True
    return thin


def _take_out(ink: Mask, gone: Mask, slope: float, at: int) -> None:
    """Whiten what the line drew; where it runs through a stroke or a frame, those stay whole."""
    height, width = ink.shape
    reach = round(_ASKEW_MM * DPI / 25.4 / 2) + 1
    for row in range(height):
        middle = at + 0.5 + (row - height / 2) * slope
        left, right = max(0, round(middle) - reach), min(width, round(middle) + reach + 1)
        if right > left and not (ink[row, left] and ink[row, right - 1]):
            gone[row, left:right] |= ink[row, left:right]
