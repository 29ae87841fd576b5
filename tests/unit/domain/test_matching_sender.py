"""Whether the document is the answer we asked for, or another office's word on the same patient."""

from dataclasses import replace
from datetime import date

import pytest

from config.vocabulary import DocumentKind, ServiceKind
from gateway.domain.evidence import CodeClaim, Evidence, PersonClaim
from gateway.domain.matching.decide import File, Review, Thresholds, decide
from gateway.domain.referral import Patient, Referral, Status
from tests.builders import NOON, a_patient, a_recipient, an_evidence, an_intake

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


def test_one_patient_s_two_referrals_are_told_apart_by_the_office_that_answers() -> None:
    other = a_recipient(id=2, name="Hillside Imaging", organization="", fax="+15085550999", email="")
    pair = [(a_referral(), OFFICE), (a_referral(1), other)]
    decision = decide(an_evidence(MARIA, sender="+15085550999"), pair, Thresholds())
    assert isinstance(decision, File), decision.reason
    assert decision.referrals[0].referral.id == 2
    silent = decide(an_evidence(MARIA), pair, Thresholds())
    assert isinstance(silent, Review)
    assert silent.reason == "several referrals fit about equally well"


@pytest.mark.parametrize("kind", [DocumentKind.CONSULT_NOTE, DocumentKind.APPOINTMENT_NOTICE, DocumentKind.DECLINE])
@pytest.mark.parametrize(
    "trace", [{"sender": "+15085550666"}, {"sender": "desk@other.example"}, {"specialists": ("Dr. Peter Lindqvist",)}]
)
def test_another_office_s_letter_about_the_same_patient_answers_nothing(
    kind: DocumentKind, trace: dict[str, object]
) -> None:
    assert "not from the office" in held_for(an_evidence(MARIA, kind=kind, **trace))


@pytest.mark.parametrize(
    "trace",
    [
        {},
        {"sender": FROM_OFFICE},
        {"sender": "Front.Desk@Harbor.example"},
        {"sender": "billing@harbor.example"},
        {"sender": "+15085550666", "specialists": ("Ada Quist, MD",)},
        {"sender": "+15085550666", "specialists": ("Unknown", "HARBOR CARDIOLOGY, P.C.")},
    ],
)
def test_the_office_that_was_asked_is_known_by_any_of_its_traces(trace: dict[str, object]) -> None:
    assert filed_on(an_evidence(MARIA, **trace)) == [1]


@pytest.mark.parametrize("said", ["--", "Dr.", "Cardiology", "MD"])
def test_a_scrap_of_a_name_is_not_the_office_s(said: str) -> None:
    assert filed_on(an_evidence(MARIA, sender="+15085550666", specialists=(said,))) == []


@pytest.mark.parametrize(
    ("service", "files"),
    [
        (ServiceKind.LAB, True),
        (ServiceKind.IMAGING, True),
        (ServiceKind.PROCEDURE, True),
        (ServiceKind.SPECIALIST_CONSULT, False),
        (ServiceKind.THERAPY, False),
    ],
)
def test_a_result_reports_a_test_and_not_a_visit(service: ServiceKind, files: bool) -> None:
    asked = a_referral()
    asked = replace(asked, intake=replace(asked.intake, service=service))
    assert (filed_on(an_evidence(MARIA, kind=DocumentKind.RESULT, sender=FROM_OFFICE), asked) == [1]) is files
    assert filed_on(an_evidence(kind=DocumentKind.RESULT, code=CodeClaim(NUMBERS[0], 1, verified=True)), asked) == [1]
