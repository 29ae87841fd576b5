"""Keys that find a referral by its patient although the paper spells, swaps or misreads. Pure.

A referral is stored under every key of its patient; a document asks for the keys of whom it names. A key says
what it is made of (`mrn:`, `tel:`, `born:`, `name:`, `sound:`, `start:`, `end:`), so that one index serves all.
They only gather candidates, too many rather than too few; matching judges them.
"""

from collections.abc import Iterator
from datetime import date

import jellyfish

from gateway.domain.evidence import PersonClaim
from gateway.domain.matching.names import as_recognised, folded
from gateway.domain.referral import Patient

_SHORTEST_SURNAME = 3  # of several: "de" and "la" would gather half the clinic
_PIECE = 4
_PHONE_DIGITS = 10


def keys_of(patient: Patient) -> set[str]:
    """All keys a patient's referral is stored under."""
    return {
        *_mrn(patient.mrn),
        *_phone(patient.phone),
        f"born:{patient.birth_date}",
        *_spelled(patient.family),
        *_alike(patient.family),
    }


def keys_claimed(person: PersonClaim) -> Iterator[tuple[str, float]]:
    """The keys to ask for, and how much each narrows the field beside the others."""
    for key in _mrn(person.mrn):
        yield key, 9.0
    if person.birth_date:
        yield f"born:{person.birth_date}", 6.0
        if swapped := _day_and_month_swapped(person.birth_date):
            yield f"born:{swapped}", 2.0
    for key in _phone(person.phone):
        yield key, 5.0
    for key in _spelled(person.family):
        yield key, 4.0
    for key in _spelled(person.given):  # family and given name stand in each other's place
        yield key, 1.5
    for key in _alike(person.family):
        yield key, 2.0


def _mrn(mrn: str) -> Iterator[str]:
    if plain := "".join(char for char in mrn if char.isalnum()).lstrip("0").casefold():
        yield f"mrn:{plain}"


def _phone(phone: str) -> Iterator[str]:
    if digits := "".join(char for char in phone if char.isdigit())[-_PHONE_DIGITS:]:
        yield f"tel:{digits}"


def _day_and_month_swapped(day: date) -> date | None:
    if day.day > 12 or day.day == day.month:
        return None
    return date(day.year, day.day, day.month)


def _surnames(name: str) -> set[str]:
    """The whole name as one word, and each of several surnames."""
    words = folded(name).split()
    several = [word for word in words if len(word) >= _SHORTEST_SURNAME] if len(words) > 1 else []
    return {"".join(words), *several} - {""}


def _spelled(name: str) -> Iterator[str]:
    for surname in _surnames(name):
        yield f"name:{as_recognised(surname)}"


def _alike(name: str) -> Iterator[str]:
    for surname in _surnames(name):
        if sound := jellyfish.metaphone("".join(char for char in surname if char.isalpha())):
            yield f"sound:{sound}"
        seen = as_recognised(surname)
        if len(seen) > _PIECE:
            yield f"start:{seen[:_PIECE]}"
            yield f"end:{seen[-_PIECE:]}"
