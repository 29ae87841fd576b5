"""The line that fax machines print over every page: when, from whom, which page of the call.

Owns telling it from what the page says. Its date is no appointment, and its count is the call's, not the letter's.
"""

import re

_COUNT = re.compile(r"\d{1,2}[:/.\-]\d{1,2}.{0,90}\bp(?:age|g)?\b\.?\s*\d{1,3}\s*(?:/|of)\s*\d{1,3}", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}(?::\d{2})?\b")
_DAY = re.compile(
    r"\b\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4}\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\W{1,2}\d{1,2}\b",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"\b(?:from|to|fax|tel|phone|tx|rx)\b|\bp(?:age|g)?\b[\s.]{0,2}\d{1,3}\b", re.IGNORECASE)
_LONGEST = 160
_EDGE_LINES = 3
"""A machine prints at the very head of a page, or at its foot."""


def is_fax_header(line: str) -> bool:
    """Whether a machine printed this line: a count behind a date or time, or a day, a time and a word of its own."""
    if len(line) > _LONGEST:
        return False
    return bool(_COUNT.search(line) or (_TIME.search(line) and _DAY.search(line) and _MACHINE.search(line)))


def without_fax_header(text: str) -> str:
    """The page's text with such a line at its head or foot left empty; every other line keeps its number."""
    lines = text.split("\n")
    edges = {*range(min(_EDGE_LINES, len(lines))), len(lines) - 1}
    return "\n".join("" if at in edges and is_fax_header(line) else line for at, line in enumerate(lines))
