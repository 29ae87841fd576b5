"""An answer that was read only after the report had closed its referral."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from config.vocabulary import AnswerId, DocumentKind
from gateway.domain.answers import consequences
from gateway.domain.evidence import AnswerClaim, CodeClaim, Evidence
from gateway.domain.matching.decide import File, Review, Thresholds, decide
from gateway.domain.referral import Referral, Status
from tests.builders import NOON, a_recipient, an_evidence, an_intake

NUMBER = "J8E60GDT"
HOUR = timedelta(hours=1)


def a_closed_referral(status: Status = Status.CLOSED) -> Referral:
    return Referral(1, NUMBER, an_intake(), status, NOON, NOON - HOUR, closed_at=NOON)


def a_form(ticked: AnswerId, came: timedelta, **changed: object) -> Evidence:
    said: dict[str, object] = {
        "kind": DocumentKind.CONFIRMATION,
        "received_at": NOON + came,
        "code": CodeClaim(NUMBER, 1, verified=True),
        "ticked": (AnswerClaim(ticked, 0.99),),
    }
    return an_evidence(**(said | changed))


def decided(evidence: Evidence, referral: Referral) -> File | Review:
    return decide(evidence, [(referral, a_recipient(id=1))], Thresholds())


@pytest.mark.parametrize("ticked", [AnswerId.RECEIVED, AnswerId.ACCEPTED_WAITING, AnswerId.ALREADY_SEEN])
def test_word_of_progress_that_came_before_the_report_is_filed_and_moves_nothing(ticked: AnswerId) -> None:
    form, referral = a_form(ticked, -HOUR), a_closed_referral()
    assert isinstance(decided(form, referral), File)
    assert consequences(referral, form, ZoneInfo("UTC"), close_on_report=True).moves == ()


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (a_form(AnswerId.RECEIVED, HOUR), Status.CLOSED),
        (a_form(AnswerId.RECEIVED, -HOUR), Status.CANCELLED),
        (a_form(AnswerId.DECLINED_CAPACITY, -HOUR), Status.CLOSED),
        (a_form(AnswerId.NEED_INFORMATION, -HOUR), Status.CLOSED),
        (a_form(AnswerId.RECEIVED, -HOUR, kind=DocumentKind.CONSULT_NOTE), Status.CLOSED),
    ],
    ids=["came after", "cancelled", "a decline", "a question", "a second report"],
)
def test_anything_else_about_an_ended_referral_is_for_a_person(form: Evidence, status: Status) -> None:
    decision = decided(form, a_closed_referral(status))
    assert isinstance(decision, Review)
    assert decision.reason == f"the referral it fits is already {status.value}"


def test_what_names_no_referral_still_tells_what_was_wrong_with_it() -> None:
    decision = decide(an_evidence(doubts=("note.pdf: the file is empty",)), [], Thresholds())
    assert isinstance(decision, Review)
    assert decision.reason == "names no referral of ours; note.pdf: the file is empty"
