"""Finding a referral as staff type it: a number, a name, a birth date, an MRN or a phone, in any order."""

import re
from datetime import date

from config.reference import parse_number
from config.vocabulary import Channel, DocumentKind
from gateway.domain.evidence import Evidence, PersonClaim
from gateway.domain.matching.names import folded
from gateway.domain.referral import Referral
from gateway.services.ports import Clock, Transaction

_MOST = 12
_BORN = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)|(?P<mm>\d\d?)[/.-](?P<dd>\d\d?)[/.-](?P<yyyy>\d{4})")


def find_referrals(tx: Transaction, typed: str, clock: Clock) -> list[Referral]:
    """The referrals that fit what was typed, the likeliest first; none for nothing."""
    number = parse_number(typed)
    if number and (exact := tx.referral_numbered(number)):
        return [exact]
    claims = _claims(typed)
    if not claims:
        return []
    evidence = Evidence(DocumentKind.OTHER, 0.0, Channel.HAND, clock.now(), patients=tuple(claims))
    words = [word for word in folded(_BORN.sub(" ", typed)).split() if not word.isdigit()]
    found = tx.candidates_for(evidence)
    return sorted(found, key=lambda referral: -_shared(words, referral))[:_MOST]


def _claims(typed: str) -> list[PersonClaim]:
    """Each way to understand it: which word is the family name, whether digits are an MRN or a phone."""
    born = _birth_date(typed)
    rest = _BORN.sub(" ", typed)
    digits = "".join(char for char in rest if char.isdigit())
    words = folded(rest).split()
    names = [word for word in words if not word.isdigit()]
    claims = [PersonClaim(family=name, birth_date=born) for name in dict.fromkeys((*names, " ".join(names))) if name]
    if born and not names:
        claims.append(PersonClaim(birth_date=born))
    if digits:
        claims += [PersonClaim(mrn=digits), PersonClaim(phone=digits)]
    return claims


def _birth_date(typed: str) -> date | None:
    match = _BORN.search(typed)
    if match is None:
        return None
    year, month, day = (match["y"], match["m"], match["d"]) if match["y"] else (match["yyyy"], match["mm"], match["dd"])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _shared(words: list[str], referral: Referral) -> int:
    """How many of the words begin one of the patient's names."""
    patient = referral.intake.patient
    names = folded(f"{patient.family} {patient.given} {patient.middle}").split()
    return sum(any(name.startswith(word) for name in names) for word in words)
