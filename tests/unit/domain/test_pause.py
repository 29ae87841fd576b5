from datetime import datetime, timedelta

import pytest

from config.policy import Clock
from gateway.domain.pause import is_paused, paused, resumed
from gateway.domain.referral import Referral, Status, move
from gateway.errors import IllegalTransition, NotSaid
from tests.builders import NOON, an_intake

DAY = timedelta(days=1)


def waiting(**changed: object) -> Referral:
    """Sent a day ago, with its clock running."""
    said: dict[str, object] = {
        "status": Status.SENT,
        "clock": Clock.ACKNOWLEDGED,
        "clock_started_at": NOON - DAY,
        "due_at": NOON + DAY,
    } | changed
    return Referral(1, "4K7M92XQ", an_intake(), status_since=NOON - DAY, created_at=NOON - DAY, **said)  # pyright: ignore[reportArgumentType]


def test_the_clock_stands_still_for_as_long_as_the_pause() -> None:
    referral = paused(waiting(), NOON + 10 * DAY, NOON)
    assert referral.clock_started_at == NOON + 9 * DAY
    assert is_paused(referral, NOON + 9 * DAY)
    assert not is_paused(referral, NOON + 10 * DAY)


def test_going_on_early_gives_back_what_was_not_taken() -> None:
    referral = resumed(paused(waiting(), NOON + 10 * DAY, NOON), NOON + 4 * DAY)
    assert (referral.paused_until, referral.clock_started_at) == (None, NOON + 3 * DAY)


def test_a_second_pause_takes_the_place_of_the_first() -> None:
    twice = paused(paused(waiting(), NOON + 10 * DAY, NOON), NOON + 3 * DAY, NOON)
    assert twice == paused(waiting(), NOON + 3 * DAY, NOON)


@pytest.mark.parametrize("until", [NOON, NOON - DAY, NOON + 400 * DAY])
def test_a_pause_ends_on_a_day_to_come(until: datetime) -> None:
    with pytest.raises(NotSaid, match="within a year"):
        paused(waiting(), until, NOON)


def test_there_is_nothing_to_pause_where_staff_must_act_and_nothing_to_resume_without_a_pause() -> None:
    with pytest.raises(IllegalTransition, match="waits for staff"):
        paused(waiting(clock=None, clock_started_at=None, due_at=None), NOON + DAY, NOON)
    with pytest.raises(IllegalTransition, match="is not paused"):
        resumed(waiting(), NOON)
    with pytest.raises(IllegalTransition, match="is not paused"):
        resumed(paused(waiting(), NOON + DAY, NOON), NOON + 2 * DAY)


def test_an_answer_ends_the_pause_but_proof_of_delivery_does_not() -> None:
    referral = paused(waiting(), NOON + 10 * DAY, NOON)
    delivered = move(referral, Status.DELIVERED, NOON + DAY)
    assert (delivered.paused_until, delivered.clock_started_at) == (NOON + 10 * DAY, NOON + 9 * DAY)
    answered = move(delivered, Status.ACKNOWLEDGED, NOON + 2 * DAY)
    assert (answered.paused_until, answered.clock_started_at) == (None, NOON + 2 * DAY)
