"""A request that still waits for its line when the answer comes in is not sent after it."""

from collections.abc import Generator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from config.policy_file import load_policy
from config.vocabulary import AnswerId, Channel, DocumentKind
from gateway.domain.calendar import Calendar
from gateway.domain.evidence import AnswerClaim, Evidence
from gateway.domain.referral import Status
from gateway.domain.transmission import Purpose
from gateway.services.intend import CHASER, intend
from gateway.services.moving import advance
from gateway.services.rules import Rules
from gateway.services.take_answer import take_answer
from gateway.storage.store import SqlStore
from gateway.testing import memory_store
from tests.builders import NOON, an_evidence, an_intake
from tests.contract.stores import opened, with_recipient

POLICY = replace(load_policy(), close_on_report=True)
RULES = Rules(POLICY, Calendar("America/New_York"), ZoneInfo("America/New_York"))
REPORT = an_evidence()
BOOKED = an_evidence(kind=DocumentKind.CONFIRMATION, ticked=(AnswerClaim(AnswerId.ACCEPTED_WAITING, 0.99),))


@pytest.fixture
def store() -> Generator[SqlStore]:
    store = memory_store()
    yield store
    store.close()


@pytest.mark.parametrize(
    ("answer", "asked_by", "becomes"),
    [
        (REPORT, f"{CHASER}: resend", "cancelled"),
        (REPORT, "Lena", "cancelled"),
        (BOOKED, f"{CHASER}: resend", "cancelled"),
        (BOOKED, "Lena", "intended"),
    ],
)
def test_what_only_chases_is_called_back_by_any_answer_and_everything_by_the_report(
    store: SqlStore, answer: Evidence, asked_by: str, becomes: str
) -> None:
    intake = an_intake(recipient_id=with_recipient(store))
    with store.transaction() as tx:
        referral = advance(tx, RULES, opened(tx, intake=intake), Status.SENT, NOON, why="sent")
        intend(
            tx,
            referral,
            channel=Channel.FAX,
            destination="+15085550101",
            purpose=Purpose.SECOND_REQUEST,
            requested_by=asked_by,
            at=NOON,
        )
        take_answer(tx, RULES, referral.id, answer, NOON, actor="system")
        assert [row.state.value for row in tx.transmissions_of(referral.id)] == [becomes]
