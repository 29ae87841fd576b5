"""Headings over values: turns `Patient Name  DOB` over `Garcia, Maria  3/4/61` into labelled values.

Owns where a heading's values stand; reads the kind of a value only as far as telling columns apart needs.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from parsers.dates import find_dates
from parsers.labels import Attribute, Segment, find_segments
from parsers.phones import find_phones

_CELLS = re.compile(r"\s*\t\s*|\s{2,}|\s*\|\s*")
_IDENTIFIER = re.compile(r"(?<![\w/])(?=[\w\-]*\d{3})[A-Za-z]{0,4}[-#]?[\d\-]{3,14}\d?(?![\w/])")
_DATES = frozenset(
    {Attribute.BIRTH_DATE, Attribute.SERVICE_DATE, Attribute.LETTER_DATE, Attribute.APPOINTMENT}
)  # fmt: skip
_TELLING = frozenset({Attribute.BIRTH_DATE, Attribute.MRN, Attribute.NPI})
_SPECK = re.compile(r"\s*\S{1,2}\s*")
"""What dust between two lines is read as."""
_NO_ROW = re.compile(r"\W*\w{1,6}\W*")
"""And more of it: no row of a table with several columns."""
_MAX_ROWS = 12


def labelled_values(lines: list[str]) -> Iterator[Segment]:
    """All segments in order; those that stand as a heading get the values of the rows below."""
    labelled = {number: list(group) for number, group in groupby(find_segments(lines), key=lambda one: one.line)}
    used: set[int] = set()
    for number, segments in labelled.items():
        if number in used:
            continue
        if not segments[0].is_heading:
            yield from segments
            continue
        rows = list(_rows_below(number, segments, lines, labelled))
        if not rows:
            yield from segments
        for row_number, row in rows:
            used.add(row_number)
            yield from row


def _rows_below(
    number: int, heading: list[Segment], lines: list[str], labelled: dict[int, list[Segment]]
) -> Iterator[tuple[int, list[Segment]]]:
    """The rows under a heading: one under a single label, several under a table's head."""
    blanks = 0
    for below in range(number + 1, min(number + 3 + _MAX_ROWS, len(lines))):
        line = lines[below]
        if _SPECK.fullmatch(line) or (len(heading) > 1 and _NO_ROW.fullmatch(line)):
            continue
        if not line.strip():
            blanks += 1
            if blanks > 1 or below > number + 1:
                return
            continue
        if below in labelled and (len(heading) == 1 or _has_own_labels(labelled[below])):
            return
        row = _row(below, line, heading)
        if row is None:
            return
        yield below, row
        if len(heading) == 1:
            return


def _has_own_labels(segments: list[Segment]) -> bool:
    """Whether a line says by itself what its values are, so that it is no row under a heading."""
    return segments[0].column == 0 or any(one.attribute in _TELLING and one.value.strip() for one in segments)


def _row(number: int, line: str, heading: list[Segment]) -> list[Segment] | None:
    cells = [cell for cell in _CELLS.split(line.strip(" |\t")) if cell]
    if len(heading) == 1:
        return [replace(heading[0], line=number, start=0, value=line.strip(), is_heading=False, is_below=True)]
    if len(cells) == len(heading):
        return [
            replace(one, line=number, start=max(0, line.find(cell)), value=cell, is_heading=False, is_below=True)
            for one, cell in zip(heading, cells, strict=True)
        ]
    return _by_shape(number, line, heading)


def _by_shape(number: int, line: str, heading: list[Segment]) -> list[Segment] | None:
    """Columns that run together, told apart by the shape of dates, numbers and words, left to right."""
    row: list[Segment] = []
    position = 0
    for index, one in enumerate(heading):
        later = heading[index + 1].attribute if index + 1 < len(heading) else None
        span = _next_value(line, position, one.attribute, later)
        if span is None:
            continue
        start, end = span
        row.append(replace(one, line=number, start=start, value=line[start:end], is_heading=False, is_below=True))
        position = end
    has_date = any(one.attribute in _DATES for one in row)
    return row if has_date or len(row) == len(heading) else None


def _next_value(line: str, position: int, attribute: Attribute, later: Attribute | None) -> tuple[int, int] | None:
    rest = line[position:]
    if attribute in _DATES:
        dates = find_dates(rest)
        return (position + dates[0].start, position + dates[0].end) if dates else None
    if attribute is Attribute.PHONE:
        phones = find_phones(rest)
        return (position + phones[0].start, position + phones[0].end) if phones else None
    if attribute in {Attribute.MRN, Attribute.NPI}:
        match = _IDENTIFIER.search(rest)
        return (position + match.start(), position + match.end()) if match else None
    if attribute is Attribute.NOTHING:
        match = re.search(r"\S+", rest)
        return (position + match.start(), position + match.end()) if match else None
    match = re.match(r"[\s|]*([^\d|]*[^\d|\s])", rest)
    if not match:
        return None
    start, end = position + match.start(1), position + match.end(1)
    if later is Attribute.NOTHING and len(words := line[start:end].split()) > 2:
        end -= len(words[-1]) + 1
    return start, end
