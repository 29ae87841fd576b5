"""The same paper faxed again is linked to the first, kept, and moves nothing a second time by itself."""

import random
from collections.abc import Generator
from dataclasses import replace
from datetime import date, datetime

import pytest

from config.reference import PageCode
from config.vocabulary import AnswerId, DocumentKind
from gateway.domain.arrival import PartState
from gateway.domain.event import EventKind
from gateway.domain.referral import Status
from gateway.testing import memory_store
from parsers.fields import read_fields
from parsers.reading import Answer, Appointment, Document, Page, Reading
from tests.rigs.reading_desk import NUMBER, OTHER_NUMBER, ReadingDesk

LETTER = """Harbor Cardiology Associates
12 Wharf Street, Worcester, MA 01608
Date: February 27, 2026
RE: Maria Okafor   DOB: 04/23/1961   MRN: 0048213
Dear Dr. Marsh,
We received your referral and need more information before we can schedule this patient. Please send the most
recent office note, the electrocardiogram of last month and a current list of medications. Our fax number is
508-555-0101 and our front desk is open from eight until four thirty on business days.
Sincerely, Dr. Ada Quist"""


@pytest.fixture
def desk() -> Generator[ReadingDesk]:
    store = memory_store()
    yield ReadingDesk.with_a_mail_sent(store)
    store.close()


def misread(text: str, seed: int, share: float = 0.04) -> str:
    """The text as recognised on another bad line: letters confused, facts whole."""
    rng = random.Random(seed)
    words = text.split(" ")
    return " ".join(
        "".join(rng.choice("oeclirn") if char.isalpha() and rng.random() < share else char for char in word)
        if not any(char.isdigit() for char in word) and word not in {"Maria", "Okafor", "DOB:", "RE:"}
        else word
        for word in words
    )


def a_letter(text: str, kind: DocumentKind = DocumentKind.INFORMATION_REQUEST) -> Reading:
    facts = read_fields(text, date(2026, 3, 2))
    document = Document((0,), kind, 0.95, text=text, people=facts.people, appointment=facts.appointment)
    return Reading("image/tiff", (Page(0, text),), (document,))


def a_form(*ticked: AnswerId, number: str = NUMBER, at: str = "") -> Reading:
    code = PageCode(1, number, 1, 1, 4, verified=True)
    answers = {one: Answer(True, 0.98) for one in ticked}
    appointment = Appointment(datetime.fromisoformat(at), 0.97) if at else None
    document = Document((0,), DocumentKind.CONFIRMATION, 0.98, code=code, answers=answers, appointment=appointment)
    return Reading("image/tiff", (Page(0, codes=(code,)),), (document,))


def asked_again(desk: ReadingDesk) -> None:
    """Staff have sent what was missing: the referral waits for an answer once more."""
    from gateway.services.moving import advance
    from tests.builders import NOON
    from tests.rigs.reading_desk import RULES

    with desk.store.transaction() as tx:
        advance(tx, RULES, tx.referral(desk.referral_id), Status.SENT, NOON, why="sent again")


@pytest.mark.parametrize("seed", range(5))
def test_a_letter_faxed_again_with_other_noise_asks_before_it_moves_the_referral_again(
    desk: ReadingDesk, seed: int
) -> None:
    [first] = desk.take_reading(a_letter(misread(LETTER, seed)))
    assert (first.state, desk.referral().status) == (PartState.FILED, Status.NEEDS_INFORMATION)
    asked_again(desk)
    [again] = desk.take_reading(a_letter(misread(LETTER, 1000 + seed)))
    assert (again.state, again.like_part) == (PartState.REVIEW, first.id)
    assert f"likely the same paper as item {first.id}" in again.reason
    assert desk.referral().status is Status.SENT
    with desk.store.transaction() as tx:
        [event] = [one.event for one in tx.events() if one.event.kind is EventKind.PART_LIKE_EARLIER]
        assert event.detail is not None
        assert (event.part_id, event.detail["like_item"]) == (again.id, first.id)


def test_a_form_faxed_again_that_would_change_nothing_is_filed_beside_the_first(desk: ReadingDesk) -> None:
    [first] = desk.take_reading(a_form(AnswerId.RECEIVED))
    [again] = desk.take_reading(a_form(AnswerId.RECEIVED))
    assert (again.state, again.like_part) == (PartState.FILED, first.id)
    assert desk.referral().status is Status.ACKNOWLEDGED


def test_a_no_show_faxed_again_after_a_new_booking_does_not_undo_it(desk: ReadingDesk) -> None:
    desk.take_reading(a_form(AnswerId.APPOINTMENT_BOOKED, at="2026-03-05T09:00"))
    desk.take_reading(a_form(AnswerId.NO_SHOW))
    desk.take_reading(a_form(AnswerId.APPOINTMENT_BOOKED, at="2026-03-19T09:00"))
    assert desk.referral().status is Status.SCHEDULED
    [again] = desk.take_reading(a_form(AnswerId.NO_SHOW))
    assert again.state is PartState.REVIEW
    assert "a second time" in again.reason
    assert desk.referral().status is Status.SCHEDULED


@pytest.mark.parametrize(
    "other",
    [
        a_form(AnswerId.ACCEPTED_WAITING),
        a_form(AnswerId.APPOINTMENT_BOOKED, at="2026-03-12T09:00"),
        a_form(AnswerId.RECEIVED, number=OTHER_NUMBER),
        a_letter(
            LETTER.replace("Maria Okafor", "Jean Petit").replace("04/23/1961", "01/02/1950").replace("0048213", "7")
        ),
        a_letter(LETTER, DocumentKind.DECLINE),
    ],
    ids=["another answer", "another appointment", "another referral", "another patient", "another kind"],
)
def test_another_answer_is_no_twin(desk: ReadingDesk, other: Reading) -> None:
    desk.also_open("Petit", "Jean")
    desk.take_reading(a_form(AnswerId.RECEIVED))
    desk.take_reading(a_letter(LETTER))
    [part] = desk.take_reading(other)
    assert part.like_part is None


def test_a_twin_of_what_waits_in_the_queue_says_so_in_its_reason(desk: ReadingDesk) -> None:
    unknown = a_letter(LETTER.replace("Okafor", "Nobody").replace("0048213", "5").replace("04/23/1961", "9/9/1999"))
    [first] = desk.take_reading(unknown)
    [again] = desk.take_reading(unknown)
    assert (first.state, again.state) == (PartState.REVIEW, PartState.REVIEW)
    assert again.reason.endswith("of its text is the same")


def test_the_next_visits_note_is_no_twin(desk: ReadingDesk) -> None:
    note = LETTER.replace("need more information", "saw this patient")
    first = a_letter(note, DocumentKind.CONSULT_NOTE)
    document = replace(first.documents[0], dates=(date(2026, 2, 20),))
    desk.take_reading(replace(first, documents=(document,)))
    [part] = desk.take_reading(replace(first, documents=(replace(document, dates=(date(2026, 3, 1),)),)))
    assert part.like_part is None
