"""Confirmation forms as offices fill them in: every kind of tick, corrections, dust, and real handwritten digits.

Owns what stands on the paper and the truth about it. What a scanner and a line make of it is `bench/form_lines.py`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from config.form import FormSpec, Rect, load_form
from config.vocabulary import AnswerId, CombId
from gateway.demo.office_hand import pages_of
from gateway.demo.paper.fax_channel import Grey
from gateway.demo.paper.pens import PER_MM, Pen, cross_out, stroke, tick, write_digit
from outbound.packet import draw_pdf
from outbound.sample import sample_content

Digits = list[NDArray[np.float32]]
"""For each digit 0 to 9, the hands it may be written in."""

KINDS = ("cross", "check", "slash", "scribble", "filled", "circle", "circled label", "long_check", "dot", "sweep")
_AROUND_MM = 16.0
_A = AnswerId
_HALVES = (_A.APPOINTMENT_AM, _A.APPOINTMENT_PM)
_YES = (_A.ACCEPTED_WAITING, _A.APPOINTMENT_BOOKED)
_NO = (_A.DECLINED_SPECIALTY, _A.DECLINED_CAPACITY, _A.DECLINED_INSURANCE, _A.DECLINED_OTHER, _A.WRONG_OFFICE)
_ALONE = (_A.ALREADY_SEEN, _A.NO_SHOW, _A.UNABLE_TO_REACH_PATIENT, _A.PATIENT_DECLINED, _A.NEED_INFORMATION)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with ink on it, and what the office meant."""

    page: Grey
    number: str
    came_back: date
    ticked: frozenset[AnswerId]
    kind: str
    booked_at: datetime | None = None  # written in the combs
    has_time: bool = True
    is_contradiction: bool = False
    is_corrected: bool = False
    beside_for: date | None = None  # written under the combs or on the line, not in the cells

    @property
    def is_free_hand(self) -> bool:
        """Whether the date stands beside the combs."""
        return self.beside_for is not None


@dataclass(frozen=True, slots=True)
class _Intent:
    ticked: frozenset[AnswerId]
    is_contradiction: bool = False


def fill_in(seed: int, digits: Digits) -> Filled:
    """One office's answer to one invented referral; the same seed gives the same page."""
    rng = np.random.default_rng(seed)
    content, form = sample_content(seed), load_form()
    page = _as_received(pages_of(draw_pdf(content)[0])[0].copy(), rng)
    intent, pen = _intent(rng), _pen(rng)
    kind = str(rng.choice(KINDS))
    came_back = content.built_at.date() + timedelta(days=int(rng.integers(0, 15)))
    ticked = set(intent.ticked)
    free_hand = _A.APPOINTMENT_BOOKED in ticked and not intent.is_contradiction and rng.random() < 0.05
    booked_at, has_time, beside_for = None, bool(rng.random() < 0.9), None
    if _A.APPOINTMENT_BOOKED in ticked and not free_hand:
        booked_at = _booked_at(came_back, rng)
        _write(page, form, booked_at, digits, pen, rng, has_time=has_time)
        if has_time:
            ticked.add(_HALVES[booked_at.hour >= 12])
    if free_hand:
        beside_for = _booked_at(came_back, np.random.default_rng((seed, 1))).date()
        _write_beside(page, form, beside_for, digits, pen, np.random.default_rng((seed, 2)))
    for answer in sorted(ticked):
        _mark(page, form.box(answer), kind, pen, rng)
    corrected = not intent.is_contradiction and rng.random() < 0.06
    if corrected:
        _correct(page, form, ticked, kind, pen, rng)
    _write_lines(page, form, ticked, pen, rng, has_date_there=bool(free_hand))
    _dust(page, form, rng)
    return Filled(
        page,
        content.number,
        came_back,
        frozenset(ticked),
        kind,
        booked_at,
        has_time,
        intent.is_contradiction,
        corrected,
        beside_for,
    )


def _as_received(page: Grey, rng: np.random.Generator) -> Grey:
    """The cover as it lay in the office's tray: half of them came by a line of their own."""
    draw = rng.random()
    if draw < 0.5:
        return page
    lines_an_inch = 196 if draw < 0.85 else 98
    size = (round(page.shape[1] * 204 / 300), round(page.shape[0] * lines_an_inch / 300))
    small = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    faxed = np.where(small < 128, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(faxed, page.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _intent(rng: np.random.Generator) -> _Intent:
    """What the office wants to say; one form in twenty-five says two things that exclude each other."""
    draw = rng.random()
    if draw < 0.04:
        return _Intent(frozenset({_pick(_YES, rng), _pick(_NO, rng)}), is_contradiction=True)
    if draw < 0.07:
        return _Intent(frozenset())
    received = {_A.RECEIVED} if rng.random() < 0.4 else set[AnswerId]()
    if draw < 0.6:
        return _Intent(frozenset({_A.APPOINTMENT_BOOKED} | received))
    if draw < 0.68:
        return _Intent(frozenset({_A.RECEIVED}))
    if draw < 0.76:
        return _Intent(frozenset({_A.ACCEPTED_WAITING} | received))
    return _Intent(frozenset({_pick(_NO if draw < 0.88 else _ALONE, rng)}))


def _pick(answers: tuple[AnswerId, ...], rng: np.random.Generator) -> AnswerId:
    return answers[int(rng.integers(len(answers)))]


def _pen(rng: np.random.Generator) -> Pen:
    """A pencil to a felt tip; one in twenty-five is faint or fine."""
    if rng.random() < 0.04:
        return Pen(float(rng.uniform(0.3, 0.45)), int(rng.integers(60, 105)))
    return Pen(float(rng.uniform(0.35, 1.1)), int(rng.integers(0, 75)))


def _booked_at(came_back: date, rng: np.random.Generator) -> datetime:
    """Three weeks ahead as often as not, a year at most; one in forty on a weekend, one in fifty just past."""
    days = int(np.clip(rng.lognormal(np.log(21), 0.9), 1, 400))
    day = came_back + timedelta(days=-int(rng.integers(1, 10)) if rng.random() < 0.02 else days)
    while day.weekday() >= 5 and rng.random() < 0.92:
        day += timedelta(days=1)
    minute = int(rng.choice((0, 0, 0, 30, 30, 15, 45, 20, 40, 10, 50)))
    return datetime.combine(day, time(int(rng.integers(8, 17)), minute))


def _write(
    page: Grey, form: FormSpec, at: datetime, digits: Digits, pen: Pen, rng: np.random.Generator, *, has_time: bool
) -> None:
    written = {CombId.APPOINTMENT_DATE: f"{at:%m%d%y}"}
    if has_time:
        written[CombId.APPOINTMENT_TIME] = f"{at:%I%M}"
    skips_zero = rng.random() < 0.08
    for comb in form.combs:
        for place, (cell, digit) in enumerate(zip(comb.cells, written.get(comb.id, ""), strict=False)):
            if skips_zero and digit == "0" and place in {0, 2} and comb.id is CombId.APPOINTMENT_DATE:
                continue
            hands = digits[int(digit)]
            sheet, rect = _around(page, cell)
            write_digit(sheet, rect, hands[int(rng.integers(len(hands)))], pen, rng)


def _write_beside(page: Grey, form: FormSpec, day: date, digits: Digits, pen: Pen, rng: np.random.Generator) -> None:
    """A date in figures on the line for names or just under the cells, parted by strokes, as free as a hand is."""
    line = form.zone("booked_with")
    size = float(rng.uniform(4.0, 6.5))
    x = line.x + float(rng.uniform(1, 30))
    bottom = line.bottom - float(rng.uniform(0.8, 2.5))
    mark = str(rng.choice(("/", "-")))
    year = f"{day:%Y}" if rng.random() < 0.3 else f"{day:%y}"
    for char in f"{day.month}{mark}{day.day}{mark}{year}":
        top = bottom - size + float(rng.normal(0, 0.2))
        if char == "/":
            stroke(page, np.array([[x + size * 0.1, bottom + 0.5], [x + size * 0.45, top - 0.3]]), pen, rng)
        elif char == "-":
            stroke(page, np.array([[x + size * 0.1, bottom - size / 2], [x + size * 0.5, bottom - size / 2]]), pen, rng)
        else:
            hands = digits[int(char)]
            sheet, cell = _around(page, Rect(x, top, size * 0.8, size))
            write_digit(sheet, cell, hands[int(rng.integers(len(hands)))], pen, rng)
        x += size * float(rng.uniform(0.55, 0.7) if char in "/-" else rng.uniform(0.75, 0.95))


def _around(page: Grey, rect: Rect) -> tuple[Grey, tuple[float, float, float, float]]:
    """A view of the page about a rectangle, and the rectangle in it: pens draw on small sheets much faster."""
    left, top = (max(0, round((value - _AROUND_MM) * PER_MM)) for value in (rect.x, rect.y))
    right, bottom = (round((value + _AROUND_MM) * PER_MM) for value in (rect.right, rect.bottom))
    view = page[top:bottom, left:right]
    return view, (rect.x - left / PER_MM, rect.y - top / PER_MM, rect.w, rect.h)


def _mark(page: Grey, rect: Rect, kind: str, pen: Pen, rng: np.random.Generator) -> None:
    if kind == "circled label":
        _circle_label(page, rect, pen, rng)
        return
    sheet, box = _around(page, rect)
    if kind == "sweep":
        _sweep(sheet, box, pen, rng)
    else:
        tick(sheet, box, kind, pen, rng)


def _sweep(sheet: Grey, box: tuple[float, float, float, float], pen: Pen, rng: np.random.Generator) -> None:
    """A tick or stroke that begins in the box and runs far out of it."""
    x, y, w, h = box
    low = (x + w * rng.uniform(0.3, 0.6), y + h * rng.uniform(0.6, 0.95))
    start = (x - w * rng.uniform(-0.2, 0.4), y + h * rng.uniform(0.2, 0.6))
    end = (x + w * rng.uniform(1.1, 2.2), y - h * rng.uniform(0.2, 1.0))
    stroke(sheet, np.array([start, low, end]), pen, rng)


def label_end_mm(page: Grey, rect: Rect) -> float:
    """Where the printed words to the right of a box end: the first white gap of four millimetres."""
    top, bottom = round((rect.y + 0.5) * PER_MM), round((rect.bottom - 0.5) * PER_MM)
    start = round((rect.right + 2.0) * PER_MM)
    has_ink = (page[top:bottom, start:] < 128).any(axis=0)
    gap = np.convolve(has_ink, np.ones(round(2.6 * PER_MM)), "valid")
    ends = np.flatnonzero(gap[round(2 * PER_MM) :] == 0)
    return (start + round(2 * PER_MM) + (int(ends[0]) if len(ends) else 0)) / PER_MM


def _circle_label(page: Grey, rect: Rect, pen: Pen, rng: np.random.Generator) -> None:
    """A ring round the printed words, sometimes round box and words together."""
    end = label_end_mm(page, rect)
    begin = rect.x if rng.random() < 0.3 else rect.right + 1.2
    middle = np.array([(begin + end) / 2 + rng.normal(0, 0.5), rect.y + rect.h / 2 + rng.normal(0, 0.4)])
    radii = np.array([(end - begin) / 2 + rng.uniform(0.5, 3.0), rect.h / 2 + rng.uniform(-0.2, 1.6)])
    angles = np.linspace(0, 2 * np.pi * rng.uniform(0.96, 1.12), 24) + rng.uniform(0, 6)
    wobble = rng.normal(1, 0.03, 24)[:, None]
    points = middle + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii * wobble
    stroke(page, points, pen, rng)


def _correct(page: Grey, form: FormSpec, ticked: set[AnswerId], kind: str, pen: Pen, rng: np.random.Generator) -> None:
    """Another box was ticked first, and is crossed out."""
    others = [box.id for box in form.boxes if box.id not in ticked and box.id not in _HALVES]
    wrong = form.box(others[int(rng.integers(len(others)))])
    sheet, box = _around(page, wrong)
    tick(sheet, box, kind if kind in {"cross", "check", "slash", "scribble", "filled"} else "cross", pen, rng)
    cross_out(sheet, box, pen, rng)


def _write_lines(
    page: Grey, form: FormSpec, ticked: set[AnswerId], pen: Pen, rng: np.random.Generator, *, has_date_there: bool
) -> None:
    """Words by hand on the lines: loops that mean nothing and end where a hurried hand ends."""
    lines = {"signer_name": 0.8, "signer_phone": 0.4, "signer_date": 0.5, "booked_with": 0.3}
    lines["expected_wait"] = 0.8 if _A.ACCEPTED_WAITING in ticked else 0.0
    lines["decline_reason"] = 0.9 if _A.DECLINED_OTHER in ticked else 0.0
    lines["missing_items"] = 0.9 if _A.NEED_INFORMATION in ticked else 0.0
    for name, share in lines.items():
        if rng.random() < share and not (has_date_there and name == "booked_with"):
            _scrawl(page, form.zone(name), pen, rng)


def _scrawl(page: Grey, zone: Rect, pen: Pen, rng: np.random.Generator) -> None:
    count = int(zone.w * rng.uniform(0.3, 0.85) / 1.3)
    xs = zone.x + 2 + np.arange(count) * 1.3 + rng.normal(0, 0.4, count)
    ys = zone.bottom - 1.5 - rng.uniform(0.0, 4.2, count)
    if count > 2:
        stroke(page, np.stack([xs, ys], axis=1), pen, rng)


def _dust(page: Grey, form: FormSpec, rng: np.random.Generator) -> None:
    """Specks on the paper or the glass, some of them in boxes that nobody ticked."""
    for _ in range(int(rng.poisson(25))):
        _speck(page, rng.uniform(0, form.page_mm[0]), rng.uniform(0, form.page_mm[1]), rng)
    for box in form.boxes:
        for _ in range(int(rng.random() < 0.12) * int(rng.integers(1, 3))):
            x, y = box.rect.x + rng.uniform(1, 5), box.rect.y + rng.uniform(1, 5)
            _speck(page, x, y, rng)


def _speck(page: Grey, x: float, y: float, rng: np.random.Generator) -> None:
    centre = (round(x * PER_MM), round(y * PER_MM))
    radius = max(1, round(rng.uniform(0.1, 0.35) * PER_MM))
    cv2.circle(page, centre, radius, int(rng.integers(0, 110)), -1)
