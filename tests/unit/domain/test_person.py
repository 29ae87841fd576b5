from datetime import timedelta

import pytest

from gateway.domain.person import WITH_A_NAME, Role, name_fault, name_key
from gateway.domain.session import Limits, Session
from tests.builders import NOON

LIMITS = Limits(idle=timedelta(minutes=15), absolute=timedelta(hours=12))


def test_each_role_allows_what_those_below_it_may_and_no_more() -> None:
    order = [Role.VIEWER, Role.STAFF, Role.MANAGER, Role.ADMINISTRATOR]
    for high, role in enumerate(order):
        for low, needed in enumerate(order):
            assert role.allows(needed) == (high >= low)


@pytest.mark.parametrize("name", ["mg", "Maria Gomez", "dr.marsh", "O'Neill-Park", "José Núñez", "x"])
def test_ordinary_names_will_do(name: str) -> None:
    assert name_fault(name) == ""


@pytest.mark.parametrize(
    "name", ["", " ", "system", "Follow-Up bot", "a" * 41, "two\nlines", "<script>", "-x", "retry"]
)
def test_names_that_break_a_page_or_stand_for_the_machine_will_not(name: str) -> None:
    assert name_fault(name)


def test_names_that_look_alike_are_one() -> None:
    assert name_key("  Maria   GOMEZ ") == name_key("maria gomez")


def test_the_door_stays_shut_longer_each_time_but_never_for_more_than_a_quarter_of_an_hour() -> None:
    locks = [WITH_A_NAME.lock(failures) for failures in range(1, 40)]
    assert locks[:4] == [timedelta(0)] * 4
    assert locks[4:7] == [timedelta(seconds=seconds) for seconds in (15, 30, 60)]
    assert locks == sorted(locks)
    assert locks[-1] == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("after", "idle_for", "is_whole", "is_over"),
    [
        (timedelta(hours=1), timedelta(minutes=14), True, False),
        (timedelta(hours=1), timedelta(minutes=15), True, True),
        (timedelta(hours=12), timedelta(0), True, True),
        (timedelta(minutes=4), timedelta(0), False, False),
        (timedelta(minutes=5), timedelta(0), False, True),
    ],
)
def test_when_a_stay_is_over(after: timedelta, idle_for: timedelta, is_whole: bool, is_over: bool) -> None:
    session = Session("hash", 1, NOON, NOON + after - idle_for, is_whole)
    assert session.is_over(NOON + after, LIMITS) == is_over
