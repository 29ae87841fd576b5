"""One person in the making: what was found so far, and when two findings are one person.

Owns joining mentions into persons, and how sure a person is in the end. Finds nothing itself.
"""

from dataclasses import dataclass, field
from datetime import date

from parsers.labels import Attribute
from parsers.names import Name, fold
from parsers.reading import Person, Role
from parsers.sureness import SURE

_TWICE = 0.96


def _twice(one: float, other: float) -> float:
    """How sure a value is that stands twice on a page, read alike: a face may mislead twice in one way."""
    return max(one, other, (max(one, other) + _TWICE) / 2)


@dataclass(slots=True)
class Draft:
    """A person in the making."""

    role: Role
    line: int = -1
    column: int = 0
    name: Name | None = None
    parts: dict[Attribute, str] = field(default_factory=dict[Attribute, str])
    born: date | None = None
    mrn: str = ""
    phone: str = ""
    npi: str = ""
    confidence: float = 0.0
    name_sureness: float = SURE  # of the recogniser, in the letters of the name
    born_sureness: float = SURE


def are_same(one: Draft, other: Draft) -> bool:
    """Whether two findings may be one person: the same names in either order, or a given name shortened or left out."""
    if one.name is None or other.name is None:
        return False
    a, b = one.name, other.name
    if fold(a.family) != fold(b.family):
        return {a.key, b.key} == {(fold(a.family), fold(a.given)), (fold(a.given), fold(a.family))}
    given, also = fold(a.given), fold(b.given)
    return not given or not also or given.startswith(also) or also.startswith(given)


def _merge(into: Draft, other: Draft) -> None:
    if into.name and other.name and into.name.key == other.name.key and into.line != other.line:
        into.name_sureness = _twice(into.name_sureness, other.name_sureness)
    if into.name is None or (other.name and _is_fuller(other.name, into.name)):
        into.name, into.name_sureness = other.name, other.name_sureness
    _take_born(into, other)
    into.mrn = into.mrn or other.mrn
    into.phone, into.npi = into.phone or other.phone, into.npi or other.npi
    into.confidence = min(0.99, max(into.confidence, other.confidence) + 0.02)


def _is_fuller(one: Name, other: Name) -> bool:
    return (len(one.given), len(one.middle)) > (len(other.given), len(other.middle))


def _take_born(into: Draft, other: Draft) -> None:
    """The birth date of another mention; one that is written on two lines alike was surely read."""
    if into.born and into.born == other.born and into.line != other.line:
        into.born_sureness = _twice(into.born_sureness, other.born_sureness)
    elif into.born is None:
        into.born, into.born_sureness = other.born, other.born_sureness


def joined(drafts: list[Draft]) -> list[Draft]:
    """Drafts of one role and one name made one, in order of first mention."""
    kept: list[Draft] = []
    for draft in drafts:
        same = next((one for one in kept if one.role is draft.role and are_same(one, draft)), None)
        if same and not (same.born and draft.born and same.born != draft.born):
            _merge(same, draft)
        else:
            kept.append(draft)
    return kept


def merge_facts(into: Draft, nameless: Draft) -> None:
    """Give a person what was found without a name."""
    _take_born(into, nameless)
    into.mrn, into.phone = into.mrn or nameless.mrn, into.phone or nameless.phone


def person_of(draft: Draft) -> Person:
    """The finished person: no surer than the recogniser was of the letters and figures."""
    name = draft.name or Name("")
    return Person(
        role=draft.role,
        family=name.family,
        given=name.given,
        middle=name.middle,
        suffix=name.suffix,
        birth_date=draft.born,
        mrn=draft.mrn,
        phone=draft.phone,
        npi=draft.npi,
        confidence=round(min(draft.confidence, draft.name_sureness, draft.born_sureness), 3),
    )
