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
_SLIPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^[\W_]+(?=[A-Za-z])"), ""),
    (
        re.compile(r"(?<=\d)(?=(?:MRN|DOB|DOS|Sex|Med|Chart|Your|Refer|Order|Date|Birth|Visit|Phone)[\w #.]*[:#.\d])"),
        "   ",
    ),
    (
        re.compile(r"(?<=[A-Za-z])(?=(?:MRN|DOB|Chart)[ #:.]{1,3}\W{0,2}\w{0,3}\d)|(?<=Sex: [MF])(?=MRN|Chart|Med)"),
        "   ",
    ),
    (re.compile(r"(?<=[a-z])(?=(?:Birth ?[Dd]ate|Date of Birth)\b)"), "   "),
    (re.compile(r"(?<=\d)\|(?=\d)"), ""),
    (re.compile(r"\b[D0O][O0Q][BKRE86ß](?!\w)(?=\W{0,4}(?:\d|[A-Z][a-z]{2,8}\W{1,2}\d))"), "DOB"),
    (re.compile(r"\bM[RKEBFPH][NHM]\b(?=\W{0,2}(?:No\b|Number\b|#|//)|\s?:\s?\w{0,3}\d)|\bMed Re[ceo]\b"), "MRN"),
    (re.compile(r"\bMRN(?:#[ft1l/]|/{1,2}[ft1l]?)(?=:?\s)"), "MRN#"),
    (re.compile(r"\bD\.\s?[O0QC]\.\s?[BKREH86]\b\.?(?=\W{0,3}(?:\d|[A-Z][a-z]{2,8}\W{1,2}\d))"), "D.O.B."),
    (re.compile(r"\b(Last|First|Patient) ?(?:N(?:[eo]m[eco]|am[co])\b[.,;:]?|Name[.,;](?=\s))"), r"\1 Name:"),
    (re.compile(r"\b(First|Last) Name(?= (?!Date|Birth|Middle|Sex|Gender|Born)[A-Z][a-z]+\b(?! Name))"), r"\1 Name:"),
    (re.compile(r"\b[BS][ail1]\w{1,3}h ?[DO]a[tg][ec]\b(?=\W{0,4}(?:\w\d?|[A-Z][a-z]{2,8})\W{1,2}\d)"), "Birth Date"),
    (re.compile(r"\bDates? of B[il1]\w{1,3}h\b"), "Date of Birth"),
    (re.compile(r"\bChart [Il1H](?=:)"), "Chart #"),
    (re.compile(r"\b(Chart|MRN|Record|Rec) ?(#|N[oO]\.)#?[Il1|] (?=[A-Z]{0,3}-?\d{5})"), r"\1 \2: "),
    (re.compile(r"\bE ?X ?A ?M D ?A ?T ?E\b", re.IGNORECASE), "Exam Date"),
    (re.compile(r"\bC[hb]ar[lifr1]\b(?=\s?(?:#|No\b|ID\b))"), "Chart"),
    (re.compile(r"^([A-Z][\w'’\-]{2,})\. (?=[A-Z][\w ]{2,30}\bDOB\b)"), r"\1, "),
    (
        re.compile(
            r"((?i:patient(?: name)?|re|name)\s?[:;]\s*[A-Z][\w'’\-]{3,}(?:\s(?:[IU1l]{2,3}|Jr|Sr))?)\. "
            r"(?=[A-Z][\w'’]{2})"
        ),
        r"\1, ",
    ),
    (re.compile(r"(?<![^\W\d_])[ÈÉÊË£](?=-?\d{4})"), "E"),  # before the digits of a record number
)
"""What stands on a bad line, and what was printed."""
_SEVEN = re.compile(r"(?<=\d\d\d)/(?=\s|$)|(?<=\bMR)/(?=\d{5})|(?<=\bM)/(?=\d{5})")
_OF_RECORD = re.compile(r"\bMRN\b|\bRecord\b|\bChart\b")
_BEFORE_COLON = re.compile(r"(?:(?<=^)|(?<=   ))([A-Za-z]{2,9}(?: [A-Za-z]{1,7}){0,2})(?=\s?[:;] ?\S)")
_HEADING = (
    "Patient Name", "Patient", "Name", "Date of Birth", "Birth Date", "DOB", "MRN", "Medical Record", "Chart",
    "Date of Service", "Date of Visit", "Service Date", "Visit Date", "DOS", "Sex",
)  # fmt: skip
_FEWEST_COLUMNS = 3
_GLUED = re.compile("|".join(label.replace(" ", r"\W?") for label in _HEADING))
_RE = frozenset({"fe", "ke", "be", "rf", "rl"})


def _label(match: re.Match[str]) -> str:
    """The label that was printed, where one is near enough; whatever stands there if none is."""
    word = match[1].lower()
    if word in _RE:
        return "RE"
    if len(word) < 6 or word in _LABELS:
        return match[1]
    if torn := next((label for label in _LABELS if label.replace(" ", "") == word.replace(" ", "")), ""):
        return torn.title()
    close = get_close_matches(word, _LABELS, n=1, cutoff=0.82)
    return close[0].title() if close else match[1]


def _heading(line: str) -> str:
    """`PatientDate of BirthMRNDate of ervice` as the head of a table that it is; any other line as it stands."""
    labels, end = [], 0
    for match in _GLUED.finditer(line):
        if re.search(r"\w", line[end : match.start()]):
            return line
        labels.append(match[0])
        end = match.end()
    rest = line[end:].strip(" .:|_")
    if len(rest) > 4 and (close := get_close_matches(rest, _HEADING, n=1, cutoff=0.85)):
        labels, rest = [*labels, close[0]], ""
    return "   ".join(labels) if len(labels) >= _FEWEST_COLUMNS and not rest else line


def mend(line: str) -> str:
    """A key line as it was printed, as far as labels and what parts them go."""
    line = _heading(line)
    for slip, printed in _SLIPS:
        line = slip.sub(printed, line)
    if _OF_RECORD.search(line):
        line = _SEVEN.sub("7", line)
    return _BEFORE_COLON.sub(_label, line)
