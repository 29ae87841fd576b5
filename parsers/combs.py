"""Dates and times written digit by digit, read with the calendar and the clock as constraints.

Every date that can be meant is weighed by what each cell looks like; a date that is not in the calendar, lies
before the form was sent or years ahead is not on the list. If the cells clearly say something that is not on the
list, the answer is doubtful, not bent until it fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import numpy as np

from parsers.digits import Digit

_AHEAD = timedelta(days=730)
_BEFORE = timedelta(days=45)  # an office may tell of a visit that has been
_WEEKEND = 0.05
_PAST = 0.1
_SOON = 60.0  # days: most bookings lie within two months, one a year ahead is a twentieth as likely as one tomorrow
_YEARS_OFF = timedelta(days=3 * 365)  # of a form about which nothing is known, as it is read by hand
_STRAY = 0.004  # how often somebody writes a date that cannot be meant
_EMPTY_ZERO = 0.5  # an empty first cell stands for a leading zero
_EMPTY_ONE = 0.01  # or a thin 1 was lost on the way
_OFFICE_HOURS = range(7, 19)


@dataclass(frozen=True, slots=True)
class Written:
    """What a comb says; `value` is None where it is empty (`confidence` high) or unreadable (low)."""

    value: date | time | None
    confidence: float
    digits: str = ""  # the cells as read, `_` for an empty one


def _logs(digits: Sequence[Digit], leading: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]] | None:
    """Log-probabilities, cells x 10; None if a cell that must be filled is empty."""
    rows: list[list[float]] = []
    for i, digit in enumerate(digits):
        if digit.probabilities:
            rows.append([max(p, 1e-4) for p in digit.probabilities])
        elif i in leading:
            rows.append([_EMPTY_ZERO, _EMPTY_ONE, *[1e-4] * 8])
        else:
            return None
    return np.log(np.array(rows, dtype=np.float64))


def _as_read(digits: Sequence[Digit]) -> str:
    return "".join("_" if digit.value is None else str(digit.value) for digit in digits)


def read_date(digits: Sequence[Digit], near: date | None, today: date) -> Written:
    """MMDDYY in six cells; `near` is when the form was sent or came back, if that is known.

    A sample or an old form read by hand may be of any time: then no day is likelier for lying ahead of `today`.
    """
    shown = _as_read(digits)
    if all(digit.value is None for digit in digits):
        return Written(None, min(digit.confidence for digit in digits), shown)
    logs = _logs(digits, leading=(0, 2))
    if logs is None:
        return Written(None, 0.2, shown)
    if near is None:
        days = [today - _YEARS_OFF + timedelta(days=i) for i in range(2 * _YEARS_OFF.days + 1)]
        weights = [_at_any_time(day, today) for day in days]
    else:
        days = [near - _BEFORE + timedelta(days=i) for i in range((_AHEAD + _BEFORE).days + 1)]
        weights = [_day_weight(day, near) for day in days]
    best, confidence = _best([f"{day:%m%d%y}" for day in days], weights, logs)
    return Written(days[best], confidence, shown)


def _day_weight(day: date, near: date) -> float:
    """How likely an office books that day, of those that can be meant."""
    plausible = _PAST if day < near else (1 + (day - near).days / _SOON) ** -1.5
    return plausible * (_WEEKEND if day.weekday() >= 5 else 1.0)


def _at_any_time(day: date, today: date) -> float:
    years_off = abs((day - today).days) // 365
    return (_WEEKEND if day.weekday() >= 5 else 1.0) / (1 + years_off)


def read_time(digits: Sequence[Digit], *, is_pm: bool | None) -> Written:
    """HHMM in four cells, with what the AM and PM boxes say (None: neither, or both)."""
    shown = _as_read(digits)
    if all(digit.value is None for digit in digits):
        return Written(None, min(digit.confidence for digit in digits), shown)
    logs = _logs(digits, leading=(0,))
    if logs is None:
        return Written(None, 0.2, shown)
    times = [(hour, minute) for hour in range(24) for minute in range(60)]
    weights = [_hour_weight(hour, is_pm=is_pm) * _minute_weight(minute) for hour, minute in times]
    best, confidence = _best([f"{hour:02d}{minute:02d}" for hour, minute in times], weights, logs)
    hour, minute = times[best]
    if 1 <= hour <= 12:
        if is_pm is None:
            is_pm = hour == 12 or hour <= 6
            confidence = min(confidence, 0.7)
        hour = hour % 12 + (12 if is_pm else 0)
    return Written(time(hour, minute), confidence, shown)


def _hour_weight(hour: int, *, is_pm: bool | None) -> float:
    if hour == 0:
        return 0.001  # nobody books for midnight: a 1 was lost
    if hour > 12 or is_pm is None:
        return 1.0 if hour <= 12 else 0.03
    of_day = hour % 12 + (12 if is_pm else 0)
    return 1.0 if of_day in _OFFICE_HOURS else 0.03


def _minute_weight(minute: int) -> float:
    if minute % 15 == 0:
        return 1.0
    return 0.4 if minute % 5 == 0 else 0.03


def _best(
    texts: Sequence[str], weights: Sequence[float], logs: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> tuple[int, float]:
    """The likeliest text and its share among all that can be meant and what the cells say by themselves."""
    codes = np.array([[int(char) for char in text] for text in texts])
    scores = logs[np.arange(logs.shape[0]), codes].sum(axis=1) + np.log(np.array(weights))
    peak = float(scores.max())
    total = float(np.exp(scores - peak).sum())
    stray = (
        0.0
        if "".join(str(d) for d in logs.argmax(axis=1)) in texts
        else _STRAY * float(np.exp(logs.max(axis=1).sum() - peak))
    )
    return int(np.argmax(scores)), 1.0 / (total + stray)
