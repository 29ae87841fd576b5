"""Dates as American offices write them, with the slips recognition makes in them.

Owns the forms of a date and nothing about what a date means: whose birthday or which appointment
it is belongs to `people` and `appointments`. Reads no clock; what is relative is not resolved here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORT = {name[:3]: number for number, name in enumerate(MONTHS, 1)} | {"sept": 9}

_LIKE = tuple(map(frozenset, ("ceo0", "unv", "bh", "li1t", "gq", "ft", "sa", "mn")))
"""Small letters that a bad line makes of one another: `Oet`, `Scp`, `Ang`."""
_D = r"[0-9OoQlI|SBZ]"  # a digit, or a letter recognition takes for one
_SEP = r"\s?[/.\-–,]\s?"
_LETTERS_TO_DIGITS = str.maketrans("OoQlI|SBZ", "000111582")
_DIGITS_TO_LETTERS = str.maketrans("01|5", "olls")
_WORD = r"(?P<month>[A-Za-z01|]{3,9})"
_DAY = rf"(?P<day>{_D}{{1,2}})(?:\s?(?:st|nd|rd|th|ST|ND|RD|TH))?"
_YEAR = rf"(?P<year>{_D}{{4}}|'?{_D}{{2}})"

_FORMS = (
    re.compile(rf"(?<![\w/.\-])(?P<year>{_D}{{4}})[-/.](?P<m>{_D}{{1,2}})[-/.](?P<day>{_D}{{1,2}})(?!\w|[-/.]\d)"),
    re.compile(rf"(?<![\w/])(?P<m>{_D}{{1,2}}){_SEP}(?P<day>{_D}{{1,2}}){_SEP}{_YEAR}(?![\w/]|[-.:]\d)"),
    re.compile(r"(?<![\w/.\-])(?P<m>\d\d?)[-/](?P<day>\d\d?)\s(?P<year>(?:19|20)\d\d)(?!\w|[-/.:]\d)"),  # one lost
    re.compile(r"(?<![\w/.\-])(?P<year>(?:19|20)\d\d)\s(?P<m>\d\d)-(?P<day>\d\d)(?!\w|[-/.:]\d)"),
    re.compile(rf"(?<!\w){_WORD}\.?[\s\-]*{_DAY}(?:\s*[,.\-]\s*|\s+){_YEAR}(?![\w/:])"),
    re.compile(rf"(?<!\w){_DAY}(?:\s+of)?[\s\-/.]*{_WORD}\.?[\s,\-/.]*{_YEAR}(?![\w/:])"),
)
_SLASHES_LOST = (
    re.compile(r"(?<![\w/])(?P<m>[01]\d)/(?P<day>[0-3]\d)[71Il](?P<year>(?:19|20)\d\d)(?!\w|[-/.:]\d)"),
    re.compile(r"(?<![\w/])(?P<m>[01]\d)[71Il](?P<day>[0-3]\d)/(?P<year>(?:19|20)\d\d)(?!\w|[-/.:]\d)"),
    re.compile(r"(?<![\w/])(?P<m>[01]\d)(?P<day>[0-3]\d)/(?P<year>(?:19|20)\d\d)(?!\w|[-/.:]\d)"),
    re.compile(r"(?<![\w/.\-])(?P<year>(?:19|20)\d\d)[-/.](?P<m>[01]\d)\s(?P<day>[0-3]\d)(?!\w|[-/.:]\d)"),
)
"""`10/3172026` and `1120/2026`: a slash that became a 7 or went lost."""
_MENDED = 0.75
_PARTED = (
    re.compile(r"\W*(?P<m>\d\d?)\W{1,2}(?P<day>\d\d?)\W{1,2}(?P<year>(?:19|20)\d\d)(?!\w)"),
    re.compile(r"\W*(?P<year>(?:19|20)\d\d)\W{1,2}(?P<m>\d\d?)\W{1,2}(?P<day>\d\d?)(?!\w)"),
    re.compile(r"\W*(?P<m>\d\d)\W{1,2}(?P<day>\d\d)\W{1,2}(?P<year>\d\d)(?!\w)"),
    re.compile(r"\W*(?P<m>[01]\d)(?P<day>[0-3]\d)\W{1,2}(?P<year>(?:19|20)?\d\d)(?!\w)"),
    re.compile(r"\W*(?P<m>[01]\d)\W{1,2}(?P<day>[0-3]\d)(?P<year>(?:19|20)\d\d)(?!\w)"),
)
"""Figures with whatever recognition made of what parts them: `2:13 1980`, `1931.09 25`."""
_NO_YEAR = (
    re.compile(rf"(?<!\w){_WORD}\.?\s+(?P<day>\d{{1,2}})(?:\s?(?:st|nd|rd|th))?(?![\w/:]|,?\s+\d{{4}})"),
    re.compile(r"(?<![\w/.\-])(?P<m>\d{1,2})/(?P<day>\d{1,2})(?![\w/]|\.\d)"),
    re.compile(rf"(?<!\w)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_WORD}(?!\w)"),
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in text. `short_year` was written in two digits and read as of this century."""

    start: int
    end: int
    value: date
    confidence: float
    short_year: bool = False


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A month and day without a year."""

    start: int
    end: int
    month: int
    day: int


def month_number(word: str) -> int | None:
    """The month a word names, whole or short, with slips such as `0ct` and `Mareh`."""
    plain = word.lower().translate(_DIGITS_TO_LETTERS)
    if plain in _SHORT:
        return _SHORT[plain]
    if plain in MONTHS:
        return MONTHS.index(plain) + 1
    if len(plain) == 3:
        return _misread_month(plain)
    if len(plain) >= 5 and (close := get_close_matches(plain, MONTHS, n=1, cutoff=0.8)):
        return MONTHS.index(close[0]) + 1
    return None


def _misread_month(plain: str) -> int | None:
    """The one month whose short name a word of three letters may be a misreading of."""
    may_be = [number for short, number in _SHORT.items() if len(short) == 3 and all(map(_may_be, plain, short))]
    return may_be[0] if len(may_be) == 1 else None


def _may_be(seen: str, printed: str) -> bool:
    return seen == printed or any(seen in like and printed in like for like in _LIKE)


def _number(text: str) -> int:
    return int(text.lstrip("'").translate(_LETTERS_TO_DIGITS))


def _is_mostly_digits(match: re.Match[str]) -> bool:
    """Letters are taken for digits only in company of real ones."""
    parts = [match["day"], match["year"], match.groupdict().get("m") or ""]
    text = "".join(parts).lstrip("'")
    return sum(char.isdigit() for char in text) * 2 >= len(text) + 1


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read(match: re.Match[str]) -> FoundDate | None:
    """One match as a date; a day-first date is accepted only where month-first cannot be."""
    if not _is_mostly_digits(match):
        return None
    groups = match.groupdict()
    month = _number(groups["m"]) if groups.get("m") else month_number(groups["month"])
    if month is None:
        return None
    written, day = groups["year"], _number(groups["day"])
    short = len(written.lstrip("'")) == 2
    year = _number(written) + (2000 if short else 0)
    if not 1880 <= year <= 2120:
        return None
    clean = all(char.isdigit() or not char.isalnum() for char in groups["day"] + written + (groups.get("m") or ""))
    confidence = 0.97 if clean else 0.85
    if value := _make(year, month, day):
        return FoundDate(match.start(), match.end(), value, confidence, short)
    if groups.get("m") and (value := _make(year, day, month)):
        return FoundDate(match.start(), match.end(), value, 0.6, short)
    return None


def find_dates(text: str) -> list[FoundDate]:
    """Every whole date in `text`, in order, none overlapping another."""
    found: list[FoundDate] = []
    for form in (*_FORMS, *_SLASHES_LOST):
        for match in form.finditer(text):
            one = _read(match)
            if one and form in _SLASHES_LOST:
                one = replace(one, confidence=_MENDED)
            if one and not any(one.start < other.end and other.start < one.end for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def find_days(text: str) -> Iterator[FoundDay]:
    """Months with days and no year (`Dec 3`, `12/3`, `3rd of December`)."""
    for form in _NO_YEAR:
        for match in form.finditer(text):
            groups = match.groupdict()
            month = int(groups["m"]) if groups.get("m") else month_number(groups["month"])
            day = int(groups["day"])
            if month and _make(2024, month, day):
                yield FoundDay(match.start(), match.end(), month, day)


def birth_date(text: str, written: date | None) -> tuple[date, float] | None:
    """The date that stands first in `text` as a birth date, with confidence: never after `written`.

    Only called where a label says that a birth date follows, so bare digits (`03041961`) and lost
    separators are accepted too.
    """
    latest = written or date(2100, 1, 1)
    for found in find_dates(text):
        value = found.value
        if found.short_year and (value > latest or (written is None and value.year > 2030)):
            value = _make(value.year - 100, value.month, value.day) or value
        if date(1900, 1, 1) <= value <= latest:
            return value, found.confidence - (0.05 if found.short_year else 0.0)
        return None
    return _lost_separators(text, latest)


def _in_century(value: date, latest: date) -> date:
    """A two-digit year in the last hundred years."""
    return next(
        (
            made
            for century in (2000, 1900)
            if (made := _make(century + value.year, value.month, value.day)) and made <= latest
        ),
        value,
    )


def _lost_separators(text: str, latest: date) -> tuple[date, float] | None:
    text = re.sub(r"^\s*\((?=\d/)", "1", text)  # `(0/22/2012`
    for form in _PARTED:
        if (parted := form.match(text)) and (value := _make(*(int(parted[name]) for name in ("year", "m", "day")))):
            if value.year < 100:
                value = _in_century(value, latest)
            return (value, _MENDED) if date(1900, 1, 1) <= value <= latest else None
    match = re.match(rf"\W*({_D}(?:[\s/.\-]?{_D}){{7}})(?!\w)", text)
    if not match:
        return None
    digits = re.sub(r"\D", "", match[1].translate(_LETTERS_TO_DIGITS))
    for year, month, day in ((digits[4:], digits[:2], digits[2:4]), (digits[:4], digits[4:6], digits[6:])):
        value = _make(int(year), int(month), int(day)) if int(year) else None
        if value and date(1900, 1, 1) <= value <= latest:
            return value, _MENDED
    return None
