"""A pause: the clock of a referral stands still until a day, because the patient or the office asked for it. Pure.

An answer that starts another clock ends the pause (`referral.move`).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain.referral import Referral
from gateway.errors import IllegalTransition, NotSaid

LONGEST = timedelta(days=366)


def paused(referral: Referral, until: datetime, now: datetime) -> Referral:
    """With the clock standing still from now until then; a pause that already runs is replaced.

    Raises:
        NotSaid: the day is past, or more than a year away.
        IllegalTransition: no clock runs, so there is nothing to pause.
    """
    if not now < until <= now + LONGEST:
        raise NotSaid("a pause ends on a day to come, within a year: choose another day")
    running = resumed(referral, now) if is_paused(referral, now) else referral
    if running.clock_started_at is None or running.due_at is None:
        raise IllegalTransition(f"referral {referral.number} waits for staff: nothing is being chased that could pause")
    return replace(running, paused_until=until, clock_started_at=running.clock_started_at + (until - now))


def resumed(referral: Referral, now: datetime) -> Referral:
    """With the clock running again now. Raises IllegalTransition where no pause runs."""
    if not is_paused(referral, now) or referral.paused_until is None or referral.clock_started_at is None:
        raise IllegalTransition(f"referral {referral.number} is not paused")
    not_taken = referral.paused_until - now
    return replace(referral, paused_until=None, clock_started_at=referral.clock_started_at - not_taken)


def is_paused(referral: Referral, now: datetime) -> bool:
    """Whether the clock stands still."""
    return referral.paused_until is not None and referral.paused_until > now
