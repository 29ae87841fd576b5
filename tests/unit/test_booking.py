"""What the cells say and what is written beside them are one appointment, or a doubt."""

from datetime import date, datetime

import pytest

from config.vocabulary import AnswerId, CombId
from parsers.beside import Beside
from parsers.booking import Booking, read_booking
from parsers.digits import Digit
from parsers.reading import Answer, Appointment, Box

CAME = date(2026, 11, 24)
PLACE = Box(0, 0.1, 0.5, 0.3, 0.05)


def cells(text: str, sureness: float = 0.997) -> list[Digit]:
    rest = (1 - sureness) / 9
    return [
        Digit(None, 0.97)
        if char == "_"
        else Digit(int(char), sureness, tuple(sureness if i == int(char) else rest for i in range(10)))
        for char in text
    ]


def booking(day: str, clock: str = "____", beside: str = "", *, is_booked: bool = True) -> Booking:
    answers = {box: Answer(False, 0.99) for box in AnswerId}
    answers[AnswerId.APPOINTMENT_BOOKED] = Answer(is_booked, 0.99)
    answers[AnswerId.APPOINTMENT_PM] = Answer(True, 0.99)
    found = Appointment(datetime.strptime(beside, "%m%d%y"), 0.6, has_time=False) if beside else None  # noqa: DTZ007
    written = (Beside((0, 0, 1, 1), "as read", found), PLACE)
    combs = {CombId.APPOINTMENT_DATE: cells(day), CombId.APPOINTMENT_TIME: cells(clock)}
    return read_booking(combs, answers, written, dict.fromkeys(CombId, PLACE), CAME)


def test_cells_alone_are_believed_beside_a_name() -> None:
    read = booking("120326", "0230")
    assert read.doubts == ()
    assert read.appointment is not None
    assert f"{read.appointment.at:%Y-%m-%d %H:%M}" == "2026-12-03 14:30"
    assert read.appointment.confidence >= 0.9
    assert [field.name for field in read.fields] == ["comb_date", "comb_time"]


def test_the_same_date_beside_the_cells_is_no_doubt() -> None:
    assert booking("120326", "0230", beside="120326").doubts == ()


def test_another_date_beside_the_cells_makes_them_doubtful() -> None:
    read = booking("120326", "0230", beside="121026")
    assert "another date is written beside the cells" in read.doubts
    assert read.appointment is not None
    assert read.appointment.confidence < 0.9
    assert "date_beside" in [field.name for field in read.fields]


@pytest.mark.parametrize("is_booked", [True, False])
def test_empty_cells_and_a_date_beside_them_are_for_a_person(is_booked: bool) -> None:
    read = booking("______", beside="121026", is_booked=is_booked)
    assert read.doubts
    assert read.appointment is not None
    assert read.appointment.confidence < 0.9


def test_writing_that_cannot_be_read_is_kept_to_be_looked_at_where_the_cells_are_empty() -> None:
    read = booking("______")
    assert [(field.name, field.box, field.confidence) for field in read.fields] == [("date_beside", PLACE, 0.0)]
    assert read.doubts == ("an appointment is booked, but its date is not surely read",)


def test_cells_that_were_begun_and_a_box_left_empty_are_doubted() -> None:
    assert booking("12____", is_booked=False).doubts == ("an appointment date is written, but its box is not ticked",)
