"""The returned confirmation form: placed by its codes and marks, its boxes and combs read.

Owns when a form's answers stand by themselves. "No tick found" is never an answer: faint pens vanish in a
scanner's threshold. Two answers that exclude each other are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from config.form import FormSpec
from config.form import Rect as PaperRect
from config.vocabulary import AnswerId
from parsers.answers import WORDS_NEEDED, Seen, answer, box_doubts, without_disputed
from parsers.beside import look_beside
from parsers.booking import read_booking
from parsers.boxes import BoxLook, Rect, look_at_boxes
from parsers.codes import Symbol
from parsers.digits import MARGIN_MM, Digit, agreed, read_digits, to_patch
from parsers.options import ReadOptions
from parsers.raster import Grey, as_grey
from parsers.reading import Answer, Appointment, Box, Field
from parsers.register import Anchor, Placement, Points, corrected, placements
from parsers.rings import ring_shares
from parsers.streaks import without_streaks

_FRAMES_NEEDED, _FRAMES_ENOUGH, _FRAMES_TO_CORRECT = 0.7, 0.85, 0.25  # shares of the form's boxes
_CORRECTIONS = 4  # each reaches boxes further from those that were found before
_NEAR_MM = 0.3
_FRAME_MM = 0.9
_LOOKS_MM = ((0.0, 0.0), (0.25, 0.0), (-0.25, 0.0), (0.0, 0.25), (0.0, -0.25))
_UNDER_CELLS_MM = 1.0
_QR_QUIET_MM = 4.0
_PDF417_QUIET_MM = 7.75


@dataclass(frozen=True, slots=True)
class FormReading:
    """The answers of one form. `is_settled`: nothing more can be learnt from the page by recognising it as text."""

    answers: dict[AnswerId, Answer]
    appointment: Appointment | None
    fields: tuple[Field, ...]
    doubts: tuple[str, ...]

    @property
    def ticked(self) -> frozenset[AnswerId]:
        """Boxes taken as ticked."""
        return frozenset(box for box, answer in self.answers.items() if answer.value)

    @property
    def is_settled(self) -> bool:
        """Whether the boxes answer everything; a date in doubt does not become surer by the form's own print."""
        return not box_doubts(self.answers) and not self.ticked & WORDS_NEEDED


def read_form(
    grey: Grey, symbols: Sequence[Symbol], spec: FormSpec, page: int, options: ReadOptions
) -> FormReading | None:
    """The form on an upright, square page whose codes were read; None if its printed frames are not found."""
    clean = without_streaks(grey)
    found = _find(clean, [_anchor(symbol, spec) for symbol in symbols], spec)
    if found is None:
        return None
    placement, looks = found
    ids = [box.id for box in spec.boxes]
    rects = [_rect(box.rect) for box in spec.boxes]
    rings = ring_shares(clean, placement, [_rect(box.words) for box in spec.boxes], [look.offset_mm for look in looks])
    seen = {box: Seen(look, ring) for box, look, ring in zip(ids, looks, rings, strict=True)}
    answers = {box: answer(box, seen, _box(placement, rect, grey, page)) for box, rect in zip(ids, rects, strict=True)}
    answers = without_disputed(answers)
    placed = [(box.rect, look) for box, look in zip(spec.boxes, looks, strict=True)]
    combs = {comb.id: _comb(grey, clean, placement, comb.cells, placed) for comb in spec.combs}
    places = {comb.id: _box(placement, _hull(comb.cells), grey, page) for comb in spec.combs}
    written = look_beside(clean, placement, _free_paper(spec), _shift(spec.combs[0].cells, placed), options.written)
    beside = (written, _box(placement, written.rect, grey, page)) if written else None
    booking = read_booking(combs, answers, beside, places, options.written)
    return FormReading(answers, booking.appointment, booking.fields, (*box_doubts(answers), *booking.doubts))


def _find(grey: Grey, anchors: list[Anchor], spec: FormSpec) -> tuple[Placement, list[BoxLook]] | None:
    """The placement under which most printed frames are found; None if they are too few under every one."""
    squares = [mark.rect for mark in spec.marks]
    marks = np.array([[mark.x + mark.w / 2, mark.y + mark.h / 2] for mark in squares], dtype=np.float64)
    rects = [_rect(box.rect) for box in spec.boxes]
    best: tuple[Placement, list[BoxLook]] | None = None
    for guess in placements(grey, anchors, marks, squares[0].w):
        seen = _seen(grey, guess, rects)
        if best is None or _frames(seen[1]) > _frames(best[1]):
            best = seen
        if _frames(best[1]) >= _FRAMES_ENOUGH * len(rects):
            break
    return best if best and _frames(best[1]) >= _FRAMES_NEEDED * len(rects) else None


def _seen(grey: Grey, guess: Placement, rects: Sequence[Rect]) -> tuple[Placement, list[BoxLook]]:
    """The boxes under a placement; where only some frames are found, those correct it."""
    looks = look_at_boxes(grey, guess, rects, _FRAME_MM)
    for _ in range(_CORRECTIONS):
        if _frames(looks) < _FRAMES_TO_CORRECT * len(rects) or (
            _frames(looks) == len(rects) and _off(looks) < _NEAR_MM
        ):
            break
        middles = np.array(
            [[x + w / 2, y + h / 2] for (x, y, w, h), look in zip(rects, looks, strict=True) if look.has_frame]
        )
        offsets = np.array([look.offset_mm for look in looks if look.has_frame])
        better = corrected(guess, middles, middles + offsets)
        again = look_at_boxes(grey, better, rects, _FRAME_MM) if better else looks
        if better is None or (_frames(again), -_off(again)) <= (_frames(looks), -_off(looks)):
            break
        guess, looks = better, again
    return guess, looks


def _frames(looks: Sequence[BoxLook]) -> int:
    return sum(look.has_frame for look in looks)


def _off(looks: Sequence[BoxLook]) -> float:
    """How far, in mm, the frames that were found lie from where they should; lost lines move whole rows down."""
    return float(np.mean([np.hypot(*look.offset_mm) for look in looks if look.has_frame] or [0.0]))


def _rect(rect: PaperRect) -> Rect:
    return (rect.x, rect.y, rect.w, rect.h)


def _anchor(symbol: Symbol, spec: FormSpec) -> Anchor:
    """A symbol's place; of the flat PDF417 only the middle line, whose ends the decoder knows well."""
    pixels = symbol.corners.astype(np.float64)
    if symbol.is_qr:
        rect, quiet = spec.qr, _QR_QUIET_MM
        left, top, right, bottom = rect.x + quiet, rect.y + quiet, rect.right - quiet, rect.bottom - quiet
        return Anchor(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]), pixels)
    rect, quiet = spec.pdf417, _PDF417_QUIET_MM
    middle = rect.y + rect.h / 2
    ends = np.array([(pixels[0] + pixels[3]) / 2, (pixels[1] + pixels[2]) / 2])
    return Anchor(np.array([[rect.x + quiet, middle], [rect.right - quiet, middle]]), ends)


def _box(placement: Placement, rect: Rect, grey: Grey, page: int) -> Box:
    """Where a box stands on the page, as fractions."""
    x, y, w, h = rect
    corners = placement.to_pixels(np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]))
    height, width = grey.shape
    left, top = corners.min(axis=0) / (width, height)
    right, bottom = corners.max(axis=0) / (width, height)
    return Box(page, float(left), float(top), float(right - left), float(bottom - top))


def _hull(cells: Sequence[PaperRect]) -> Rect:
    first, last = cells[0], cells[-1]
    return (first.x, first.y, last.right - first.x, last.bottom - first.y)


def _comb(
    grey: Grey,
    clean: Grey,
    placement: Placement,
    cells: Sequence[PaperRect],
    looks: Sequence[tuple[PaperRect, BoxLook]],
) -> list[Digit]:
    """The cells' digits."""
    shift = _shift(cells, looks)
    is_streak = as_grey(255 - 255 * (grey != clean))
    rounds = [_cut_out(clean, placement, cells, shift + np.array(off)) for off in _LOOKS_MM]
    damaged = [bool((patch < 255).any()) for patch in _cut_out(is_streak, placement, cells, shift)]
    cut = zip(*(read_digits(patches) for patches in rounds), strict=True)
    return [agreed(seen, is_damaged=hurt) for seen, hurt in zip(cut, damaged, strict=True)]


def _shift(cells: Sequence[PaperRect], looks: Sequence[tuple[PaperRect, BoxLook]]) -> Points:
    """How far a comb's row was moved by lost lines, in mm: as far as the box beside or nearest to it."""
    middle = cells[0].y + cells[0].h / 2
    near = sorted(looks, key=lambda pair: abs(pair[0].y + pair[0].h / 2 - middle))
    return np.array(next((look.offset_mm for _, look in near if look.has_frame), (0.0, 0.0)))


def _free_paper(spec: FormSpec) -> Rect:
    """Under the cells as far as the next printed line: where a date is written by those who leave the cells empty."""
    line = spec.zone("booked_with")
    top = max(cell.bottom for comb in spec.combs for cell in comb.cells) + _UNDER_CELLS_MM
    return (line.x, top, spec.body.right - line.x, line.bottom - top)


def _cut_out(grey: Grey, placement: Placement, cells: Sequence[PaperRect], shift: Points) -> list[Grey]:
    corners = [placement.to_pixels(_around(cell) + shift).astype(np.float32) for cell in cells]
    return [to_patch(grey, pixels, cell.w, cell.h) for pixels, cell in zip(corners, cells, strict=True)]


def _around(cell: PaperRect) -> Points:
    left, top = cell.x - MARGIN_MM, cell.y - MARGIN_MM
    right, bottom = cell.x + cell.w + MARGIN_MM, cell.y + cell.h + MARGIN_MM
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)
