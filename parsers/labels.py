"""Labels and what stands behind them: `DOB: 3/4/61`, `Patient Name | MRN` over a row, `Guarantor` over a block.

Owns where a label ends and its value begins, and whose label it is. Reads no values.
A label may name an owner (patient, guarantor, referring provider …), an attribute (name, birth date …)
or both: `Subscriber DOB`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from parsers.reading import Role


class Attribute(StrEnum):
    """What a labelled value is."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    MRN = "mrn"
    PHONE = "phone"
    NPI = "npi"
    SERVICE_DATE = "service_date"
    APPOINTMENT = "appointment"
    TIME = "time"
    LETTER_DATE = "letter_date"
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    NOTHING = "nothing"  # a label we know only so that the value before it ends


# `~` stands for an optional number sign or word, a space for one space.
_OWNERS: dict[Role, str] = {
    Role.PATIENT: r"patient|pat[il1]ent|pt\.?|client|regarding|re|in re|mutual patient",
    Role.OTHER: (
        r"guarantor|subscriber|policy\s?holder|insured(?: person)?|member|emergency contact(?: person)?"
        r"|next of kin|nok"
        r"|spouse|mother|father|parent(?:/guardian)?|(?:legal )?guardian|husband|wife|son|daughter|sister|brother"
        r"|care\s?giver|responsible party|contact person|alternate contact|accompanied by|informant|interpreter"
        r"|health\s?care proxy|poa|power of attorney|relative|secondary contact|primary contact|employer"
    ),
    Role.REFERRING: (
        r"(?:referring|ordering|requesting|primary care|pcp|family)[ ](?:provider|physician|clinician"
        r"|doctor|md|office)"
        r"|referr(?:ed|ing)(?: by)?|ref\.? (?:provider|phys(?:ician)?|md|dr)\.?|pcp|requested by|ordered by|cc"
        r"|to|attn|attention|dear"
    ),
    Role.SPECIALIST: (
        r"(?:rendering|treating|consulting|attending|performing|interpreting|reading|servicing|seen by|scheduling)"
        r"[ ]?(?:provider|physician|clinician|doctor|md|surgeon|specialist|radiologist)?"
        r"|provider|physician|clinician|doctor|surgeon|radiologist|pathologist|specialist|consultant|therapist"
        r"|(?:electronically )?signed(?: by)?|dictated by|performed by|read by|interpreted by|author|with|from"
        r"|prepared by"
    ),
}
_ATTRIBUTES: dict[Attribute, str] = {
    Attribute.LAST_NAME: r"last\.? name|family name|surname|last",
    Attribute.FIRST_NAME: r"first\.? name|given name|first",
    Attribute.MIDDLE_NAME: r"middle(?: name| initial)?|m\.?i\.?",
    Attribute.NAME: r"(?:full |legal )?name(?:\s?[/&]\s?dob)?(?: \(last, ?first(?: mi?| middle)?\))?|names",
    Attribute.BIRTH_DATE: (
        r"d[\. ]{0,2}[o0q][\. ]{0,2}[b8]\b\.?|[d0][o0qc][br86e](?=\s?:)|date of b[il1]rth|b[il1]rth\s?-?date"
        r"|birthday|born(?: on)?|b\.d\."
    ),
    Attribute.MRN: (
        r"m\.?[r]\.?n\b\.?~|med(?:ical|\.)? rec(?:ord|\.)?(?: ?(?:#|no\.?|number|num))?"
        r"|chart(?: ?(?:id|#|no\.?|number))"
        r"|(?:patient|pt\.?) ?(?:id|#|no\.?|number)~|rec(?:ord|\.)? ?(?:#|no\.?|number)|mr ?(?:#|no\.?|number)"
        r"|unit (?:no\.?|#|number)|hospital (?:no\.?|#|number)"
    ),
    Attribute.PHONE: (
        r"(?:home|cell|mobile|primary|contact|daytime|day|best|work|preferred|main)?[ ]?"
        r"(?:tele)?(?:phone|tel\b|cell|mobile|ph\b)\.?~|(?:contact|callback|call back) (?:#|no\.?|number)"
    ),
    Attribute.NPI: r"npi~",
    Attribute.SERVICE_DATE: (
        r"date(?:\(s\)|s)? (?:of|for) (?:service|visit|exam(?:ination)?|consult(?:ation)?|procedure)"
        r"|date of (?:study|encounter|evaluation|operation|surgery)"
        r"|(?:visit|encounter|exam|study|procedure|service|consult(?:ation)?|collection)(?: date(?: ?/ ?time)?)"
        r"|(?:specimen|surgery|evaluation|admission|discharge) date"
        r"|d\.?o\.?s\b\.?|date (?:seen|collected|performed)|collected(?: on)?|seen on|performed on"
        r"|exam performed|date taken"
    ),
    Attribute.APPOINTMENT: (
        r"(?:new |your |next |scheduled )?(?:appointment|appt\.?)(?: date(?: ?(?:/|and|&) ?time)?| time"
        r"| details| is)?"
        r"|scheduled (?:for|on|date)|date ?/ ?time|date (?:and|&) time|booked (?:for|on)|scheduled"
    ),
    Attribute.TIME: r"time|at|arrival time|check-?in",
    Attribute.LETTER_DATE: (
        r"(?:today'?s |letter |report |fax )?date"
        r"|date (?:dictated|of report|printed|signed|reported|received|sent|of letter)"
        r"|printed(?: on)?|dictated(?: on)?|reported(?: on)?|received(?: on)?|transcribed|sent|resulted"
    ),
    Attribute.NOTHING: (
        r"fax~|address|addr|sex|gender|age|race|language|ethnicity|marital status|ssn"
        r"|ss#|insurance"
        r"|ins\.?|payer|plan|policy~|group~|member id~"
        r"|subscriber id|acc(?:oun)?t\.?~"
        r"|accession~|visit(?: ?(?:#|no\.?|number|id))?|encounter(?: ?(?:#|no\.?|id))?"
        r"|page|pages|diagnosis|dx|icd-?10"
        r"|reason(?: for (?:visit|referral|consult(?:ation)?))?|specialty|department|dept|location|clinic"
        r"|facility|relationship|relation|subject"
        r"|chief complaint|email|e-mail|status|case~|order~|referral(?: ?(?:#|no\.?|number|id))?"
        r"|auth(?:orization)?~|csn|room|bed"
        r"|height|weight|bmi|copay|urgency|priority|exam|study|procedure|history|comparison|type|visit type|city"
        r"|state|zip|comments?|notes?"
    ),
}


_NUMBER_SIGN = r"(?: ?(?:#|no\.?|number))?"


def _compile(patterns: dict[str, str], tail: str) -> re.Pattern[str]:
    groups = "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items()).replace("~", _NUMBER_SIGN)
    return re.compile(rf"(?:{groups}){tail}(?![\w'’])", re.IGNORECASE)


_OWNER = _compile({role.value: pattern for role, pattern in _OWNERS.items()}, r"(?:['’]?s(?!\w))?")
_ATTRIBUTE = _compile({attribute.value: pattern for attribute, pattern in _ATTRIBUTES.items()}, "")
_DETAILS = re.compile(r"[ ]?(?:info(?:rmation)?|details|demographics|data)(?!\w)", re.IGNORECASE)
_WORD_START = re.compile(r"(?<![\w'’/@.\-])(?:[A-Za-z](?=[\w.'’/&# ]))")
_SEPARATOR = re.compile(r"[ \t]{0,3}(?:\([^)\n]{1,24}\))?[ \t]{0,3}(?:[:;=#]|\.{2,}|[-–—](?=\s)|\.(?=\s))+[ \t]*")
_COLON = re.compile(r"[ \t]{0,3}(?:\([^)\n]{1,24}\))?[ \t]{0,3}[:=#]")
_DIGITS_AHEAD = re.compile(r"[ \t.]*[(+]?\d{3}")
_GAP_AFTER = re.compile(r"\t| {2,}|\s*[|/]\s*|\s*$")
_GAP_BEFORE = re.compile(r"(?:^|\t| {2}|[|(,;*•·\-–])\s*$")
_UNKNOWN_LABEL = re.compile(r"(?<=\s)[A-Z][A-Za-z]+ ?:(?=\s|$)")
_EVERYWHERE = frozenset({Attribute.BIRTH_DATE, Attribute.MRN, Attribute.NPI})
_DATE_AHEAD = re.compile(r"[ \t]*(?:\d{1,4}[/\-.]|[A-Z][a-z]{2,8}\.? \d)")
_DATED = frozenset({Attribute.SERVICE_DATE, Attribute.LETTER_DATE})


@dataclass(frozen=True, slots=True)
class Segment:
    """One label with its value: `value` ends where the next label, column or line begins.

    `role` is None where the label names no owner. `column` is where the label began in its line.
    """

    role: Role | None
    attribute: Attribute
    line: int
    column: int
    start: int  # of the value, in its line
    value: str = ""
    is_heading: bool = False  # a label (or labels) alone on a line: the value stands below
    is_below: bool = False  # the value stands on a line under its label, whose column that of the label is

    @property
    def end(self) -> int:
        """Where the value ends in its line."""
        return self.start + len(self.value)


def _label_at(line: str, at: int) -> tuple[Role | None, Attribute, int] | None:
    """The longest label that begins at `at`: its owner, its attribute and its end."""
    best: tuple[Role | None, Attribute, int] | None = None
    if match := _ATTRIBUTE.match(line, at):
        best = None, Attribute(match.lastgroup or ""), match.end()
    if owner := _OWNER.match(line, at):
        role, end = Role(owner.lastgroup or ""), owner.end()
        attribute = Attribute.NAME
        inner = end + len(line[end : end + 2]) - len(line[end : end + 2].lstrip(" /-"))
        if match := _ATTRIBUTE.match(line, inner):
            attribute, end = Attribute(match.lastgroup or ""), match.end()
        elif match := _DETAILS.match(line, end):
            end = match.end()
        if best is None or end > best[2]:
            best = role, attribute, end
    return best


def _is_label(line: str, start: int, label: tuple[Role | None, Attribute, int]) -> bool:
    """Whether words that could be a label stand as one here: a colon, a column of its own, or a telling word."""
    _role, attribute, end = label
    if attribute in _EVERYWHERE or _COLON.match(line, end):
        return True
    if attribute is Attribute.PHONE and _DIGITS_AHEAD.match(line, end):
        return True
    if attribute in _DATED and _DATE_AHEAD.match(line, end):
        return True
    in_column = _GAP_BEFORE.search(line[:start]) and line[start].isupper()
    return bool(in_column and (_GAP_AFTER.match(line, end) or _SEPARATOR.match(line, end)))


def _labels_in(line: str) -> list[tuple[int, Role | None, Attribute, int]]:
    found: list[tuple[int, Role | None, Attribute, int]] = []
    loose: list[tuple[int, Role | None, Attribute, int]] = []
    for word in _WORD_START.finditer(line):
        if (found and word.start() < found[-1][3]) or not (label := _label_at(line, word.start())):
            continue
        one = (word.start(), *label)
        if not loose or word.start() >= loose[-1][3]:
            loose.append(one)
        if _is_label(line, word.start(), label):
            found.append(one)
    if len(loose) > len(found) and _covers(line, loose):
        return loose
    return found


def _covers(line: str, labels: list[tuple[int, Role | None, Attribute, int]]) -> bool:
    """Whether a line is nothing but labels: the heading of a table."""
    rest = list(line)
    for start, _role, _attribute, end in labels:
        rest[start:end] = " " * (end - start)
    return len(labels) >= 2 and not re.search(r"\w", "".join(rest))


def _segments_of(number: int, line: str) -> list[Segment]:
    labels = _labels_in(line)
    segments: list[Segment] = []
    for index, (start, role, attribute, end) in enumerate(labels):
        separator = _SEPARATOR.match(line, end)
        begin = separator.end() if separator else end
        stop = labels[index + 1][0] if index + 1 < len(labels) else len(line)
        begin = min(begin, stop)
        if unknown := _UNKNOWN_LABEL.search(line, begin, stop):
            stop = unknown.start()
        segments.append(Segment(role, attribute, number, start, begin, line[begin:stop]))
    if segments and all(not segment.value.strip(" \t|/:,;-") for segment in segments):
        before = line[: segments[0].column].strip(" \t|*#-•:")
        return [replace(segment, is_heading=not before) for segment in segments]
    return segments


def find_segments(lines: list[str]) -> Iterator[Segment]:
    """Every label of a text with what stands behind it, from the top."""
    for number, line in enumerate(lines):
        yield from _segments_of(number, line[:2000])
