"""The returned confirmation form: placed by its codes and marks, its boxes and combs read.

Owns when a form's answers stand by themselves. "No tick found" is never an answer: faint pens vanish in a
scanner's threshold. Two answers that exclude each other are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

import numpy as np

from config.form import FormSpec
from config.form import Rect as PaperRect
from config.vocabulary import AnswerId, CombId
from parsers.answers import SURE, WORDS_NEEDED, Seen, answer, box_doubts
from parsers.boxes import BoxLook, Rect, look_at_boxes
from parsers.codes import Symbol
from parsers.combs import Written, read_date, read_time
from parsers.digits import MARGIN_MM, Digit, agreed, read_digits, to_patch
from parsers.options import ReadOptions
from parsers.raster import Grey, as_grey, without_streaks
from parsers.reading import Answer, Appointment, Box, Field, Origin
from parsers.register import Anchor, Placement, Points, corrected, placements
from parsers.rings import ring_shares

_FRAMES_NEEDED, _FRAMES_ENOUGH, _FRAMES_TO_CORRECT = 0.7, 0.85, 0.4  # shares of the form's boxes
_FRAME_MM = 0.9
_LOOKS_MM = ((0.0, 0.0), (0.25, 0.0), (-0.25, 0.0), (0.0, 0.25), (0.0, -0.25))
_SURE_DATE = 0.96  # 170 dates of hands not trained on: two wrong between 0.9 and this, both calendar-valid
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
    placed = [(box.rect, look) for box, look in zip(spec.boxes, looks, strict=True)]
    combs = {comb.id: _comb(grey, clean, placement, comb.cells, placed) for comb in spec.combs}
    appointment, written, comb_doubts = _appointment(combs, answers, options)
    places = {comb.id: _box(placement, _hull(comb.cells), grey, page) for comb in spec.combs}
    fields = tuple(replace(field, box=places[comb]) for comb, field in written)
    doubts = (*box_doubts(answers), *comb_doubts)
    return FormReading(answers, appointment, fields, doubts)


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
    if not _FRAMES_TO_CORRECT * len(rects) <= _frames(looks) < _FRAMES_ENOUGH * len(rects):
        return guess, looks
    middles = np.array(
        [[x + w / 2, y + h / 2] for (x, y, w, h), look in zip(rects, looks, strict=True) if look.has_frame]
    )
    offsets = np.array([look.offset_mm for look in looks if look.has_frame])
    better = corrected(guess, middles, middles + offsets)
    again = look_at_boxes(grey, better, rects, _FRAME_MM) if better else looks
    return (better, again) if better and _frames(again) > _frames(looks) else (guess, looks)


def _frames(looks: Sequence[BoxLook]) -> int:
    return sum(look.has_frame for look in looks)


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
    """The cells' digits; boxes beside or nearest to the comb tell how far its row was moved by lost lines."""
    middle = cells[0].y + cells[0].h / 2
    near = sorted(looks, key=lambda pair: abs(pair[0].y + pair[0].h / 2 - middle))
    shift = np.array(next((look.offset_mm for _, look in near if look.has_frame), (0.0, 0.0)))
    is_streak = as_grey(255 - 255 * (grey != clean))
    rounds = [_cut_out(clean, placement, cells, shift + np.array(off)) for off in _LOOKS_MM]
    damaged = [bool((patch < 255).any()) for patch in _cut_out(is_streak, placement, cells, shift)]
    cut = zip(*(read_digits(patches) for patches in rounds), strict=True)
    return [agreed(seen, is_damaged=hurt) for seen, hurt in zip(cut, damaged, strict=True)]


def _cut_out(grey: Grey, placement: Placement, cells: Sequence[PaperRect], shift: Points) -> list[Grey]:
    corners = [placement.to_pixels(_around(cell) + shift).astype(np.float32) for cell in cells]
    return [to_patch(grey, pixels, cell.w, cell.h) for pixels, cell in zip(corners, cells, strict=True)]


def _around(cell: PaperRect) -> Points:
    left, top = cell.x - MARGIN_MM, cell.y - MARGIN_MM
    right, bottom = cell.x + cell.w + MARGIN_MM, cell.y + cell.h + MARGIN_MM
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)


def _appointment(
    combs: dict[CombId, list[Digit]], answers: dict[AnswerId, Answer], options: ReadOptions
) -> tuple[Appointment | None, tuple[tuple[CombId, Field], ...], tuple[str, ...]]:
    """The date and time that are meant, what each comb shows, and why a person must look."""
    today = date.today()  # noqa: DTZ011 - only for forms read by hand, of which nothing is known
    day = read_date(combs[CombId.APPOINTMENT_DATE], options.form_sent or options.written, today)
    clock = read_time(combs[CombId.APPOINTMENT_TIME], is_pm=_is_pm(answers))
    fields = tuple(
        (comb, Field(name, written.digits, round(written.confidence, 3), Origin.FORM))
        for comb, name, written in (
            (CombId.APPOINTMENT_DATE, "comb_date", day),
            (CombId.APPOINTMENT_TIME, "comb_time", clock),
        )
        if written.digits.strip("_")
    )
    appointment = _joined(day, clock)
    booked = answers[AnswerId.APPOINTMENT_BOOKED]
    doubts: list[str] = []
    if booked.value and (appointment is None or appointment.confidence < SURE):
        doubts.append("an appointment is booked, but its date is not surely read")
    if appointment is not None and not booked.value:
        doubts.append("an appointment date is written, but its box is not ticked")
    return appointment, fields, tuple(doubts)


def _is_pm(answers: dict[AnswerId, Answer]) -> bool | None:
    morning, afternoon = answers[AnswerId.APPOINTMENT_AM], answers[AnswerId.APPOINTMENT_PM]
    if morning.value == afternoon.value:
        return None
    return afternoon.value


def _joined(day: Written, clock: Written) -> Appointment | None:
    if not isinstance(day.value, date):
        return None
    if isinstance(clock.value, time):
        return Appointment(datetime.combine(day.value, clock.value), _believed(min(day.confidence, clock.confidence)))
    midnight = datetime.combine(day.value, time())
    has_unread_time = bool(clock.digits.strip("_"))
    return Appointment(midnight, _believed(min(day.confidence, 0.5 if has_unread_time else 1.0)), has_time=False)


def _believed(confidence: float) -> float:
    """A date must be surer than a tick: below `_SURE_DATE` it stays under what is taken without a person."""
    return round(confidence if confidence >= _SURE_DATE else min(confidence, SURE - 0.01), 3)
