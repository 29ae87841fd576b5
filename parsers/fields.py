"""One text in, everything matching can use out: people, appointment, dates of service, numbers, notices.

Owns the order of the questions; each is answered in a file of its own.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from parsers.appointments import find_appointment
from parsers.dates import find_dates
from parsers.labels import Attribute, Segment
from parsers.notices import find_notices
from parsers.people import find_people
from parsers.phrases import flow
from parsers.printed_numbers import find_printed_numbers
from parsers.reading import Appointment, Field, Person
from parsers.sureness import SURE_THROUGHOUT, Sureness
from parsers.tables import labelled_values

LIMIT_CHARACTERS = 400_000
"""About a hundred dense pages; what lies beyond is not read for fields."""
LIMIT_LINES = 20_000
_ON_ITS_WAY = timedelta(days=14)
"""A letter older than this was sent anew, or its date is a misreading."""
LIMIT_LINE = 2_000
"""Longer lines are taken in pieces: what costs the square of a line stays small."""


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What a text says. `dates` are dates of service, `numbers` referral numbers with a good check character."""

    people: tuple[Person, ...] = ()
    appointment: Appointment | None = None
    fields: tuple[Field, ...] = ()
    dates: tuple[date, ...] = ()
    numbers: tuple[str, ...] = ()


def _letter_date(segments: list[Segment]) -> date | None:
    """The day the text says it was written."""
    for segment in segments:
        if segment.attribute is Attribute.LETTER_DATE and (dates := find_dates(segment.value)):
            return dates[0].value
    return None


def _counts_from(segments: list[Segment], arrived: date | None) -> date | None:
    """The day from which `tomorrow` counts: that of the letter itself, where it says so and has just arrived."""
    dated = _letter_date(segments)
    if arrived is None or dated is None:
        return arrived or dated
    return dated if timedelta(0) <= arrived - dated <= _ON_ITS_WAY else arrived


def _service_dates(segments: list[Segment]) -> tuple[date, ...]:
    found = [
        one.value
        for segment in segments
        if segment.attribute is Attribute.SERVICE_DATE
        for one in find_dates(segment.value)[:2]
    ]
    return tuple(dict.fromkeys(found))


def read_fields(text: str, written: date | None, sureness: Sureness = SURE_THROUGHOUT) -> TextFacts:
    """Read a document's text for the facts in it.

    Args:
        text: as read from a page or mail; line breaks and columns of spaces help.
        written: the day it was written or arrived, for `tomorrow` and for two-digit years.
        sureness: of the words of a recognised text.
    """
    lines = [
        line[at : at + LIMIT_LINE].rstrip()
        for line in text[:LIMIT_CHARACTERS].splitlines()[:LIMIT_LINES]
        for at in range(0, max(len(line), 1), LIMIT_LINE)
    ]
    segments = list(labelled_values(lines))
    flowed, _ = flow(lines)
    labelled = [one.value for one in segments if one.attribute is Attribute.APPOINTMENT and one.value.strip()]
    return TextFacts(
        people=find_people(lines, segments, written, sureness),
        appointment=find_appointment(flowed, labelled, _counts_from(segments, written)),
        fields=tuple(find_notices(lines, flowed)),
        dates=_service_dates(segments),
        numbers=tuple(find_printed_numbers(text)),
    )
