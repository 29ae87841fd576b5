"""Whether the document is the answer we asked for, or another office's word on the same patient."""

from dataclasses import replace

import pytest

from config.vocabulary import DocumentKind, ServiceKind
from gateway.domain.evidence import CodeClaim, PersonClaim
from gateway.domain.matching.decide import File, Review, Thresholds, decide
from tests.builders import a_recipient, an_evidence
from tests.rigs.judged import FROM_OFFICE, MARIA, NUMBERS, OFFICE, a_referral, filed_on, held_for


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


def test_a_coded_report_of_nobody_from_a_stranger_may_be_our_page_used_again() -> None:
    signed = CodeClaim(NUMBERS[0], 1, verified=True)
    assert "used again" in held_for(an_evidence(code=signed, sender="+15085550666"))
    assert "used again" in held_for(an_evidence(PersonClaim("", "", mrn="999"), code=signed, sender="+15085550666"))
    assert filed_on(an_evidence(code=signed, sender=FROM_OFFICE)) == [1]
    assert filed_on(an_evidence(MARIA, code=signed, sender="+15085550666")) == [1]
    assert filed_on(an_evidence(kind=DocumentKind.CONFIRMATION, code=signed, sender="+15085550666")) == [1]


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
