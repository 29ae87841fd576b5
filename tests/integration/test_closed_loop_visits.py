"""The measure with and without a list of qualifying visits, in a season that has passed."""

from collections.abc import Generator
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.policy import Policy, Retry
from gateway.domain.calendar import Calendar
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Status
from gateway.services.reports.closed_loop import ReportClosedLoop
from gateway.services.rules import Rules
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock, memory_store
from tests.builders import NOON, a_patient, an_intake
from tests.contract.stores import with_recipient

ZONE = ZoneInfo("America/New_York")
RULES = Rules(Policy({}, Retry(())), Calendar("America/New_York"), ZONE)


@pytest.fixture
def store() -> Generator[SqlStore, None, None]:
    opened = memory_store()
    with_recipient(opened)
    yield opened
    opened.close()


def refer(store: SqlStore, mrn: str, *, reported: bool) -> None:
    """A referral of March; its report, filed by a person, two weeks later."""
    with store.transaction() as tx:
        patient = a_patient(mrn=mrn, family=f"Family{mrn}")
        referral = tx.add_referral(an_intake(external_id=mrn, patient=patient), f"{int(mrn or 0):08d}", NOON, "Lena")
        if reported:
            at = NOON + timedelta(days=14)
            event = Event(
                EventKind.REFERRAL_MOVED, at, "Lena", referral_id=referral.id, detail={"to": "report_received"}
            )
            tx.save_referral(replace(referral, status=Status.REPORT_RECEIVED, status_since=at), event)


def measure(store: SqlStore) -> ReportClosedLoop:
    return ReportClosedLoop(store, FixedClock(NOON + timedelta(days=400)), RULES)


def test_only_patients_with_a_visit_in_the_period_are_counted_when_visits_are_handed_in(store: SqlStore) -> None:
    for mrn, reported in (("1", True), ("2", False), ("3", True), ("", False)):
        refer(store, mrn, reported=reported)
    ask = measure(store)
    whole = ask.report("2026-01-01", "2026-12-31")
    assert (whole.counts.population, whole.counts.met, whole.rate) == (4, 2, 0.5)
    assert (whole.is_whole_year, whole.is_over, whole.visits) == (True, True, None)
    visits = b"mrn,date\n0001,2026-05-04\n2,06/30/2026\n3,2025-12-31\n99,2026-05-04\n"
    narrowed = ask.report("2026-01-01", "2026-12-31", visits)
    assert (narrowed.counts.population, narrowed.counts.met, narrowed.unmatched) == (2, 1, 2)
    assert narrowed.counts.all == 4, "the rate over all referrals has no visits in it"


def test_a_part_of_a_year_has_its_own_window_and_november_never_counts(store: SqlStore) -> None:
    ask = measure(store)
    for first, last, orders_end, ends in (
        ("2026-01-01", "2026-12-31", date(2026, 11, 1), date(2027, 1, 1)),
        ("2026-03-01", "2026-06-30", date(2026, 7, 1), date(2026, 7, 1)),
        ("2026-11-05", "2026-12-31", date(2026, 11, 1), date(2027, 1, 1)),
    ):
        _, window = ask.window(first, last)
        assert (window.orders_end.astimezone(ZONE).date(), window.ends.astimezone(ZONE).date()) == (orders_end, ends)
    refer(store, "7", reported=True)
    assert ask.report("2026-03-01", "2026-03-10").counts.report_late == 1, "the report came after that part"
