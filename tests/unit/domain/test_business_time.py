"""Business time across nights, weekends, holidays, zones and clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendars import load_calendar
from config.errors import SettingsError
from config.policy import Span, Unit
from gateway.domain.calendar import Calendar

NEW_YORK = ZoneInfo("America/New_York")
US = load_calendar("US", "MA", range(2025, 2028))
CLINIC = Calendar("America/New_York", holidays=US)
HOURS, DAYS, SECONDS = Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS, Unit.SECONDS


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("start", "span", "lands"),
    [
        ("2026-03-02T09:00", Span(2, HOURS), "2026-03-02T11:00"),
        ("2026-03-02T16:00", Span(2, HOURS), "2026-03-03T09:00"),
        ("2026-03-06T16:30", Span(1, HOURS), "2026-03-09T08:30"),  # a weekend on which the clocks change
        ("2026-03-07T12:00", Span(1, HOURS), "2026-03-09T09:00"),
        ("2026-03-06T09:15", Span(1, DAYS), "2026-03-09T09:15"),
        ("2026-10-30T09:15", Span(1, DAYS), "2026-11-02T09:15"),  # and change back
        ("2026-11-25T10:00", Span(1, DAYS), "2026-11-27T10:00"),  # Thanksgiving
        ("2026-12-24T15:00", Span(2, DAYS), "2026-12-29T15:00"),
        ("2026-12-31T16:00", Span(3, HOURS), "2027-01-04T10:00"),
        ("2026-04-17T10:00", Span(1, DAYS), "2026-04-21T10:00"),  # Patriots' Day is Massachusetts' own
        ("2026-03-02T20:00", Span(1, DAYS), "2026-03-04T08:00"),
        ("2026-03-02T05:00", Span(0, HOURS), "2026-03-02T08:00"),
        ("2026-03-02T12:00", Span(0, DAYS), "2026-03-02T12:00"),
        ("2026-03-02T12:00", Span(0.5, DAYS), "2026-03-02T16:30"),
        ("2026-03-07T12:00", Span(60, SECONDS), "2026-03-07T12:01"),
    ],
)
def test_business_time_lands_where_the_desk_would_say(start: str, span: Span, lands: str) -> None:
    assert CLINIC.add(local(start), span) == local(lands)


def test_the_office_is_open_in_its_own_zone() -> None:
    honolulu = Calendar("Pacific/Honolulu")
    at = datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert (CLINIC.is_open(at), honolulu.is_open(at)) == (True, False)
    assert honolulu.next_open(at) == datetime(2026, 3, 2, 18, tzinfo=UTC)
    assert CLINIC.next_open(at) == at


def test_an_office_that_never_closes_counts_every_hour() -> None:
    always = Calendar("America/New_York", holidays=US, is_always_open=True)
    start = local("2026-12-25T03:00")
    assert always.is_open(start)
    assert always.add(start, Span(1, DAYS)) == start.astimezone(UTC) + timedelta(days=1)
    assert always.add(start, Span(3, HOURS)) == start.astimezone(UTC) + timedelta(hours=3)


def test_an_office_that_never_opens_is_said_so() -> None:
    closed = Calendar("America/New_York", workdays=frozenset())
    for span in (Span(1, HOURS), Span(1, DAYS)):
        with pytest.raises(ValueError, match="check its workdays and holidays"):
            closed.add(local("2026-03-02T12:00"), span)


@pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("US", "ZZ")])
def test_a_place_without_known_holidays_says_what_to_write(country: str, subdivision: str) -> None:
    with pytest.raises(SettingsError, match="ISO 3166"):
        load_calendar(country, subdivision, [2026])


def test_no_country_has_no_holidays() -> None:
    assert load_calendar("", "", [2026]) == frozenset()
    assert date(2026, 12, 25) in US


moments = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given
spans = st.one_of(
    st.builds(Span, st.floats(0, 60), st.just(HOURS)),
    st.builds(Span, st.floats(0, 30), st.just(DAYS)),
    st.builds(Span, st.integers(0, 20), st.just(DAYS)),
)
calendars = st.sampled_from(
    [
        CLINIC,
        Calendar("Pacific/Auckland"),
        Calendar("America/Los_Angeles", opens=time(7, 30), closes=time(18), holidays=US),
        Calendar("Europe/London", opens=time(0), closes=time(23, 59), workdays=frozenset(range(7))),
        Calendar("Asia/Kathmandu", opens=time(10), closes=time(10, 30), workdays=frozenset({6})),
    ]
)


@given(calendars, moments, spans)
def test_adding_business_time_never_lands_outside_hours(calendar: Calendar, at: datetime, span: Span) -> None:
    landed = calendar.add(at, span)
    assert landed.tzinfo is UTC
    assert landed >= at
    assert calendar.is_open(landed) or calendar.is_open(landed - timedelta(microseconds=1))


@given(calendars, moments, moments, spans)
def test_who_starts_later_is_due_no_sooner(calendar: Calendar, a: datetime, b: datetime, span: Span) -> None:
    early, late = sorted((a, b))
    assert calendar.add(early, span) <= calendar.add(late, span)


@given(calendars, moments, st.floats(0, 40), st.floats(0, 40), st.sampled_from([HOURS, DAYS]))
def test_more_time_is_never_over_sooner(calendar: Calendar, at: datetime, a: float, b: float, unit: Unit) -> None:
    less, more = sorted((a, b))
    assert calendar.add(at, Span(less, unit)) <= calendar.add(at, Span(more, unit))


@given(calendars, moments, st.floats(0, 20), st.floats(0, 20))
def test_hours_in_two_goes_are_as_long_as_in_one(calendar: Calendar, at: datetime, a: float, b: float) -> None:
    in_two = calendar.add(calendar.add(at, Span(a, HOURS)), Span(b, HOURS))
    in_one = calendar.add(at, Span(a + b, HOURS))
    lost = calendar.next_open(in_two) - calendar.next_open(in_one)
    assert abs(lost) < timedelta(milliseconds=1)
