"""Who the patient is, weighed after Fellegi and Sunter: how much likelier each agreement is in a true pair.

A different birth date or plainly different name contradicts, whatever else agrees. A name counts as an identifier
only if it could not as well be a twin's: Jayden and Hayden, Michael and Michaela, J., Maria Elena and Maria Teresa
share a birth date, a surname and a telephone.
"""

from dataclasses import replace
from datetime import date

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence, PersonClaim
from gateway.domain.matching.names import as_meant, edits, folded, is_nickname, is_shared_nickname, shares_surname
from gateway.domain.matching.rule import Finding, Identifier
from gateway.domain.referral import Patient, Referral

_BORN, _BORN_NEAR = 7.5, 1.0
_FAMILY, _FAMILY_NEAR = 5.0, 3.0
_GIVEN, _GIVEN_NEAR = 3.0, 1.5
_MRN, _PHONE = 9.0, 6.0
_OTHER_MIDDLE = -1.5
_DIFFERENT = -8.0


class ByPatient:
    """The document names this patient."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """The best of the patients named; two different patients on one part contradict."""
        del recipient
        patient = referral.intake.patient
        judged = [_weigh(claim, patient) for claim in evidence.patients]
        if not judged:
            return ()
        best = max(judged, key=lambda findings: sum(finding.weight for finding in findings))
        others = [findings for findings in judged if findings is not best and any(f.is_against for f in findings)]
        if others and not any(f.is_against for f in best):
            return (*best, Finding(-2.0, "it names another patient as well", is_against=True))
        return best


def _weigh(claim: PersonClaim, patient: Patient) -> tuple[Finding, ...]:
    found = [
        *_born(claim.birth_date, patient.birth_date),
        *_name(claim, patient),
        *_exact(claim.mrn, patient.mrn, Identifier.MRN, _MRN),
        *_exact(_digits(claim.phone), _digits(patient.phone), Identifier.PHONE, _PHONE),
    ]
    return tuple(found)


def _born(claimed: date | None, known: date) -> list[Finding]:
    if claimed is None:
        return []
    if claimed == known:
        return [Finding(_BORN, "birth date agrees", Identifier.BIRTH_DATE)]
    if (claimed.year, claimed.month, claimed.day) == (known.year, known.day, known.month):
        return [Finding(_BORN_NEAR, "birth date has day and month the other way round", is_against=True)]
    apart = sum(a != b for a, b in zip(f"{claimed:%Y%m%d}", f"{known:%Y%m%d}", strict=True))
    if apart == 1:
        return [Finding(_BORN_NEAR, "birth date differs in one digit", is_against=True)]
    return [Finding(_DIFFERENT, "birth date is another", is_against=True)]


def _name(claim: PersonClaim, patient: Patient) -> list[Finding]:
    if not claim.family:
        return []
    straight = _names(claim, patient)
    swapped = _names(replace(claim, family=claim.given, given=claim.family), patient) if claim.given else straight
    if sum(f.weight for f in swapped) > sum(f.weight for f in straight):
        return [*swapped, Finding(-0.5, "given and family name are swapped")]
    return straight


def _names(claim: PersonClaim, patient: Patient) -> list[Finding]:
    family_finding = _family(claim.family, patient.family)
    given_finding = _given(claim.given, patient)
    if family_finding.is_against:
        return [family_finding]
    if given_finding is None:
        return [Finding(family_finding.weight, f"{family_finding.sentence}; given name is not written")]
    if given_finding.is_against:
        return [Finding(family_finding.weight, "family name agrees"), given_finding]
    middle = _middle(claim, patient)
    sentence = "name agrees"
    if family_finding.weight < _FAMILY or given_finding.weight < _GIVEN:
        sentence = "; ".join(dict.fromkeys((family_finding.sentence, given_finding.sentence)))
    identifies = None if middle else given_finding.identifies
    return [Finding(family_finding.weight + given_finding.weight, sentence, identifies), *middle]


def _family(claimed: str, known: str) -> Finding:
    apart = edits(as_meant(claimed, known), known)
    if apart == 0:
        return Finding(_FAMILY, "family name agrees")
    if shares_surname(claimed, known):
        return Finding(_FAMILY_NEAR, "one of two surnames agrees")
    if apart == 1 and len(known) > 3:
        return Finding(_FAMILY_NEAR, "family name differs by one letter")
    if apart == 2 and len(known) > 7:
        return Finding(_FAMILY_NEAR / 2, "family name differs by two letters")
    return Finding(_DIFFERENT, "family name is another", is_against=True)


def _given(claimed: str, patient: Patient) -> Finding | None:
    """What the given name says; only a sure one carries `Identifier.NAME`."""
    if not claimed:
        return None
    known = patient.given
    claimed = as_meant(claimed, known)
    first, first_known = claimed.split(maxsplit=1)[0], known.split()[0]
    if min(edits(claimed, known), edits(claimed, f"{known} {patient.middle}"), edits(first, first_known)) == 0:
        return _agreeing(claimed, known)
    if len(claimed.strip(". ")) == 1 and edits(claimed.strip(". "), known[0]) == 0:
        return Finding(_GIVEN_NEAR / 3, "only an initial of the given name, which agrees")
    for short, full in ((claimed, known), (first, first_known)):
        if is_nickname(short, full):
            fits_others = is_shared_nickname(short) or is_shared_nickname(full)
            return Finding(_GIVEN_NEAR, "given name is a short form", None if fits_others else Identifier.NAME)
    if min(edits(claimed, known), edits(first, first_known)) == 1 and len(known) > 4:
        return Finding(_GIVEN_NEAR, "given name differs by one letter")
    if patient.middle and edits(first, patient.middle) == 0:
        return Finding(_GIVEN_NEAR, "goes by the middle name")
    return Finding(_DIFFERENT, "given name is another", is_against=True)


def _agreeing(claimed: str, known: str) -> Finding:
    """The same to a reader's eye: but Maria misread is Marla, who may be her sister; Mar1a is nobody else."""
    if len(claimed.split()) < len(known.split()):
        return Finding(_GIVEN, "only the first of two given names is written")
    first, first_known = (folded(name).partition(" ")[0] for name in (claimed, known))
    if first.isalpha() and first != first_known:
        return Finding(_GIVEN, "given name agrees but for letters often misread")
    return Finding(_GIVEN, "given name agrees", Identifier.NAME)


def _middle(claim: PersonClaim, patient: Patient) -> list[Finding]:
    """Whether further given names are written on both sides and none agrees, not even by its initial."""
    claimed = [*claim.given.split()[1:], *claim.middle.split()]
    known = [*patient.given.split()[1:], *patient.middle.split()]
    if not claimed or not known or any(_may_be_same(a, b) for a in claimed for b in known):
        return []
    return [Finding(_OTHER_MIDDLE, "middle name is another")]


def _may_be_same(a: str, b: str) -> bool:
    x, y = a.strip("."), b.strip(".")
    if 1 in (len(x), len(y)):
        return edits(x[:1], y[:1]) == 0
    return edits(x, y) < 2 or is_nickname(x, y)


def _exact(claimed: str, known: str, identifier: Identifier, weight: float) -> list[Finding]:
    """An MRN may be the other office's own, and phones change: a different one weighs little against."""
    if not claimed or not known:
        return []
    if claimed.lstrip("0").casefold() == known.lstrip("0").casefold():
        return [Finding(weight, f"{identifier.value} agrees", identifier)]
    return [Finding(-0.5, f"{identifier.value} is another")]


def _digits(phone: str) -> str:
    return "".join(char for char in phone if char.isdigit())[-10:]
