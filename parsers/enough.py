"""Whether the head of a page has said all that matters, so that the rest need not be recognised.

Owns the price of that: a long report whose head names its patient, its day and its kind is filed by these; its running
text is then not searchable. Whatever else, or anything missing or unsure, has the whole page read.
"""

from config.vocabulary import DocumentKind
from parsers.classify import classify
from parsers.fields import read_fields
from parsers.reading import Person, Role
from parsers.sureness import Sureness

_REPORTS = frozenset({DocumentKind.CONSULT_NOTE, DocumentKind.RESULT})
"""Kinds whose lower half asks nothing of anybody."""
_SURE_KIND = 0.9
_SURE_PERSON = 0.75
"""Enough to stop: recognising the rest seldom makes anybody surer, and matching asks for more by itself."""


def names_patient(head: str, sureness: Sureness) -> bool:
    """Whether these lines name one patient, surely, and say when or to which referral."""
    facts = read_fields(head, None, sureness)
    patients = [person for person in facts.people if person.role is Role.PATIENT]
    return len(patients) == 1 and _is_whole(patients[0]) and bool(facts.dates or facts.numbers)


def is_report(head: str) -> bool:
    """Whether these lines are surely those of a report, which asks nothing of anybody further down."""
    kind, confidence = classify(head, {}, None)
    return kind in _REPORTS and confidence >= _SURE_KIND


def _is_whole(person: Person) -> bool:
    is_named = bool(person.family and person.given and person.birth_date)
    return is_named and person.confidence >= _SURE_PERSON
