"""Only the report closes: whatever comes, in whatever order, nothing else reaches `closed`."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.vocabulary import AnswerId, DocumentKind, ServiceKind
from gateway.domain.answers import consequences
from gateway.domain.evidence import AnswerClaim, Evidence
from gateway.domain.referral import FINAL, OPEN, TRANSITIONS, Referral, Status, clock_for, move
from gateway.errors import IllegalTransition
from tests.builders import NOON, an_evidence, an_intake

ZONE = ZoneInfo("UTC")
REPORTS = {DocumentKind.CONSULT_NOTE, DocumentKind.RESULT}
STAFF = (Status.READY, Status.SENT, Status.DELIVERED, Status.DELIVERY_FAILED, Status.CANCELLED)


def evidences() -> st.SearchStrategy[Evidence]:
    """Everything a page can claim, also what makes no sense."""
    ticks = st.lists(st.builds(AnswerClaim, st.sampled_from(AnswerId), st.floats(0, 1)), max_size=4)
    when = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001 - as on paper
    return st.builds(a_claim, st.sampled_from(DocumentKind), ticks, when, st.floats(0, 1))


def a_claim(kind: DocumentKind, ticked: list[AnswerClaim], at: datetime | None, sure: float) -> Evidence:
    return an_evidence(kind=kind, ticked=tuple(ticked), appointment_at=at, appointment_confidence=sure)


@dataclass(slots=True)
class Story:
    """A referral and what happened to it, by the same two functions as the services use."""

    referral: Referral
    path: list[Status] = field(default_factory=list[Status])
    at: datetime = NOON

    def take(self, happening: Evidence | Status, *, close_on_report: bool) -> None:
        self.at += timedelta(hours=1)
        if isinstance(happening, Status):
            if happening in TRANSITIONS[self.referral.status]:
                self._move(happening)
            return
        told = consequences(self.referral, happening, ZONE, close_on_report)
        for status in told.moves:
            self._move(status, is_accepted=told.is_accepted)

    def _move(self, to: Status, *, is_accepted: bool = False) -> None:
        self.referral = move(self.referral, to, self.at, is_accepted=is_accepted)
        self.path.append(to)


def opened(service: ServiceKind = ServiceKind.SPECIALIST_CONSULT) -> Story:
    return Story(Referral(1, "J8E60GDT", an_intake(service=service), Status.READY, NOON, NOON))


@settings(max_examples=400, deadline=None)
@given(st.lists(evidences() | st.sampled_from(STAFF), max_size=14), st.sampled_from(ServiceKind), st.booleans())
def test_no_path_to_closed_goes_without_a_report(
    happenings: list[Evidence | Status], service: ServiceKind, close_on_report: bool
) -> None:
    story = opened(service)
    for happening in happenings:
        before = story.referral.status
        story.take(happening, close_on_report=close_on_report)
        if story.referral.status is Status.CLOSED and before is not Status.CLOSED:
            assert isinstance(happening, Evidence)
            assert happening.kind in REPORTS
            assert close_on_report
            assert story.path[-2:] == [Status.REPORT_RECEIVED, Status.CLOSED]


@settings(max_examples=200, deadline=None)
@given(st.lists(evidences() | st.sampled_from(STAFF), max_size=14), st.sampled_from(ServiceKind))
def test_the_clock_is_always_that_of_the_state(happenings: list[Evidence | Status], service: ServiceKind) -> None:
    story = opened(service)
    for happening in happenings:
        story.take(happening, close_on_report=True)
        referral = story.referral
        may_run = {clock_for(referral.status, service, is_accepted=yes) for yes in (False, True)}
        assert referral.clock in may_run
        assert (referral.clock is None) == (referral.clock_started_at is None)
        assert (referral.closed_at is not None) == (referral.status in FINAL)


def test_closed_follows_only_a_report_in_the_table_itself() -> None:
    assert {before for before, after in TRANSITIONS.items() if Status.CLOSED in after} == {Status.REPORT_RECEIVED}
    assert TRANSITIONS[Status.CLOSED] == frozenset()
    assert set(TRANSITIONS) == set(Status)


def test_every_open_state_can_still_be_cancelled_and_after_sending_be_reported() -> None:
    assert all(Status.CANCELLED in TRANSITIONS[status] for status in OPEN)
    after_sending = OPEN - {Status.READY, Status.REPORT_RECEIVED}
    assert all(Status.REPORT_RECEIVED in TRANSITIONS[status] for status in after_sending)


@pytest.mark.parametrize("status", list(Status))
def test_a_step_that_the_table_does_not_know_is_refused_by_name(status: Status) -> None:
    referral = replace(opened().referral, status=status)
    for to in set(Status) - TRANSITIONS[status]:
        with pytest.raises(IllegalTransition, match=f"is {status} and cannot become {to}"):
            move(referral, to, NOON)
