# ruff: noqa: E501 - texts as mail servers write them
"""What comes back by itself: a bounce ends the transmission it is about, a delay or a machine's answer moves nothing."""

from collections.abc import Generator

import pytest

from config.reference import SAMPLE_KEY
from config.vocabulary import DocumentKind
from gateway.domain.arrival import PartState
from gateway.domain.referral import Status
from gateway.domain.transmission import TransmissionState
from gateway.services.match_part import MatchPart
from gateway.services.settle_review import SettleReview
from gateway.testing import memory_store
from tests.rigs.reading_desk import NUMBER, RULES, TOKEN, ReadingDesk
from tests.unit.bounces import ARRIVED, DELAYED, FAILED, LOST, MACHINES, SAYS_NOTHING, plain


@pytest.fixture
def desk() -> Generator[ReadingDesk]:
    store = memory_store()
    yield ReadingDesk.with_a_mail_sent(store)
    store.close()


def of_our_mail(desk: ReadingDesk, told: str) -> bytes:
    return told.replace("{id}", desk.key).replace("{token}", TOKEN.lower()).encode()


@pytest.mark.parametrize("server", sorted(FAILED))
def test_a_bounce_ends_the_transmission_it_is_about(desk: ReadingDesk, server: str) -> None:
    part = desk.take(of_our_mail(desk, FAILED[server]))
    assert (part.kind, part.state) == (DocumentKind.BOUNCE, PartState.FILED)
    assert desk.sent().state is TransmissionState.FAILED
    with desk.store.transaction() as tx:
        assert [task.kind.value for task in tx.tasks()] == ["fix_destination"]


@pytest.mark.parametrize("server", sorted(DELAYED))
def test_a_delay_ends_nothing(desk: ReadingDesk, server: str) -> None:
    part = desk.take(of_our_mail(desk, DELAYED[server]))
    assert (part.kind, part.state) == (DocumentKind.BOUNCE, PartState.FILED)
    assert desk.sent().state is TransmissionState.ACCEPTED


@pytest.mark.parametrize("system", sorted(ARRIVED))
def test_a_receipt_is_proof_of_delivery_and_no_answer(desk: ReadingDesk, system: str) -> None:
    part = desk.take(of_our_mail(desk, ARRIVED[system]))
    assert (part.kind, part.state) == (DocumentKind.AUTO_REPLY, PartState.FILED)
    assert desk.sent().state is TransmissionState.DELIVERED
    assert desk.referral().status is Status.DELIVERED


@pytest.mark.parametrize("before", ["", "Direct processed"])
def test_a_receipt_that_says_it_failed_is_a_failure_even_after_one_that_said_it_came(
    desk: ReadingDesk, before: str
) -> None:
    if before:
        desk.take(of_our_mail(desk, ARRIVED[before]))
    desk.take(of_our_mail(desk, LOST["Direct failed"]))
    assert desk.sent().state is TransmissionState.FAILED
    with desk.store.transaction() as tx:
        assert [task.kind.value for task in tx.tasks()] == ["fix_destination"]


@pytest.mark.parametrize("system", sorted(SAYS_NOTHING))
def test_a_receipt_that_says_neither_is_filed_and_moves_nothing(desk: ReadingDesk, system: str) -> None:
    part = desk.take(of_our_mail(desk, SAYS_NOTHING[system]))
    assert part.state is PartState.FILED
    assert desk.sent().state is TransmissionState.ACCEPTED
    assert desk.referral().status is Status.SENT


@pytest.mark.parametrize("machine", sorted(MACHINES))
def test_a_machines_answer_is_filed_and_moves_nothing(desk: ReadingDesk, machine: str) -> None:
    part = desk.take(of_our_mail(desk, MACHINES[machine]))
    assert (part.kind, part.state) == (DocumentKind.AUTO_REPLY, PartState.FILED)
    assert desk.sent().state is TransmissionState.ACCEPTED
    assert desk.referral().status is Status.SENT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Kim Doe is no longer with our practice.", "not read"),
        ("This mailbox is not monitored. Please fax referrals to 508-555-0101.", "not read"),
        ("We do not accept referrals by email.", "not read"),
        ("Unfortunately we are not accepting new patients and must decline your referral.", "more than an absence"),
    ],
)
def test_a_machines_answer_that_matters_is_for_a_person(desk: ReadingDesk, text: str, reason: str) -> None:
    told = plain("front.desk@harbor.example", "Automatic reply: Referral", text, In_Reply_To="<{id}@clinic.example>")
    part = desk.take(of_our_mail(desk, told))
    assert part.state is PartState.REVIEW
    assert reason in part.reason


def test_an_answer_to_an_automatic_reply_is_a_persons(desk: ReadingDesk) -> None:
    told = plain(
        "front.desk@harbor.example",
        "RE: Automatic reply: Referral",
        "Ms. Okafor is scheduled on 4/3/2026 at 2:30 pm.",
        In_Reply_To="<{id}@clinic.example>",
    )
    part = desk.take(of_our_mail(desk, told))
    assert (part.kind, part.state) == (DocumentKind.APPOINTMENT_NOTICE, PartState.FILED)
    assert desk.referral().status is Status.SCHEDULED


def test_a_bounce_that_names_nothing_fails_its_transmission_once_a_person_has_filed_it(desk: ReadingDesk) -> None:
    part = desk.take(FAILED["Mimecast"].replace("{id}", "stranger").encode())
    assert (part.kind, part.state) == (DocumentKind.BOUNCE, PartState.REVIEW)
    matcher = MatchPart(desk.store, desk.clock, RULES, (SAMPLE_KEY,))
    SettleReview(desk.store, desk.clock, RULES, matcher).assign(part.id, [NUMBER], "Lena")
    assert desk.sent().state is TransmissionState.FAILED


def test_an_appointment_taken_back_is_for_a_person(desk: ReadingDesk) -> None:
    told = plain(
        "front.desk@harbor.example",
        "Re: Referral",
        "Her appointment on 4/3/2026 at 2:30 pm has been cancelled.",
        In_Reply_To="<{id}@clinic.example>",
    )
    part = desk.take(of_our_mail(desk, told))
    assert part.state is PartState.REVIEW
    assert "takes an appointment back" in part.reason
