"""Where on its pages a value that was read stands: the line that shows it.

Owns finding a value again by its own letters and figures. Pages that came as text have no places.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from parsers.dates import find_dates
from parsers.names import fold
from parsers.reading import Box, Page

_SHORTEST_NUMBER = 4


def place_of_name(pages: Sequence[Page], *parts: str) -> Box | None:
    """The first line with all parts of a name."""
    wanted = [fold(word) for part in parts for word in part.split() if fold(word)]
    if not wanted:
        return None
    return next((box for line, box in _lines(pages) if all(word in fold(line) for word in wanted)), None)


def place_of_date(pages: Sequence[Page], day: date) -> Box | None:
    """The first line with this day, however it is written; a year in two digits may be of either century."""
    return next((box for line, box in _lines(pages) if any(_is(day, one.value) for one in find_dates(line))), None)


def place_of_number(pages: Sequence[Page], number: str) -> Box | None:
    """The first line with a number, whatever parts its figures."""
    wanted = _plain(number)
    if len(wanted) < _SHORTEST_NUMBER:
        return None
    return next((box for line, box in _lines(pages) if wanted in _plain(line)), None)


def _is(day: date, found: date) -> bool:
    return (day.month, day.day, day.year % 100) == (found.month, found.day, found.year % 100)


def _lines(pages: Sequence[Page]) -> Iterator[tuple[str, Box]]:
    for page in pages:
        for line, box in zip(page.text.split("\n"), page.places, strict=False):
            if box is not None:
                yield line, box


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())
