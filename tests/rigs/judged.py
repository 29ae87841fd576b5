"""One office, up to three of its referrals, and what is decided of a document about them."""

from dataclasses import replace
from datetime import date

from gateway.domain.evidence import Evidence, PersonClaim
from gateway.domain.matching.decide import File, Review, Thresholds, decide
from gateway.domain.referral import Patient, Referral, Status
from tests.builders import NOON, a_patient, a_recipient, an_intake

NUMBERS = ("J8E60GDT", "4K7M92XQ", "7D2QH8N3")
OFFICE = a_recipient(id=1)
FROM_OFFICE = "+15085550101"
MARIA = PersonClaim("Okafor", "Maria", birth_date=date(1961, 4, 23))


def a_referral(place: int = 0, patient: Patient | None = None, **changed: object) -> Referral:
    intake = an_intake(patient=patient or a_patient())
    referral = Referral(place + 1, NUMBERS[place], intake, Status.DELIVERED, NOON, NOON, sent_at=NOON)
    return replace(referral, **changed)  # type: ignore[arg-type]  # any field


def decided(evidence: Evidence, *referrals: Referral) -> File | Review:
    return decide(evidence, [(referral, OFFICE) for referral in referrals or (a_referral(),)], Thresholds())


def filed_on(evidence: Evidence, *referrals: Referral) -> list[int]:
    decision = decided(evidence, *referrals)
    return [ranked.referral.id for ranked in decision.referrals] if isinstance(decision, File) else []


def held_for(evidence: Evidence, *referrals: Referral) -> str:
    decision = decided(evidence, *referrals)
    assert isinstance(decision, Review)
    return decision.reason
