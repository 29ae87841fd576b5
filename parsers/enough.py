"""Whether the head of a page has said all that matters, so that the rest need not be recognised.

Owns the price of that: a long report whose head names its patient, its day and its kind is filed by these; its running
text is then not searchable. Whatever else, or anything missing or unsure, has the whole page read.
"""

from config.vocabulary import DocumentKind
from parsers.classify import classify, weights
from parsers.fields import read_fields
from parsers.reading import Person, Role
from parsers.sureness import Sureness

_REPORTS = frozenset({DocumentKind.CONSULT_NOTE, DocumentKind.RESULT})
"""Kinds whose lower half asks nothing of anybody."""
_SURE_KIND = 0.9
_HARDLY_SURE_KIND = 0.6
SURE_PERSON, NEARLY_SURE = 0.85, 0.6
"""Between them another recogniser's look at the head pays: what both read alike is sure."""


def patient_sureness(head: str, sureness: Sureness) -> float:
    """How surely these lines name one patient, 0 to 1; 0 too where they do not say when or to which referral."""
    facts = read_fields(head, None, sureness)
    patients = [person for person in facts.people if person.role is Role.PATIENT]
    if len(patients) != 1 or not _is_whole(patients[0]) or not (facts.dates or facts.numbers):
        return 0.0
    return patients[0].confidence


def names_kind(text: str) -> bool:
    """Whether the text of a page says of what kind it is, so that nothing must be read again for that."""
    return classify(text, {}, None)[1] >= _HARDLY_SURE_KIND


def telling(text: str) -> float:
    """How much a text speaks for the known kind it speaks for most."""
    return max(weight for kind, weight in weights(text).items() if kind is not DocumentKind.OTHER)


def is_report(head: str) -> bool:
    """Whether these lines are surely those of a report, which asks nothing of anybody further down."""
    kind, confidence = classify(head, {}, None)
    return kind in _REPORTS and confidence >= _SURE_KIND


def _is_whole(person: Person) -> bool:
    return bool(person.family and person.given and person.birth_date)
