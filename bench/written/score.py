"""What one reading got right of one page: the four key fields, the kind, and whether a wrong patient was sure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import jellyfish

from bench.written.letter import Truth
from parsers.names import fold
from parsers.reading import Person, Role

_SURE = 0.85
"""From here on a person counts as surely read (`parsers.split` asks as much)."""
_SLIPS = 2
"""Letters by which a misread name is still the patient's own: another person's differs by more."""


@dataclass(frozen=True, slots=True)
class Score:
    """One page. A field that the page does not print is right; `seconds` is for reading it."""

    layout: str
    face: str
    name: bool
    born: bool
    mrn: bool
    visit: bool  # date of service, or the referral's number where that is printed
    kind: bool
    kind_confidence: float
    is_wrong_patient: bool  # sure of a name that is another person's, or of the right name with a wrong birth date
    seconds: float
    said: str = ""

    @property
    def is_right(self) -> bool:
        """Whether all four key fields are."""
        return self.name and self.born and self.mrn and self.visit


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def patient_of(people: Sequence[Person]) -> Person | None:
    """The first patient, who is the one matching asks about first."""
    return next((one for one in people if one.role is Role.PATIENT), None)


def _is_another(who: Person, truth: Truth) -> bool:
    theirs, ours = fold(who.family + who.given), fold(truth.who.family + truth.who.given)
    swapped = fold(who.given + who.family)
    return min(jellyfish.levenshtein_distance(theirs, ours), jellyfish.levenshtein_distance(swapped, ours)) > _SLIPS


def score(
    truth: Truth,
    people: Sequence[Person],
    dates: Sequence[date],
    numbers: Sequence[str],
    kind: tuple[str, float],
    seconds: float,
) -> Score:
    """Hold what was read against what the page says."""
    who = patient_of(people)
    name = who is not None and (fold(who.family), fold(who.given)) == (fold(truth.who.family), fold(truth.who.given))
    born = who is not None and who.birth_date == truth.who.born
    mrn = not truth.mrn or (who is not None and _plain(who.mrn) == _plain(truth.mrn))
    visit = truth.number in numbers if truth.number else truth.service is None or truth.service in dates
    is_sure = who is not None and who.confidence >= _SURE and bool(who.given)
    is_wrong = is_sure and who is not None and (_is_another(who, truth) or (who.birth_date is not None and not born))
    said = "" if name and born and mrn and visit else f"{truth} READ {who} {list(dates)} {list(numbers)}"
    return Score(
        truth.layout, truth.face, name, born, mrn, visit, kind[0] == truth.kind, kind[1], is_wrong, seconds, said
    )
