"""Rings round a form's printed words: some hands circle the answer instead of ticking its box.

Owns telling a ring from print, underlines and the neighbour's ring: one stroke must run above and below the words,
along most of their length.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.raster import Grey
from parsers.register import Placement

Rect = tuple[float, float, float, float]
"""x, y, w, h in mm."""

_PX_PER_MM = 6.0
_LEFT_MM, _RIGHT_MM, _BEYOND_MM = (
    9.0,
    48.0,
    5.0,
)  # how far round the words a ring may run; the longest note beside them is 43
_OFF_THE_CAPITALS_MM, _OFF_THE_BASELINE_MM = 0.3, 0.5
_JOIN_MM = 0.5  # a streak taken out of a ring leaves a gap
_DESCENDERS_MM = 0.9


def ring_shares(
    grey: Grey, placement: Placement, words: Sequence[Rect], offsets: Sequence[tuple[float, float]]
) -> list[float]:
    """For each printed answer, the share of its length with one and the same stroke above and below it.

    `offsets` (mm) are where the boxes beside them really lie.
    """
    return [_share(_patch(grey, placement, rect, offset), rect) for rect, offset in zip(words, offsets, strict=True)]


def _patch(grey: Grey, placement: Placement, rect: Rect, offset: tuple[float, float]) -> NDArray[np.bool_]:
    x, y, w, h = rect
    left, top = x + offset[0] - _LEFT_MM, y + offset[1] - _BEYOND_MM
    scale = 1 / _PX_PER_MM
    to_mm = np.array([[scale, 0, left + scale / 2], [0, scale, top + scale / 2], [0, 0, 1]])
    size = (round((w + _LEFT_MM + _RIGHT_MM) * _PX_PER_MM), round((h + 2 * _BEYOND_MM) * _PX_PER_MM))
    pixels = cv2.warpPerspective(
        grey, placement.matrix @ to_mm, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=255
    )
    return np.asarray(pixels < 150, dtype=np.bool_)


def _share(ink: NDArray[np.bool_], rect: Rect) -> float:
    capitals = round((_BEYOND_MM - _OFF_THE_CAPITALS_MM) * _PX_PER_MM)
    baseline = round((_BEYOND_MM + rect[3] - _DESCENDERS_MM + _OFF_THE_BASELINE_MM) * _PX_PER_MM)
    gap = np.ones((1, round(_JOIN_MM * _PX_PER_MM) | 1), dtype=np.uint8)
    joined = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, gap)
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    across = slice(round(_LEFT_MM * _PX_PER_MM), round((_LEFT_MM + rect[2]) * _PX_PER_MM))
    above, below = labels[:capitals, across], labels[baseline:, across]
    best = 0.0
    for part in set(np.unique(above)) & set(np.unique(below)) - {0}:
        over, under = (above == part).any(axis=0), (below == part).any(axis=0)
        best = max(best, float(min(over.mean(), under.mean())))
    return best if count > 1 else 0.0
