"""Slips of recognition in a line that carries key fields: lost spaces, misread labels, a point for a comma.

Owns what can be mended without knowing the value: the labels' own words, and what parts them. Refuses to touch the
letters of a name or the digits of a date.
"""

import re
from difflib import get_close_matches

_LABELS = (
    "patient", "patient name", "birthdate", "birth date", "date of birth", "regarding", "date of service", "collected",
    "exam date", "visit date", "discharge date", "last name", "first name",
)  # fmt: skip
_GLUED = re.compile(
    r"(?<=\d)(?=(?:MRN|DOB|DOS|Sex|Med|Chart|Your|Refer|Order|Date|Birth|Visit|Phone)[\w #.]*[:#.\d])"
    r"|(?<=[A-Za-z])(?=(?:MRN|DOB|Chart)[ #:.]{1,3}\W{0,2}\w{0,3}\d)|(?<=Sex: [MF])(?=MRN|Chart|Med)"
)
_CAPITAL_E = re.compile(r"(?<![^\W\d_])[ÈÉÊË£](?=-?\d{4})")  # before the digits of a record number
_RECORD = re.compile(r"\bM[RKEBFPH][NHM]\b(?=\W{0,2}(?:No\b|Number\b|#|//)|\s?:\s?\w{0,3}\d)|\bMed Re[ceo]\b")
_CHART = re.compile(r"\bC[hb]ar[lifr1]\b(?=\s?(?:#|No\b|ID\b))")
_BORN = re.compile(r"\b[D0O][O0Q][BKRE86]\b(?=\W{0,4}\d)")
_SEVEN = re.compile(r"(?<=\d\d\d)/(?=\s|$)|(?<=\bMR)/(?=\d{5})|(?<=\bM)/(?=\d{5})")  # of a record number
_OF_RECORD = re.compile(r"\bMRN\b|\bRecord\b|\bChart\b")
_LEAD = re.compile(r"^[\W_]+(?=[A-Za-z])")
_BEFORE_COLON = re.compile(r"(?:(?<=^)|(?<=   ))([A-Za-z]{2,9}(?: [A-Za-z]{2,7}){0,2})(?=\s?[:;] ?\S)")
_RE = frozenset({"fe", "ke", "be", "rf", "rl"})
_POINT_FOR_COMMA = re.compile(
    r"(?i:(patient(?: name)?|re|name))(\s?[:;]\s*[A-Z][\w'’\-]{3,}(?:\s(?:[IU1l]{2,3}|Jr|Sr))?)\. (?=[A-Z][\w'’]{2})"
)


def _label(match: re.Match[str]) -> str:
    """The label that was printed, where one is near enough; whatever stands there if none is."""
    word = match[1].lower()
    if word in _RE:
        return "RE"
    if len(word) < 6 or word in _LABELS:
        return match[1]
    close = get_close_matches(word, _LABELS, n=1, cutoff=0.82)
    return close[0].title() if close else match[1]


def mend(line: str) -> str:
    """A key line as it was printed, as far as labels and what parts them go."""
    line = _GLUED.sub("   ", _LEAD.sub("", line))
    line = _BORN.sub("DOB", _CHART.sub("Chart", _RECORD.sub("MRN", line)))
    line = _SEVEN.sub("7", line) if _OF_RECORD.search(line) else line
    line = _BEFORE_COLON.sub(_label, _CAPITAL_E.sub("E", line))
    return _POINT_FOR_COMMA.sub(r"\1\2, ", line)
