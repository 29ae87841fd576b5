"""Days named from the day of writing: `tomorrow`, `next Tuesday`, `a week from Monday`, `Thursday the 12th`.

Owns what such words can mean and how sure that is. Where two readings are common (`next Friday`, said on a Monday)
the likelier one is returned with a confidence that asks for a person.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENDS = r"(?:s|rs|r|sday|nesday|nsday|rsday|ursday|urday|day|urs)?"
WEEKDAY = rf"(?P<weekday>mon|tue|wed|thu|fri|sat|sun){_ENDS}\b\.?"
_ANY_DAY = rf"(?:mon|tue|wed|thu|fri|sat|sun){_ENDS}\b\.?"
_COUNT = r"(?:a|an|one|two|three|four|five|six|seven|eight|ten|twelve|\d{1,2})"
_COUNTED = re.compile(
    rf"\b(?P<count>{_COUNT})\s+(?P<unit>day|week|wk|month)s?\s+(?:from|after)\s+"
    rf"(?P<from>today|now|tomorrow|this\s+{_ANY_DAY}|next\s+{_ANY_DAY}|{_ANY_DAY})(?!\w)"
    rf"|\bin\s+(?P<in_count>{_COUNT})\s+(?P<in_unit>day|week|wk"
    rf"|month)s?(?:'\s*time)?(?:,?\s+on\s+(?P<in_day>{_ANY_DAY}))?"
    rf"|\b(?P<week_day>{_ANY_DAY})\s+week\b(?!\s+of)"
    rf"|\b(?P<after_next>{_ANY_DAY})\s+after\s+next\b"
    rf"|\bnext\s+week,?\s+(?:on\s+)?(?P<next_week>{_ANY_DAY})(?!\w)"
    rf"|\b(?P<of_next_week>{_ANY_DAY})\s+(?:of\s+)?next\s+week\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\b(?:{WEEKDAY},?\s+(?:the\s+)?(?P<of_month>\d{{1,2}})(?:st|nd|rd|th)\b"
    r"|the\s+(?P<alone>\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:of\s+)?(?:floor|street|st\b|ave))"
    rf"|(?:(?P<which>next|this coming|this|coming)\s+)?\b{WEEKDAY.replace('weekday', 'plain')}"
    r"|(?P<relative>day after tomorrow|tomorrow|tmrw|tmw|today))(?!\w)",
    re.IGNORECASE,
)
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "ten": 10, "twelve": 12,
}  # fmt: skip
_SURE, _LIKELY, _ASK = 0.96, 0.8, 0.6
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """Where the words stand, the day they mean, and how sure that is."""

    start: int
    end: int
    value: date
    confidence: float


def find_relative_days(text: str, written: date) -> Iterator[RelativeDay]:
    """Every day so named, none overlapping another; `written` is the day from which they count."""
    taken: list[tuple[int, int]] = []
    for pattern, meaning in ((_COUNTED, _counted), (_NAMED, _named)):
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            if meant := meaning(match, written):
                yield RelativeDay(*match.span(), *meant)


def _index(word: str) -> int:
    return WEEKDAYS.index(re.sub(r"(?i)^(?:this|next)\s+", "", word)[:3].lower())


def _next(written: date, weekday: int) -> date:
    """The next such weekday after the day of writing, never that day itself."""
    return written + timedelta(days=(weekday - written.weekday() - 1) % 7 + 1)


def _monday_after(written: date) -> date:
    return written + timedelta(days=7 - written.weekday())


def _ahead(start: date, count: str, unit: str) -> date:
    number = _COUNTS.get(count.lower()) or int(count)
    days = {"d": 1, "w": 7, "m": 30}[unit[0].lower()]
    return start + timedelta(days=number * days)


def _counted(match: re.Match[str], written: date) -> tuple[date, float] | None:
    if match["count"]:
        start = _start(match["from"].lower(), written)
        is_rough = match["unit"].lower() == "month" or match["from"].lower().startswith("next")
        return _ahead(start, match["count"], match["unit"]), 0.4 if is_rough else _SURE
    if match["in_count"]:
        value = _ahead(written, match["in_count"], match["in_unit"])
        if not match["in_day"]:
            return value, 0.4
        monday = value - timedelta(days=value.weekday())
        return monday + timedelta(days=_index(match["in_day"])), _ASK
    if word := match["next_week"] or match["of_next_week"]:
        return _monday_after(written) + timedelta(days=_index(word)), _SURE
    if match["week_day"]:
        return _next(written, _index(match["week_day"])) + timedelta(days=7), _LIKELY
    return _next(written, _index(match["after_next"])) + timedelta(days=7), _ASK


def _start(word: str, written: date) -> date:
    if word in {"today", "now"}:
        return written
    if word == "tomorrow":
        return written + timedelta(days=1)
    return _next(written, _index(word))


def _named(match: re.Match[str], written: date) -> tuple[date, float] | None:
    if relative := match["relative"]:
        ahead = {"today": 0, "day after tomorrow": 2}.get(relative.lower(), 1)
        value = written + timedelta(days=ahead)
        return value, _ASK if value.weekday() == _SUNDAY else _SURE
    if match["of_month"]:
        return _day_of_month(written, int(match["of_month"]), _index(match["weekday"]))
    if match["alone"]:
        return _day_of_month(written, int(match["alone"]), None)
    return _weekday(written, _index(match["plain"]), (match["which"] or "").lower())


def _weekday(written: date, weekday: int, which: str) -> tuple[date, float]:
    """`Tuesday` is the next one; `next Tuesday` that of next week, and surely so only if this week's is over."""
    if which == "next":
        return _monday_after(written) + timedelta(days=weekday), _SURE if weekday <= written.weekday() else 0.55
    value = _next(written, weekday)
    if weekday == written.weekday() or (which == "this" and weekday < written.weekday()):
        return value, _ASK  # said on a Friday, `Friday` may be today
    return value, _SURE


def _day_of_month(written: date, day: int, weekday: int | None) -> tuple[date, float] | None:
    """The next such day; with a weekday, the first month in which both agree, sure only if that is soon."""
    first: date | None = None
    for ahead in range(14):
        year, month = divmod(written.year * 12 + written.month - 1 + ahead, 12)
        try:
            value = date(year, month + 1, day)
        except ValueError:
            continue
        if value < written:
            continue
        first = first or value
        if weekday is None:
            return value, 0.75
        if value.weekday() == weekday:
            is_twofold = value == written or (value + timedelta(days=28)).day == day  # February's days come again
            return value, _SURE if (value - written).days <= 45 and not is_twofold else 0.7
    return (first, 0.4) if first else None
