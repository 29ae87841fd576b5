"""Which step is due on a referral that stays unanswered, for each urgency and each clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import Clock, Span, Unit
from config.policy_file import load_policy
from config.vocabulary import ServiceKind
from gateway.domain.calendar import Calendar
from gateway.domain.directory import Recipient
from gateway.domain.followup import (
    Call,
    FollowUp,
    OtherChannel,
    Resend,
    TellClinician,
    Wait,
    deadline,
    due_at,
    next_step,
    respond_by,
)
from gateway.domain.referral import FINAL, OPEN, Referral, Status, clock_for, move
from tests.builders import a_recipient, an_intake

ZONE = ZoneInfo("America/New_York")
CALENDAR, POLICY = Calendar("America/New_York"), load_policy()
OFFICE = a_recipient(id=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


MONDAY = local("2026-03-02T09:00")


def sent(urgency: str = "routine", **changed: object) -> Referral:
    said: dict[str, object] = {"clock": Clock.ACKNOWLEDGED, "clock_started_at": MONDAY}
    waiting = Referral(1, "J8E60GDT", an_intake(urgency=urgency), Status.SENT, MONDAY, MONDAY)
    return replace(waiting, **(said | changed))  # type: ignore[arg-type]  # any field


def due(referral: Referral, office: Recipient = OFFICE) -> datetime | None:
    return due_at(referral, office, POLICY, CALENDAR)


def climbed(urgency: str) -> list[tuple[FollowUp, datetime]]:
    """Every step of the ladder with the moment it fell due."""
    steps: list[tuple[FollowUp, datetime]] = []
    referral = sent(urgency)
    while (at := due(referral)) is not None:
        assert next_step(referral, OFFICE, POLICY, CALENDAR, at - timedelta(seconds=1)) == Wait(at)
        steps.append((next_step(referral, OFFICE, POLICY, CALENDAR, at), at))
        referral = replace(referral, rung=referral.rung + 1)
    return steps


@pytest.mark.parametrize(
    ("urgency", "steps"),
    [
        (
            "emergent",
            [
                (Call(), "2026-03-02T11:00"),
                (Resend(), "2026-03-02T11:00"),
                (OtherChannel(), "2026-03-02T12:00"),
                (TellClinician(), "2026-03-02T13:00"),
            ],
        ),
        (
            "urgent",
            [
                (Resend(), "2026-03-03T09:00"),
                (OtherChannel(), "2026-03-03T13:00"),
                (Call(), "2026-03-03T17:00"),
                (TellClinician(), "2026-03-05T08:00"),  # a day after 17:00 begins with the next morning
            ],
        ),
        (
            "routine",
            [
                (Resend(), "2026-03-09T09:00"),
                (OtherChannel(), "2026-03-11T09:00"),
                (Call(), "2026-03-13T09:00"),
                (TellClinician(), "2026-03-20T09:00"),
            ],
        ),
    ],
)
def test_silence_climbs_the_ladder_of_its_urgency(urgency: str, steps: list[tuple[FollowUp, str]]) -> None:
    assert climbed(urgency) == [(step, local(at)) for step, at in steps]


def test_when_every_rung_is_taken_nothing_is_due_again() -> None:
    spent = sent(rung=4)
    assert due(spent) is None
    assert isinstance(next_step(spent, OFFICE, POLICY, CALENDAR, MONDAY + timedelta(days=900)), Wait)


@pytest.mark.parametrize(
    ("status", "service", "clock"),
    [
        (Status.SENT, ServiceKind.SPECIALIST_CONSULT, Clock.ACKNOWLEDGED),
        (Status.DELIVERED, ServiceKind.SPECIALIST_CONSULT, Clock.ACKNOWLEDGED),
        (Status.SCHEDULED, ServiceKind.SPECIALIST_CONSULT, Clock.SEEN),
        (Status.SEEN, ServiceKind.SPECIALIST_CONSULT, Clock.REPORT_IN),
        (Status.ACKNOWLEDGED, ServiceKind.LAB, Clock.REPORT_IN),
        (Status.ACKNOWLEDGED, ServiceKind.EMERGENCY_DEPARTMENT, Clock.REPORT_IN),
        (Status.ACKNOWLEDGED, ServiceKind.COMMUNITY_RESOURCE, Clock.REPORT_IN),
        (Status.DECLINED, ServiceKind.SPECIALIST_CONSULT, None),
        (Status.CLOSED, ServiceKind.SPECIALIST_CONSULT, None),
        (Status.DRAFT, ServiceKind.SPECIALIST_CONSULT, None),
    ],
)
def test_each_state_waits_for_one_thing(status: Status, service: ServiceKind, clock: Clock | None) -> None:
    assert clock_for(status, service) is clock


def test_every_clock_of_the_policy_is_some_wait_of_a_referral() -> None:
    received = move(sent(), Status.ACKNOWLEDGED, MONDAY)
    accepted = move(sent(), Status.ACKNOWLEDGED, MONDAY, is_accepted=True)
    later = {clock_for(status, ServiceKind.SPECIALIST_CONSULT) for status in Status}
    assert (received.clock, accepted.clock) == (Clock.DECIDED, Clock.BOOKED)
    assert {Clock.DECIDED, Clock.BOOKED, *later} - {None} == set(Clock)


def test_delivery_does_not_start_the_wait_anew_and_an_answer_does() -> None:
    at = MONDAY + timedelta(days=3)
    waiting = sent(rung=2)
    delivered = move(waiting, Status.DELIVERED, at)
    assert (delivered.clock_started_at, delivered.rung) == (MONDAY, 2)
    booked = move(delivered, Status.SCHEDULED, at)
    assert (booked.clock, booked.clock_started_at, booked.rung) == (Clock.SEEN, at, 0)


def test_the_visit_is_looked_for_after_the_appointment_not_after_the_booking() -> None:
    appointment = local("2026-04-01T14:30")
    booked = replace(move(sent(), Status.SCHEDULED, MONDAY), appointment_at=appointment)
    assert deadline(booked, OFFICE, POLICY, CALENDAR) == local("2026-04-06T14:30")
    past = replace(booked, appointment_at=local("2026-01-05T10:00"))
    assert deadline(past, OFFICE, POLICY, CALENDAR) == local("2026-03-05T09:00")


def test_what_the_office_agreed_goes_before_the_tier() -> None:
    slow = replace(OFFICE, agreed={Clock.ACKNOWLEDGED: Span(8, Unit.BUSINESS_DAYS)})
    assert due(sent(), slow) == local("2026-03-12T09:00")
    assert respond_by(sent(), slow, POLICY, CALENDAR, MONDAY) == local("2026-03-12T09:00")
    assert respond_by(sent(), OFFICE, POLICY, CALENDAR, MONDAY) == local("2026-03-09T09:00")
    seen = move(sent(), Status.SEEN, MONDAY)
    assert due(seen, slow) == due(seen, OFFICE)


def test_an_urgency_the_policy_no_longer_has_is_the_strictest() -> None:
    assert due(sent("stat")) == due(sent("emergent"))


def test_a_pause_puts_off_and_never_brings_forward() -> None:
    later = local("2026-03-30T09:00")
    assert due(sent(paused_until=later)) == later
    assert due(sent(paused_until=MONDAY)) == due(sent())


@pytest.mark.parametrize("status", sorted(FINAL | {Status.DRAFT}))
def test_what_has_ended_or_not_begun_is_never_chased(status: Status) -> None:
    assert due(sent(status=status)) is None


@given(
    st.sampled_from(sorted(OPEN)),
    st.sampled_from([None, *Clock]),
    st.integers(0, 6),
    st.sampled_from(list(POLICY.tiers)),
    st.integers(0, 90 * 24),
)
def test_looking_again_at_the_time_told_finds_the_step_due(
    status: Status, clock: Clock | None, rung: int, urgency: str, hours: int
) -> None:
    referral = sent(urgency, status=status, clock=clock, clock_started_at=MONDAY if clock else None, rung=rung)
    now = MONDAY + timedelta(hours=hours)
    step = next_step(referral, OFFICE, POLICY, CALENDAR, now)
    if isinstance(step, Wait):
        assert step.until > now
        if due(referral) is not None:
            assert not isinstance(next_step(referral, OFFICE, POLICY, CALENDAR, step.until), Wait)
