"""People named in running text: `thank you for referring Mr. Lee`, `your patient, Ana Ruiz, was seen`.

Owns the phrases, and refuses labels, which `labels` reads. What a phrase says is weaker than a label.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from parsers.dates import birth_date, find_dates
from parsers.names import Name, name_ending, parse_name
from parsers.reading import Role

_BEFORE = re.compile(
    r"\b(?i:referr(?:ing|al (?:of|for)|ed)|refer|seeing|saw|evaluat(?:e|ing|ed)|see|met(?: with)?|examin(?:e|ed|ing)"
    r"|consult(?:ation|ed)? (?:on|for|with|regarding)|regarding|concerning|about|mutual patient|patient named|patient"
    r"|care of|visit with|appointment for|appt for|note for|report for|results? for|referral on"
    r"|records? (?:for|of|on)"
    r"|behalf of|scheduled|booked|contacted|contact|reach(?:ed)?|sending|treat(?:ing|ed)|referral|re|for)"
    r",?\s+(?:(?:your|our|this|the|a|an|mutual|kind|pleasant|delightful|new)\s+){0,3}(?:(?:pt|patient)\b,?:?\s+)?",
)
_STRONG = re.compile(r"(?:refer|seeing|saw|evaluat|mutual|patient|care of|consult|re\b|regarding)", re.IGNORECASE)
_BRACKETED = re.compile(r"[,\s]{0,4}[\[(]\s*(?=\d{1,4}[/\-.]|[A-Z][a-z]{2,8}\.? \d)")
_PLAIN_TITLES = frozenset({"mr", "mrs", "ms", "miss"})
_AFTER = re.compile(
    r"(?<![\w'’])((?:(?:Mr|Mrs|Ms|Miss)\.?\s)?(?:[A-ZÀ-Þ][\w'’.\-]*,?\s){1,5})"
    r"(?:is (?:a|an|scheduled|booked|now)\b|was (?:seen|a no|evaluated|booked|scheduled|referred|offered|contacted)\b"
    r"|has (?:been|an appointment|declined|not)\b|did not|didn't|no[- ]showed|missed|presents|presented|came|returned"
    r"|declined|cancel|failed|will be|would|underwent|never)"
)
_DEAR = re.compile(r"(?:Dear|To|Attn|Attention|Cc|CC)[:,]?\s+(?=(?:Dr|Doctor|Drs)\.?\s)")
_WITH_DOCTOR = re.compile(r"\b(?:with|by|see|seen by|from)\s+(?=Dr\.?\s)")
_LEAD = re.compile(
    r"\s*,?\s*[\[(]?\s*(?:(?:DOB|D\.O\.B\.?|born|date of birth)\W{0,3}(?:on )?)?(?=[\d'A-Z])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named in a phrase."""

    role: Role
    name: Name
    line: int
    confidence: float
    born: date | None = None


def find_mentions(lines: list[str], written: date | None) -> Iterator[Mention]:
    """People in the running text, in no order of weight."""
    text, starts = flow(lines)
    for match in _BEFORE.finditer(text):
        strong = bool(_STRONG.match(match[0]))
        yield from _patient(text, match.end(), _line(starts, match.start()), 0.85 if strong else 0.6, written)
    for match in _AFTER.finditer(text):
        yield from _patient(text, match.start(1), _line(starts, match.start()), 0.75, written)
    for match in _BRACKETED.finditer(text):
        if name := _named_before(text[: match.start()]):
            born = birth_date(text[match.end() : match.end() + 24], written)
            if born and _is_past(born[0], written):
                yield Mention(Role.PATIENT, name, _line(starts, match.start()), 0.9, born[0])
    for pattern, role in ((_DEAR, Role.REFERRING), (_WITH_DOCTOR, Role.SPECIALIST)):
        for match in pattern.finditer(text):
            if name := parse_name(text[match.end() : match.end() + 60]):
                yield Mention(role, name, _line(starts, match.start()), 0.7)


def _patient(text: str, at: int, line: int, confidence: float, written: date | None) -> Iterator[Mention]:
    ahead = text[at : at + 90]
    name = parse_name(ahead)
    if (
        name is None
        or name.title == "dr"
        or name.credentials
        or not (name.given or name.title in {"mr", "mrs", "ms", "miss"})
    ):
        return
    born = _born(ahead, name, written)
    sure = confidence if name.given else 0.4
    yield Mention(Role.PATIENT, name, line, 0.92 if born and name.given else sure, born)


def _born(ahead: str, name: Name, written: date | None) -> date | None:
    """A birth date right behind the name, in brackets or after `born`."""
    ends = [ahead.lower().rfind(word) + len(word) for word in f"{name.family} {name.given}".lower().split()]
    rest = ahead[max(ends) :]
    lead = _LEAD.match(rest)
    if not lead or not re.search(r"[\[(]|dob|born|birth|d\.o", lead[0], re.IGNORECASE):
        return None
    dates = find_dates(rest[lead.end() : lead.end() + 24])
    if not dates or dates[0].start > 1:
        return None
    born = birth_date(rest[lead.end() : lead.end() + 24], written)
    return born[0] if born and _is_past(born[0], written) else None


def _named_before(text: str) -> Name | None:
    name = name_ending(text[-80:])
    return name if name and not name.credentials and name.title != "dr" else None


def _is_past(born: date, written: date | None) -> bool:
    """A date within two months of the letter is a visit, not a birth (newborns are labelled)."""
    return written is None or (written - born).days > 60


def flow(lines: list[str]) -> tuple[str, list[int]]:
    """Lines joined into running text (an empty line stays a break) and where each began."""
    parts: list[str] = []
    starts: list[int] = []
    position = 0
    for line in lines:
        starts.append(position)
        piece = line.strip() + " " if line.strip() else "\n"
        parts.append(piece)
        position += len(piece)
    return "".join(parts), starts


def _line(starts: list[int], position: int) -> int:
    return max(0, bisect_right(starts, position) - 1)
