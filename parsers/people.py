"""Who is named in a text, and as whom: patient, referring clinician, specialist, or somebody else.

Owns the joining of labelled values and phrases into persons. A birth date, number or phone belongs to
the person it stands with; the guarantor's is never the patient's.
"""

import re
from collections.abc import Iterator
from datetime import date

from parsers.dates import birth_date, find_dates
from parsers.labels import Attribute, Segment
from parsers.names import Name, name_ending, parse_name, whole_line_name
from parsers.person_draft import Draft, are_same, joined, merge_facts, person_of
from parsers.phones import find_npis, find_phones
from parsers.phrases import Mention, find_mentions
from parsers.reading import Person, Role
from parsers.sureness import Sureness

_IDENTIFIER = re.compile(r"\W{0,3}((?:[A-Za-z]{0,4}-?|[A-Z]\s)\d[\dA-Za-z\-]{2,15})(?![\w/])")
_LEAD = re.compile(
    r"\s*(?:(?:new |your )?(?:referral|consult\w*|appointment|visit|patient)\W+(?:for|of|on|re)?\W*)+", re.IGNORECASE
)
_SECTION_END = re.compile(r"\s*(?:[A-Z][A-Z /&]{4,40}|[A-Z][A-Za-z /&]{4,40}):?\s*")
_MISREAD_CAPITAL = re.compile(r"\s*[^\W\d_A-Z]\w+ (?:[A-Z][.\w]* )?[A-Z]\w")  # "tukasz Kowalczyk" for Łukasz
_FIGURES = 4
_WHOLE = 3
"""Letters of a middle name that is written out."""
_UNREADABLE = 0.7
_CLINICAL = frozenset({Role.REFERRING, Role.SPECIALIST})


class _Gathering:
    """Walks labelled values from the top and keeps whose turn it is."""

    def __init__(self, lines: list[str], written: date | None, sureness: Sureness) -> None:
        self.lines = lines
        self.written = written
        self.sureness = sureness
        self.drafts: list[Draft] = []
        self.section: Role | None = None
        self.section_line = -1

    def take(self, segment: Segment) -> None:
        """One labelled value."""
        self._leave_section(segment.line)
        role = segment.role or self.section
        if segment.is_heading:
            if segment.attribute is Attribute.NAME and segment.role:
                self.section, self.section_line = segment.role, segment.line
            return
        if segment.attribute is Attribute.NAME:
            self._name(segment, role or Role.PATIENT)
        elif segment.attribute in {Attribute.LAST_NAME, Attribute.FIRST_NAME, Attribute.MIDDLE_NAME}:
            self._name_part(segment, role or Role.PATIENT)
        elif segment.attribute is Attribute.BIRTH_DATE:
            self._born(segment, role)
        elif segment.attribute is Attribute.MRN:
            self._mrn(segment, role)
        elif segment.attribute is Attribute.PHONE:
            self._phone(segment, role)
        elif segment.attribute is Attribute.NPI:
            self._npi(segment, role)

    def _leave_section(self, line: int) -> None:
        """A section ends at the next heading of any sort."""
        if self.section and any(_SECTION_END.fullmatch(text) for text in self.lines[self.section_line + 1 : line]):
            self.section = None

    def _add(self, role: Role, segment: Segment, confidence: float) -> Draft:
        draft = Draft(role, segment.line, segment.column, confidence=confidence)
        self.drafts.append(draft)
        return draft

    def _name(self, segment: Segment, role: Role) -> None:
        lead = _LEAD.match(segment.value)
        value = segment.value[lead.end() :] if lead else segment.value
        is_labelled = role is Role.PATIENT and (segment.role is not None or bool(_MISREAD_CAPITAL.match(value)))
        name = parse_name(value, any_case=is_labelled)
        if name is None:
            return
        if role is Role.PATIENT and (name.credentials or name.title == "dr"):
            role = Role.SPECIALIST
        if role is Role.PATIENT and not name.given and not name.title:
            return
        draft = self._add(role, segment, 0.95 if name.given else 0.5)
        self._call(draft, name, segment.line)
        self._date_after_name(draft, value)

    def _call(self, draft: Draft, name: Name, line: int) -> None:
        draft.name = name
        draft.name_sureness = _sureness_of(name, line, self.sureness)

    def _bear(self, draft: Draft, born: tuple[date, float], line: int) -> None:
        """Give a birth date, which is no surer than its form allows."""
        draft.born, sure = born
        draft.born_sureness = min(sure, self.sureness.of_date(line, draft.born))

    def _date_after_name(self, draft: Draft, value: str) -> None:
        """`Name/DOB: Garcia, Maria 3/4/1961`: a date in the same value is the birth date."""
        if draft.role in _CLINICAL:
            return
        dates = find_dates(value)
        born = birth_date(value[dates[0].start :], self.written) if len(dates) == 1 else None
        if born and (self.written is None or (self.written - born[0]).days > 60):
            self._bear(draft, born, draft.line)

    def _name_part(self, segment: Segment, role: Role) -> None:
        value = re.split(r"\s{2,}|[\t|,]", segment.value.strip())[0].strip()
        draft = next((one for one in reversed(self.drafts) if one.role is role and one.parts), None)
        if draft is None or segment.attribute in draft.parts or segment.line - draft.line > 5:
            draft = self._add(role, segment, 0.95)
        draft.parts[segment.attribute] = value
        parts = draft.parts
        if parts.get(Attribute.LAST_NAME) and parts.get(Attribute.FIRST_NAME):
            middle = parts.get(Attribute.MIDDLE_NAME, "")
            whole = f"{parts[Attribute.LAST_NAME]}, {parts[Attribute.FIRST_NAME]} {middle}"
            if name := parse_name(whole, any_case=True):
                self._call(draft, name, segment.line)

    def _owner(self, segment: Segment, role: Role | None, roles: frozenset[Role]) -> Draft:
        """Whose value this is: by its own label, else by line, else by column, else the patient's."""
        if role is not None:
            return self._latest(role, segment) or self._add(role, segment, 0.3)
        same_line = [one for one in self.drafts if one.line == segment.line and one.role in roles]
        if same_line:
            return same_line[-1]
        if standing := self._standing_before(segment):
            return standing
        near = [
            one
            for one in self.drafts
            if one.role in roles and abs(one.column - segment.column) <= 3 and 0 <= segment.line - one.line <= 6
        ]
        if near and not self._is_apart(near[-1], segment):
            return near[-1]
        return self._latest(Role.PATIENT, segment) or self._add(Role.PATIENT, segment, 0.3)

    def _latest(self, role: Role, segment: Segment) -> Draft | None:
        return next((one for one in reversed(self.drafts) if one.role is role and segment.line - one.line < 40), None)

    def _is_apart(self, draft: Draft, segment: Segment) -> bool:
        """Somebody else's block has ended when an empty line lies between."""
        return draft.role is not Role.PATIENT and any(
            not text.strip() for text in self.lines[draft.line + 1 : segment.line]
        )

    def _standing_before(self, segment: Segment) -> Draft | None:
        """A name without a label just before `DOB`, on its line or alone on the line above."""
        if segment.attribute is not Attribute.BIRTH_DATE:
            return None
        before = self.lines[segment.line][: segment.start if segment.is_below else segment.column]
        name = name_ending(before)
        if name is None and not before.strip(" \t|*•-") and not self._latest(Role.PATIENT, segment):
            above = next(
                (text for text in reversed(self.lines[max(0, segment.line - 2) : segment.line]) if text.strip()), ""
            )
            name = whole_line_name(above)
        if name is None or name.credentials or name.title == "dr" or not name.given:
            return None
        draft = self._add(Role.PATIENT, segment, 0.9)
        self._call(draft, name, segment.line)
        return draft

    def _born(self, segment: Segment, role: Role | None) -> None:
        born = birth_date(segment.value, self.written)
        role = role if role not in _CLINICAL else None
        owner = self._owner(segment, role, frozenset({Role.PATIENT, Role.OTHER}))
        if born is None:
            if owner.born is None and sum(map(str.isdigit, segment.value)) >= _FIGURES:
                owner.born_sureness = _UNREADABLE  # one stands there
            return
        if owner.born and owner.role is Role.OTHER and role is None:
            owner = self._latest(Role.PATIENT, segment) or owner
        if owner.born is None:
            self._bear(owner, born, segment.line)
            owner.confidence = max(owner.confidence, 0.3) if owner.name is None else owner.confidence

    def _mrn(self, segment: Segment, role: Role | None) -> None:
        if match := _IDENTIFIER.match(segment.value):
            role = role if role and role not in _CLINICAL else Role.PATIENT  # a clinician has none
            owner = self._owner(segment, role, frozenset({Role.PATIENT}))
            owner.mrn = owner.mrn or re.sub(r"\s", "-", match[1].strip("-"))  # a hyphen lost on the way

    def _phone(self, segment: Segment, role: Role | None) -> None:
        phones = find_phones(segment.value)
        if not phones:
            return
        if role is None and not any(one.role is Role.PATIENT for one in self.drafts):
            return
        is_home = re.search(r"home|cell|mobile", self.lines[segment.line][segment.column : segment.start], re.I)
        owner = self._owner(segment, role or (Role.PATIENT if is_home else None), frozenset(Role))
        if segment.line - owner.line <= 8:
            owner.phone = owner.phone or phones[0].e164

    def _npi(self, segment: Segment, role: Role | None) -> None:
        if not (npis := find_npis(segment.value)):
            return
        near = [one for one in self.drafts if one.role in _CLINICAL and 0 <= segment.line - one.line <= 4]
        owner = near[-1] if near else self._add(role or Role.SPECIALIST, segment, 0.5)
        owner.npi = owner.npi or npis[0]


def _signatures(lines: list[str]) -> Iterator[tuple[int, Name]]:
    """Lines that are a clinician's name with credentials, as under a letter."""
    for number, line in enumerate(lines):
        if len(line) < 70 and (name := parse_name(line.strip())) and name.credentials and name.given:
            yield number, name


def _patients(drafts: list[Draft]) -> list[Draft]:
    """Labelled patients first; a phrase's patient only where no label named one, or with a birth date of its own."""
    clinicians = [one for one in drafts if one.role in _CLINICAL and one.name]
    named = [one for one in drafts if one.name and one.name.given]
    named = [one for one in named if one.confidence > 0.86 or not any(are_same(one, other) for other in clinicians)]
    sure = [one for one in named if one.role is Role.PATIENT and one.confidence >= 0.9]
    patients = sure or [one for one in named if one.role is Role.PATIENT][:1]
    if not patients:
        patients = [one for one in drafts if one.role is Role.PATIENT and one.name][:1]
    nameless = [one for one in drafts if one.role is Role.PATIENT and one.name is None]
    if patients:
        for one in nameless:
            merge_facts(patients[0], one)
        return patients
    return nameless[:1]


def _sureness_of(name: Name, line: int, sureness: Sureness) -> float:
    middles = " ".join(part for part in name.middle.split() if len(part) >= _WHOLE)  # half a family name, at times
    return sureness.of_name(line, f"{name.family} {name.given} {middles}")


def _mention(mention: Mention, sureness: Sureness) -> Draft:
    draft = Draft(mention.role, mention.line, 0, mention.name, born=mention.born, confidence=mention.confidence)
    draft.name_sureness = _sureness_of(mention.name, mention.line, sureness)
    if mention.born:
        draft.born_sureness = sureness.of_date(mention.line, mention.born)
    return draft


def find_people(
    lines: list[str], segments: list[Segment], written: date | None, sureness: Sureness
) -> tuple[Person, ...]:
    """Everybody named, patients first. Nobody is surer than the recogniser was of their name and birth date."""
    gathering = _Gathering(lines, written, sureness)
    for segment in segments:
        gathering.take(segment)
    drafts = gathering.drafts + [_mention(one, sureness) for one in find_mentions(lines, written)]
    for line, name in _signatures(lines):
        known = any(are_same(one, Draft(one.role, name=name)) for one in drafts if one.role in _CLINICAL)
        if not known:
            drafts.append(Draft(Role.SPECIALIST, line, 0, name, confidence=0.8))
    drafts = joined(drafts)
    others = [one for one in drafts if one.role is not Role.PATIENT and (one.name or one.npi)]
    return tuple(person_of(one) for one in _patients(drafts) + others)
