"""The appointment that a form tells of: from its cells, from what is written beside them, and from its boxes.

Owns when a date is believed. A date beside the cells is offered to a person and never believed; one that says other
than the cells makes those doubtful.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from config.vocabulary import AnswerId, CombId
from parsers.answers import SURE
from parsers.beside import Beside
from parsers.combs import Written, read_date, read_time
from parsers.digits import Digit
from parsers.reading import Answer, Appointment, Box, Field, Origin

_SURE_DATE = 0.98
"""Of 20,000 dates put together digit by digit from 150 hands of each that a single net was not trained on, 0.19% were
wrong above this and 69.9% sure; above 0.97 it was 0.32% and 73.9%, above 0.9 0.85% and 83.8%."""
_INKED_CELLS = 2  # one may be a speck or a neighbour's stroke


@dataclass(frozen=True, slots=True)
class Booking:
    """The appointment, what each place shows, and why a person must look."""

    appointment: Appointment | None
    fields: tuple[Field, ...]
    doubts: tuple[str, ...]


def read_booking(
    combs: Mapping[CombId, list[Digit]],
    answers: Mapping[AnswerId, Answer],
    beside: tuple[Beside, Box] | None,
    places: Mapping[CombId, Box],
    came: date | None,
) -> Booking:
    """What the cells and the writing beside them say; `came` is when the form came back, if that is known."""
    today = date.today()  # noqa: DTZ011 - only for forms read by hand, of which nothing is known
    day = read_date(combs[CombId.APPOINTMENT_DATE], came, today)
    clock = read_time(combs[CombId.APPOINTMENT_TIME], is_pm=_is_pm(answers))
    fields = [
        Field(name, written.digits, round(written.confidence, 3), Origin.FORM, places[comb])
        for comb, name, written in (
            (CombId.APPOINTMENT_DATE, "comb_date", day),
            (CombId.APPOINTMENT_TIME, "comb_time", clock),
        )
        if written.digits.strip("_")
    ]
    appointment, doubts = _joined(day, clock), list[str]()
    if beside is not None:
        appointment, told = _with_writing(appointment, beside[0])
        doubts += told
        if told or appointment is None or appointment.confidence < SURE:
            sure = beside[0].appointment.confidence if beside[0].appointment else 0.0
            fields.append(Field("date_beside", beside[0].text or "?", sure, Origin.OCR, beside[1]))
    is_booked = answers[AnswerId.APPOINTMENT_BOOKED].value
    if is_booked and (appointment is None or appointment.confidence < SURE):
        doubts.append("an appointment is booked, but its date is not surely read")
    has_ink = sum(char != "_" for char in day.digits) >= _INKED_CELLS
    if not is_booked and (appointment is not None or has_ink):
        doubts.append("an appointment date is written, but its box is not ticked")
    return Booking(appointment, tuple(fields), tuple(doubts))


def _with_writing(cells: Appointment | None, beside: Beside) -> tuple[Appointment | None, list[str]]:
    """The appointment, the writing considered; what is beside the cells may as well be a name."""
    found = beside.appointment
    if found is None:
        return cells, []
    if cells is None:
        return found, ["a date is written beside its cells"]
    if found.at.date() == cells.at.date():
        return cells, []
    return replace(cells, confidence=min(cells.confidence, 0.5)), ["another date is written beside the cells"]


def _is_pm(answers: Mapping[AnswerId, Answer]) -> bool | None:
    morning, afternoon = answers[AnswerId.APPOINTMENT_AM], answers[AnswerId.APPOINTMENT_PM]
    if morning.value == afternoon.value:
        return None
    return afternoon.value


def _joined(day: Written, clock: Written) -> Appointment | None:
    if not isinstance(day.value, date):
        return None
    if isinstance(clock.value, time):
        return Appointment(datetime.combine(day.value, clock.value), _believed(min(day.confidence, clock.confidence)))
    midnight = datetime.combine(day.value, time())
    has_unread_time = bool(clock.digits.strip("_"))
    return Appointment(midnight, _believed(min(day.confidence, 0.5 if has_unread_time else 1.0)), has_time=False)


def _believed(confidence: float) -> float:
    """A date must be surer than a tick: below `_SURE_DATE` it stays under what is taken without a person."""
    return round(confidence if confidence >= _SURE_DATE else min(confidence, SURE - 0.01), 3)
