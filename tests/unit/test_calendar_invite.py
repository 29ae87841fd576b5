"""A calendar invitation is an appointment in the clinic's own time, and only where it says one thing."""

from zoneinfo import ZoneInfo

import pytest

from parsers.calendar_invite import read_invitation

NEW_YORK = ZoneInfo("America/New_York")
_CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\n{}\r\nSUMMARY:Visit\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def an_invitation(start: str, method: str = "REQUEST") -> str:
    return _CALENDAR.format(method, start)


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART:20261203T193000Z",
        "DTSTART;TZID=America/Los_Angeles:20261203T113000",
        "DTSTART;TZID=Pacific Standard Time:20261203T113000",
        'DTSTART;TZID="America/Chicago":20261203T133000',
        "DTSTART;VALUE=DATE-TIME;TZID=Central Standard Time:20261203T133000",
        "DTSTART:20261203T143000",
    ],
)
def test_a_start_in_any_zone_is_told_in_the_clinics(start: str) -> None:
    invitation = read_invitation(an_invitation(start), NEW_YORK)
    assert invitation is not None
    assert invitation.appointment is not None
    assert invitation.appointment.at.isoformat() == "2026-12-03T14:30:00"
    assert invitation.appointment.confidence >= 0.9


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART;VALUE=DATE:20261203",
        "DTSTART:20261203T193000Z\r\nRRULE:FREQ=WEEKLY;COUNT=6",
        "DTSTART:20261203T193000Z\r\nSTATUS:TENTATIVE",
        "DTSTART;TZID=Customized Time Zone:20261203T113000",
        "DTSTART;TZID=../../etc/passwd:20261203T113000",
    ],
)
def test_a_whole_day_a_series_a_maybe_and_an_unknown_zone_are_unsure(start: str) -> None:
    invitation = read_invitation(an_invitation(start), NEW_YORK)
    assert invitation is not None
    assert invitation.appointment is not None
    assert invitation.appointment.confidence < 0.9


@pytest.mark.parametrize("method", ["CANCEL", "REPLY", "COUNTER"])
def test_what_is_no_invitation_books_nothing(method: str) -> None:
    invitation = read_invitation(an_invitation("DTSTART:20261203T193000Z", method), NEW_YORK)
    assert invitation is not None
    assert invitation.appointment is None
    assert invitation.is_cancelled is (method == "CANCEL")
