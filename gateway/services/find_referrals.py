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
_GATHERED = 60
_SHORTEST = 2  # letters of a name before its beginning is looked for
_BORN = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)|(?P<mm>\d\d?)[/.-](?P<dd>\d\d?)[/.-](?P<yyyy>\d{4})")


def find_referrals(tx: Transaction, typed: str, clock: Clock) -> list[Referral]:
    """The referrals that fit what was typed, the likeliest first; none for nothing."""
    number = parse_number(typed)
    if number and (exact := tx.referral_numbered(number)):
        return [exact]
    names = [word for word in folded(_BORN.sub(" ", typed)).split() if not word.isdigit()]
    found = {referral.id: referral for referral in _by_clues(tx, typed, names, clock)}
    for name in names:
        if len(name) >= _SHORTEST:
            found |= {referral.id: referral for referral in tx.referrals_named(name, _GATHERED)}
    born = _birth_date(typed)
    return sorted(found.values(), key=lambda referral: _unlikeness(names, born, referral))[:_MOST]


def _by_clues(tx: Transaction, typed: str, names: list[str], clock: Clock) -> list[Referral]:
    claims = _claims(typed, names)
    if not claims:
        return []
    return tx.candidates_for(Evidence(DocumentKind.OTHER, 0.0, Channel.HAND, clock.now(), patients=tuple(claims)))


def _claims(typed: str, names: list[str]) -> list[PersonClaim]:
    """Each way to understand it: which word is the family name, whether digits are an MRN or a phone."""
    born = _birth_date(typed)
    digits = "".join(char for char in _BORN.sub(" ", typed) if char.isdigit())
    families = dict.fromkeys((*names, " ".join(names)))
    claims = [PersonClaim(family=name, birth_date=born) for name in families if name]
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


def _unlikeness(words: list[str], born: date | None, referral: Referral) -> tuple[int, bool, int]:
    """How many of the words begin none of the patient's names; another birth date; then the newest first."""
    patient = referral.intake.patient
    names = folded(f"{patient.family} {patient.given} {patient.middle}").split()
    strange = sum(not any(name.startswith(word) for name in names) for word in words)
    return strange, born is not None and patient.birth_date != born, -referral.id
