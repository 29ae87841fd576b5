"""What every engine is asked for, so that all are scored alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bench.written.people import WRITTEN
from parsers.fields import read_fields
from parsers.reading import Person


@dataclass(frozen=True, slots=True)
class Answer:
    """The facts of one page."""

    people: tuple[Person, ...]
    dates: tuple[date, ...]
    numbers: tuple[str, ...]


Engine = Callable[[bytes], Answer]
"""A fax as TIFF bytes in, facts out; called in a process of its own with one thread."""


def of_text(text: str) -> Answer:
    """What our own field reader finds in another engine's text: only the recognition differs."""
    facts = read_fields(text, WRITTEN)
    return Answer(facts.people, facts.dates, facts.numbers)
