"""When the patient is booked, out of running text or a labelled line.

Owns times of day and the words that tell an appointment from other dates. Relative days are counted from the day the
text was written; an appointment lies on or after it unless a label and a full date say otherwise.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from parsers.changed_appointments import is_unsettled, without_withdrawn
from parsers.dates import find_dates, find_days
from parsers.reading import Appointment
from parsers.relative_days import WEEKDAY, WEEKDAYS, find_relative_days

_TIME = re.compile(
    r"(?:(?P<h>\d{1,2})\s?[:.]\s?(?P<m>[0-5]\d)\s*(?P<half>[ap]\.?\s?m?\b\.?)?"
    r"|(?P<h2>\d{1,2})\s*(?P<half2>[ap]\.?\s?m\b\.?|[ap]\b|o'?clock)"
    r"|(?P<noon>noon|midday)"
    r"|(?:at|@)\s*(?P<h3>\d{1,2})(?![\d/\-:.]|\s*(?:weeks|days|months|st|nd|rd|th|[ap]\.?\s?m?\b|o'?c)"
    r"|\s+(?:\w+\s+){1,2}(?:st|street|ave|avenue|rd|road|drive|blvd|way|lane|ln|suite|floor)\b)"
    r"|(?:at|@)\s*(?P<hm>[012]\d[0-5]\d)(?:\s*(?:hrs|hours|h))?\b)",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"[(\[]?\b(?:d\.?\s?[o0]\.?\s?b\.?|born(?: on)?|birth\s?date"
    r"|date of birth)\W{0,3}[\w'./\-]{6,12}(?: \d{1,2}, \d{4})?[)\]]?",
    re.IGNORECASE,
)
_MILITARY = re.compile(r"[\s,@]{1,3}(0[6-9]|1\d|2[0-3])([0-5]\d)(?:\s*(?:hrs|hours|h))?(?![\d\-/])")
_FOR = re.compile(
    r"app(?:ointmen)?ts?\b|appointment|schedul|booked|booking|set up|come in|coming in|will (?:be )?see"
    r"|be seen|see (?:him|her"
    r"|you|them|pt|the patient)|slot|visit (?:is )?(?:on|for)|on the (?:books|calendar)|put (?:him|her"
    r"|them) (?:in|down)"
    r"|got (?:him|her|them) in|new patient visit|arriv|date ?/ ?time|consult(?:ation)? (?:is )?(?:on|for)"
    r"|can see|in on\b|\b(?:move|moved|changed?|bumped|pushed|switched)\b.{0,25}\bto\b|visit is now|will come",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"\bborn|\bd\.?\s?o\.?\s?b|birth|was seen|seen on|last (?:seen|visit)|date of (?:service|visit|exam"
    r"|study)|dictated|printed"
    r"|transcribed|respond by|reply by|referral (?:dated|of|from)|faxed|received|cancel|missed|no[- ]show"
    r"|did not|didn't"
    r"|sent on|dated|signed|collected|reported|failed to|previous|prior|expires|valid|admitted|discharged"
    r"|rx|refill|onset",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"app(?:ointmen)?t\.?(?: date)?(?: ?(?:/|and|&) ?time)?\s*[:#\-]\s*$|scheduled (?:for|on)\s*:?\s*$", re.IGNORECASE
)
_NEAR = timedelta(days=240)
_LAST_YEAR = 9000  # days ahead of it do not fit a date
_FIRST_HOUR = 7
"""A bare `2:30` is in the afternoon and a bare `9` in the morning: offices book between 7 and 7."""


@dataclass(frozen=True, slots=True)
class _Day:
    start: int
    end: int
    value: date
    confidence: float
    is_full: bool = False  # written with its year


def _next_on(written: date, month: int, day: int) -> date | None:
    for year in (written.year, written.year + 1, written.year + 2, written.year + 3, written.year + 4):
        try:
            value = date(year, month, day)
        except ValueError:
            continue
        if value >= written:
            return value
    return None


def _weekday_before(text: str, start: int) -> int | None:
    match = re.search(rf"\b{WEEKDAY},?\s*(?:the\s+)?$", text[max(0, start - 16) : start], re.IGNORECASE)
    return WEEKDAYS.index(match["weekday"].lower()) if match else None


def _days(text: str, written: date | None) -> Iterator[_Day]:
    """Every day the text names that an appointment could be on."""
    taken: list[tuple[int, int]] = []
    for found in find_dates(text):
        weekday = _weekday_before(text, found.start)
        agrees = weekday is None or weekday == found.value.weekday()
        taken.append((found.start - 16, found.end))
        yield _Day(found.start, found.end, found.value, found.confidence if agrees else 0.5, is_full=True)
    if written is None:
        return
    for day in find_days(text):
        if any(day.start < end and start + 16 < day.end for start, end in taken):
            continue
        if value := _next_on(written, day.month, day.day):
            weekday = _weekday_before(text, day.start)
            taken.append((day.start - 16, day.end))
            yield _Day(day.start, day.end, value, _without_year(value, written, weekday))
    for named in find_relative_days(text, written):
        if not any(named.start < end and start < named.end for start, end in taken):
            yield _Day(named.start, named.end, named.value, named.confidence)


def _without_year(value: date, written: date, weekday: int | None) -> float:
    """How sure a month and day is: a weekday that agrees settles the year, and so does a day that is near."""
    if weekday is not None:
        return 0.96 if weekday == value.weekday() else 0.5
    return 0.95 if value - written <= _NEAR else 0.85


def _clock(match: re.Match[str]) -> tuple[time, float] | None:
    if match["noon"]:
        return time(12), 0.95
    if match["hm"]:
        hour, minute = int(match["hm"][:2]), int(match["hm"][2:])
    else:
        hour, minute = int(match["h"] or match["h2"] or match["h3"]), int(match["m"] or 0)
    half = (match["half"] or match["half2"] or "").lower()[:1]
    if half in {"a", "p"}:
        if not 1 <= hour <= 12:
            return None
        return time(hour % 12 + (12 if half == "p" else 0), minute), 0.97
    if hour > 23:
        return None
    if hour > 12 or match["hm"]:
        return time(hour, minute), 0.95
    is_plain = hour >= 8 or 1 <= hour <= 5  # at 6 and 7 an office may be opening or closing
    return time(hour + 12 if 0 < hour < _FIRST_HOUR else hour, minute), (0.95 if match["m"] else 0.94) * (
        1.0 if is_plain else 0.8
    )


def _time_near(text: str, day: _Day) -> tuple[time, float] | None:
    """The time that goes with a day: behind it, else just before it."""
    behind = text[day.end : day.end + 60].split("\n", maxsplit=1)[0]
    if found := _MILITARY.match(behind):
        return time(int(found[1]), int(found[2])), 0.95
    if (found := _TIME.search(behind)) and (clock := _clock(found)):
        return clock
    before = text[max(0, day.start - 34) : day.start].rsplit("\n", maxsplit=1)[-1]
    for match in reversed(list(_TIME.finditer(before))):
        if clock := _clock(match):
            return clock
    return None


def _weight(text: str, day: _Day, *, has_time: bool) -> float:
    """How much the words around a day speak for an appointment."""
    before = re.split(r"\n|(?<=[a-z]{3})[.;]\s", text[max(0, day.start - 110) : day.start])[-1]
    after = re.split(r"\n|(?<=[a-z\d])[.;]\s", text[day.end : day.end + 50])[0]
    weight = 1.0 if has_time else 0.0
    weight += 2.0 if _FOR.search(before) else 0.0
    weight += 0.8 if _FOR.search(after) else 0.0
    weight += 1.5 if _LABEL.search(before) else 0.0
    weight -= 3.0 if _AGAINST.search(before[-45:]) else 0.0
    return weight


def _best(text: str, written: date | None, bonus: float) -> tuple[float, Appointment] | None:
    best: tuple[float, Appointment] | None = None
    for day in _days(text, written):
        clock = _time_near(text, day)
        weight = _weight(text, day, has_time=clock is not None) + bonus
        is_past = written is not None and day.value < written
        if weight < (3.0 if is_past else 1.8):
            continue
        confidence = day.confidence * min(1.0, 0.61 + weight * 0.13) * (0.5 if is_past else 1.0)
        confidence *= 0.6 if is_unsettled(text, day.start, day.end) else 1.0
        at = datetime.combine(day.value, clock[0] if clock else time())
        one = Appointment(at, round(confidence * (clock[1] if clock else 1.0), 3), has_time=clock is not None)
        rank = weight - (2.0 if is_past else 0.0) - (0.0 if day.is_full else 0.2)
        if best is None or rank > best[0]:
            best = rank, one
    return best


def find_appointment(text: str, labelled: list[str], written: date | None) -> Appointment | None:
    """The appointment a text tells of.

    Args:
        text: running text, one paragraph a line.
        labelled: values that stand behind an appointment label.
        written: the day the text was written; without it only dates with a year count.
    """
    if written and written.year > _LAST_YEAR:
        written = None
    text = _BIRTH.sub(lambda match: " " * len(match[0]), text)
    text = without_withdrawn(text)
    found = [one for value in labelled if (one := _best(without_withdrawn(value), written, 2.5))]
    if one := _best(text, written, 0.0):
        found.append(one)
    if not found:
        return None
    found.sort(key=lambda one: -one[0])
    best = found[0][1]
    if not best.has_time:
        same = next((one for _, one in found if one.has_time and one.at.date() == best.at.date()), None)
        best = same or best
    others = {one.at.date() for _, one in found if one.at.date() != best.at.date()}
    return replace(best, confidence=round(best.confidence * 0.8, 3)) if others else best
