# ruff: noqa: E501 - sentences as offices write them
"""When the patient is booked, in an office's own words: counted from the day of writing, or asked of a person."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from time import monotonic

import pytest

from parsers.fields import read_fields
from parsers.message import read_mail
from parsers.options import ReadOptions
from parsers.reading import Appointment, Reading

FRIDAY = date(2026, 11, 20)
SURE = 0.9
"""From here on the daemon books it without a person."""


def found(text: str, written: date = FRIDAY) -> Appointment | None:
    return read_fields(text, written).appointment


CERTAIN = {
    "Pt is scheduled Thurs the 3rd at 2:30": "2026-12-03T14:30",
    "appointment is this coming Tuesday at 9am": "2026-11-24T09:00",
    "Appointment next week Tuesday at 1pm": "2026-11-24T13:00",
    "She is scheduled tomorrow at 9": "2026-11-21T09:00",
    "appointment today at 4pm": "2026-11-20T16:00",
    "We can see him a week from Monday at 10am": "2026-11-30T10:00",
    "booked for two weeks from today at 11:00": "2026-12-04T11:00",
    "scheduled 3 weeks from Wednesday at 8:30 am": "2026-12-16T08:30",
    "We can see her on the 3rd of January at 1:15 pm": "2027-01-03T13:15",
    "Appt: 1/7 @ 10a w/ Dr Lee": "2027-01-07T10:00",
    "appt set for Mon 12/7 @ 0900": "2026-12-07T09:00",
    "New pt appt with Dr. Patel 12-07-26 at 1400": "2026-12-07T14:00",
    "We had to move her to 12/10 at 3pm": "2026-12-10T15:00",
    "Her appointment on 12/3 at 9:00 was moved to 12/10 at 3pm": "2026-12-10T15:00",
    "Her appointment was moved from 12/3 at 9:00 to 12/10 at 3pm": "2026-12-10T15:00",
    "Her appt has been rescheduled from December 3rd to December 10th at 3:00 PM": "2026-12-10T15:00",
    "Rescheduled to 12/10/2026 10:45 AM (was 12/3/2026 2:30 PM)": "2026-12-10T10:45",
    "She cancelled her 12/3 appointment and rebooked for 12/17 at 9:15 am": "2026-12-17T09:15",
    "Appt moved up to 11/24 at 9AM from 12/3": "2026-11-24T09:00",
    "appt bumped from 12/3 to 12/10 at 9 am": "2026-12-10T09:00",
    "The 12/3 2:30pm appointment no longer works, so we put her in 12/10 at 1pm": "2026-12-10T13:00",
    "Instead of 12/3 at 9:00 she will come 12/10 at 1pm": "2026-12-10T13:00",
    "Maria's visit is now Dec. 10 at 1 p.m.": "2026-12-10T13:00",
    "Please have labs done by 12/1 before the appointment on 12/8 at 9 am": "2026-12-08T09:00",
    "Appointment 12/8/2026 at 9:00 am. To cancel or reschedule call us 24 hours ahead.": "2026-12-08T09:00",
}  # fmt: skip
UNSURE = (
    "appointment is Friday at 3",
    "Appointment Thursday after next at 1pm",
    "scheduled for Monday week at 10am",
    "She's scheduled for the 7th at 2",
    "She is on the schedule for the 31st at 8am",
    "We have her down for Thurs the 13th at 2:30",
    "scheduled for Tuesday or Wednesday at 2:30",
    "We can offer 12/8 at 9:00 or 12/9 at 10:00, which works?",
    "We have openings 12/8 at 9:00am and 12/10 at 1:00pm",
    "Please call to schedule before 12/15.",
    "We'll see pt day after tomorrow at 8:15",
    "We tried to schedule for 12/7 at 9:00 but the patient could not make it",
    "She did not show for her appointment on 11/19/2026 at 2:30 pm",
    "He could not be scheduled until 2/2 at 9:00",
    "Appt. tentatively 12/3 at 2:30 pm, will confirm",
    "Do you want the appointment on 12/3 at 2:30 pm?",
    "Your appointment request for 12/3/2026 at 2:30 pm is pending",
    "The appointment is on Thursday 12/4/2026 at 2:30pm",
    "appointment cannot be kept on 12/3 at 9am",
    "Appointment on 12/3/2026 at 2:30 pm has been cancelled.",
    "The patient cancelled her appointment for 12/3 at 2:30.",
    "Cancelled: appointment 12/3/2026 2:30 PM",
    "Her visit on Thursday at 2:30 was called off.",
    "appointment 12/3 at 6",
)


@pytest.mark.parametrize("text", sorted(CERTAIN))
def test_what_can_be_read_only_one_way_is_booked(text: str) -> None:
    appointment = found(text)
    assert appointment is not None
    assert appointment.at.isoformat(timespec="minutes") == CERTAIN[text]
    assert appointment.confidence >= SURE


@pytest.mark.parametrize("text", UNSURE)
def test_what_is_offered_cancelled_or_ambiguous_is_never_booked_by_itself(text: str) -> None:
    appointment = found(text)
    assert appointment is None or appointment.confidence < SURE or not appointment.has_time


def test_next_tuesday_is_sure_only_when_this_weeks_is_over() -> None:
    said = "Appointment next Tuesday at 9 am"
    monday, friday = found(said, date(2026, 11, 16)), found(said, FRIDAY)
    assert monday is not None
    assert friday is not None
    assert monday.confidence < SURE <= friday.confidence
    assert friday.at == datetime.fromisoformat("2026-11-24T09:00")


_DAYS: tuple[Callable[[date, date], str], ...] = (
    lambda day, _: f"{day:%m/%d/%Y}", lambda day, _: f"{day.month}/{day.day}/{day:%y}", lambda day, _: f"{day:%B} {day.day}, {day.year}",
    lambda day, _: f"{day:%A}, {day:%b}. {day.day}", lambda day, _: f"{day:%a} {day.month}/{day.day}", lambda day, _: f"{day.day} {day:%B} {day.year}",
    lambda day, _: f"the {day.day}{_th(day.day)} of {day:%B}", lambda day, written: f"{day:%A} the {day.day}{_th(day.day)}" if (day - written).days <= 31 else f"{day:%a} {day:%m/%d}",
    lambda day, written: "tomorrow" if (day - written).days == 1 else f"{day:%m/%d}",
    lambda day, written: f"{(day - written).days // 7} weeks from today" if (day - written).days % 7 == 0 and (day - written).days > 7 else f"{day:%A} {day:%m-%d-%Y}",
)  # fmt: skip
_TIMES = ("{h}:{m:02d} {half}m", "{h}:{m:02d}{half}", "{H:02d}:{m:02d}", "{h}:{m:02d} {half}.m.", "@ {H:02d}{m:02d}")
_SENTENCES = (
    "Your patient is scheduled {day} at {time} with Dr. Lee.", "Appointment: {day} {time}", "We got her in on {day}, {time}.",
    "Appt made for {day} at {time}, seen last 2/3/2025.", "We moved the appointment from {other} to {day} at {time}.",
    "The visit on {other} was rescheduled to {day} at {time}.", "She cancelled {other}; new appointment {day} at {time}.",
)  # fmt: skip


def _th(day: int) -> str:
    return "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def a_sentence(seed: int) -> tuple[str, date, datetime]:
    """A sentence, the day it was written, and the appointment it tells of."""
    rng = random.Random(seed)
    written = date(2026, 1, 5) + timedelta(days=rng.randrange(700))
    day = written + timedelta(days=rng.randrange(1, 100))
    day += timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
    at = datetime.combine(day, time(rng.randrange(8, 18), rng.choice((0, 15, 30, 45))))
    other = written + timedelta(days=rng.randrange(1, 60))
    other = other if other != day else other + timedelta(days=3)
    told = rng.choice(_TIMES).format(
        h=(at.hour - 1) % 12 + 1, H=at.hour, m=at.minute, half="a" if at.hour < 12 else "p"
    )
    sentence = rng.choice(_SENTENCES).format(day=rng.choice(_DAYS)(day, written), time=told, other=f"{other:%m/%d/%Y}")
    return sentence, written, at


SEEN_WHILE_WRITING = range(2000)
HELD_OUT = range(400_000, 400_600)


def test_of_sentences_nobody_looked_at_most_are_booked_and_none_wrongly() -> None:
    assert not set(SEEN_WHILE_WRITING) & set(HELD_OUT)
    right, wrong = 0, list[str]()
    for seed in HELD_OUT:
        sentence, written, at = a_sentence(seed)
        appointment = found(sentence, written)
        if appointment is not None and appointment.confidence >= SURE:
            right += appointment.at == at
            wrong += [] if appointment.at == at else [f"{seed}: {sentence} -> {appointment.at}"]
    assert wrong == []
    assert right >= 0.9 * len(HELD_OUT)


def nothing_attached(data: bytes, name: str) -> Reading:
    raise AssertionError(name)


def test_tomorrow_in_a_forwarded_mail_is_the_day_after_that_mail() -> None:
    mail = (
        b"From: a@heart.example\r\nDate: Fri, 20 Nov 2026 10:00:00 -0500\r\nSubject: Fwd: Garcia\r\n\r\n"
        b"---------- Forwarded message ---------\r\nFrom: Dana <d@heart.example>\r\nDate: Tue, Nov 17, 2026 at 4:10 PM\r\n"
        b"Subject: Garcia\r\nTo: a@heart.example\r\n\r\nMs. Garcia is scheduled tomorrow at 2:30 pm.\r\n"
    )
    [document] = read_mail(mail, ReadOptions(zone="America/New_York"), nothing_attached).documents
    assert document.appointment is not None
    assert document.appointment.at == datetime.fromisoformat("2026-11-18T14:30")


def test_late_in_the_evening_tomorrow_is_that_of_the_clinics_zone() -> None:
    mail = b"From: a@heart.example\r\nDate: Sat, 21 Nov 2026 02:30:00 +0000\r\nSubject: Re: x\r\n\r\nShe is scheduled Monday at 2:30 pm.\r\n"
    [document] = read_mail(mail, ReadOptions(zone="America/New_York"), nothing_attached).documents
    assert document.appointment is not None
    assert document.appointment.at == datetime.fromisoformat("2026-11-23T14:30")


def test_tomorrow_in_a_letter_counts_from_the_letters_own_date() -> None:
    appointment = found("Date: November 18, 2026\n\nMs. Garcia is scheduled tomorrow at 2:30 pm.")
    assert appointment is not None
    assert appointment.at == datetime.fromisoformat("2026-11-19T14:30")


def test_a_text_of_nothing_but_appointments_is_read_in_seconds() -> None:
    started = monotonic()
    found("appointment moved from 12/3 at 9:00 to 12/4 at 9:00 or cancelled " * 6000)
    assert monotonic() - started < 20
