"""A date written under its cells or on the line below them, in whatever form a hand gives it.

Owns finding that ink and reading what can be read of it. What is read here is never sure: free writing is for a person
to look at, and the reading says where on the page it stands.
"""

from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.appointments import find_appointment
from parsers.ocr.line_reader import read_line
from parsers.raster import Grey, as_grey
from parsers.reading import Appointment
from parsers.register import Placement, Points

Rect = tuple[float, float, float, float]
"""x, y, w, h in mm."""

MOST_SURE = 0.6
_PX_PER_MM = 8.0
_RULE_MM = 12.0  # the printed line runs on and on, no stroke of a word does
_STROKE_MM = 1.6  # dust is shorter
_WRITTEN_MM = 8.0  # strokes, all together; a check that reaches down from above is shorter
_APART_MM = 14.0  # what stands further from the rest is not of the same words
_PAD_MM = 1.0


@dataclass(frozen=True, slots=True)
class Beside:
    """Writing found beside the cells: where (mm), as read, and the appointment that it seems to name."""

    rect: Rect
    text: str
    appointment: Appointment | None


def look_beside(grey: Grey, placement: Placement, rect: Rect, shift: Points, written: date | None) -> Beside | None:
    """What is written in `rect`, which print leaves free but for a line; None if nothing is."""
    strip = _strip(grey, placement, rect, shift)
    ink = _writing(strip)
    if ink is None:
        return None
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    pad = round(_PAD_MM * _PX_PER_MM)
    top, bottom = max(0, int(rows[0]) - pad), min(strip.shape[0], int(rows[-1]) + pad + 1)
    left, right = max(0, int(columns[0]) - pad), min(strip.shape[1], int(columns[-1]) + pad + 1)
    line = read_line(as_grey(np.where(_near(ink), strip, 255)[top:bottom, left:right]))
    found = find_appointment(line.text, [line.text], written)
    if found is not None:
        found = Appointment(found.at, round(min(MOST_SURE, found.confidence, line.confidence), 3), found.has_time)
    at = rect[0] + left / _PX_PER_MM + float(shift[0]), rect[1] + top / _PX_PER_MM + float(shift[1])
    return Beside((*at, (right - left) / _PX_PER_MM, (bottom - top) / _PX_PER_MM), line.text, found)


def _strip(grey: Grey, placement: Placement, rect: Rect, shift: Points) -> Grey:
    scale = 1 / _PX_PER_MM
    left, top = rect[0] + float(shift[0]), rect[1] + float(shift[1])
    to_mm = np.array([[scale, 0, left + scale / 2], [0, scale, top + scale / 2], [0, 0, 1]])
    size = (round(rect[2] * _PX_PER_MM), round(rect[3] * _PX_PER_MM))
    return as_grey(
        cv2.warpPerspective(
            grey, placement.matrix @ to_mm, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=255
        )
    )


def _writing(strip: Grey) -> NDArray[np.bool_] | None:
    """The ink of strokes, without rules and dust, and only what stands together; None if it is too little."""
    ink = (strip < 140).astype(np.uint8)
    rule = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, round(_RULE_MM * _PX_PER_MM)), np.uint8))
    ink[cv2.dilate(rule, np.ones((5, 3), np.uint8)) > 0] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sizes = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) / _PX_PER_MM
    strokes = [part for part in range(1, count) if sizes[part] >= _STROKE_MM]
    if sum(float(sizes[part]) for part in strokes) < _WRITTEN_MM:
        return None
    strokes.sort(key=lambda part: int(stats[part, cv2.CC_STAT_LEFT]))
    groups: list[list[int]] = []
    end = -np.inf
    for part in strokes:
        left = int(stats[part, cv2.CC_STAT_LEFT])
        if left - end > _APART_MM * _PX_PER_MM:
            groups.append([])
        groups[-1].append(part)
        end = max(end, left + int(stats[part, cv2.CC_STAT_WIDTH]))
    largest = max(groups, key=lambda group: sum(float(sizes[part]) for part in group))
    if sum(float(sizes[part]) for part in largest) < _WRITTEN_MM:
        return None
    return np.asarray(np.isin(labels, largest), dtype=np.bool_)


def _near(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The writing and its soft edges, with the points of its letters and what parts its figures."""
    return np.asarray(cv2.dilate(ink.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0, dtype=np.bool_)
