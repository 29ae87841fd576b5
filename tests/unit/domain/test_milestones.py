"""When a referral first got how far: what documents brought, what was taken back, and whose report it was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.domain.event import Event, EventKind
from gateway.domain.milestones import Milestones, ReportFrom, milestones_of
from tests.builders import NOON

DAY = timedelta(days=1)
OPENED = Event(EventKind.REFERRAL_OPENED, NOON, detail={"status": "ready"})
SENT = Event(EventKind.REFERRAL_MOVED, NOON + DAY, detail={"to": "sent", "deadline": (NOON + 6 * DAY).isoformat()})


def moved(to: str, days: int, actor: str = "system", **detail: Any) -> Event:
    return Event(EventKind.REFERRAL_MOVED, NOON + days * DAY, actor, detail={"to": to} | detail)


def filed(part: int, days: int, actor: str = "system") -> Event:
    return Event(EventKind.PART_FILED, NOON + days * DAY, actor, arrival_id=part, part_id=part)


def put_back(part: int, days: int) -> Event:
    return Event(EventKind.REFERRAL_PUT_BACK, NOON + days * DAY, "Lena", part_id=part)


def test_the_office_answered_when_its_fax_came_not_when_it_was_filed() -> None:
    events = [OPENED, SENT, filed(1, 5, "Lena"), moved("acknowledged", 5, "Lena")]
    found = milestones_of(events, {1: NOON + 2 * DAY})
    assert found == Milestones(
        ordered_at=NOON, sent_at=NOON + DAY, answer_by=NOON + 6 * DAY, answered_at=NOON + 2 * DAY
    )


def test_a_draft_is_ordered_when_it_is_released() -> None:
    draft = replace(OPENED, detail={"status": "draft"})
    assert milestones_of([draft], {}).ordered_at is None
    assert milestones_of([draft, moved("ready", 2)], {}).ordered_at == NOON + 2 * DAY


def test_what_was_taken_back_has_not_happened_and_what_comes_after_it_counts() -> None:
    wrong = [OPENED, SENT, filed(1, 3), moved("report_received", 3), moved("closed", 3)]
    undone = [*wrong, put_back(1, 4)]
    assert milestones_of(undone, {}).reported_at is None
    assert milestones_of(undone, {}).answered_at is None
    again = [*undone, filed(2, 9), moved("report_received", 9, report_from="office")]
    assert milestones_of(again, {}).reported_at == NOON + 9 * DAY


def test_the_visit_was_on_the_last_appointment_known_before_it_was_told() -> None:
    first, second = (NOON + 10 * DAY).isoformat(), (NOON + 20 * DAY).isoformat()
    booked = [
        OPENED,
        SENT,
        filed(1, 2),
        Event(EventKind.REFERRAL_RESCHEDULED, NOON + 2 * DAY, detail={"appointment_at": first}),
        moved("scheduled", 2),
        Event(EventKind.REFERRAL_RESCHEDULED, NOON + 8 * DAY, detail={"appointment_at": second}),
    ]
    assert milestones_of(booked, {}).seen_at is None
    assert milestones_of([*booked, moved("seen", 21)], {}).seen_at == NOON + 20 * DAY
    assert milestones_of([*booked, moved("report_received", 25)], {}).seen_at == NOON + 20 * DAY
    assert milestones_of([*booked, moved("report_received", 15)], {}).seen_at is None, "a report before the visit"
    assert milestones_of([OPENED, SENT, moved("seen", 21)], {}).seen_at == NOON + 21 * DAY


def test_whose_report_it_was_is_said_by_the_paper_or_by_who_filed_it_or_by_nobody() -> None:
    def of(report: Event) -> ReportFrom | None:
        return milestones_of([OPENED, SENT, report], {}).report_from

    assert of(moved("report_received", 5, report_from="office")) is ReportFrom.OFFICE
    assert of(moved("report_received", 5, "Lena")) is ReportFrom.PERSON
    assert of(moved("report_received", 5)) is ReportFrom.UNKNOWN
    assert of(moved("seen", 5)) is None
