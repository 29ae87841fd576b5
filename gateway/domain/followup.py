"""What is due on a referral: a pure function of the referral, the policy and the time.

One clock runs at a time. When it has run out, the ladder's rungs fall due one after the other, each once;
the referral counts the rungs it has taken.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.policy import Clock, Policy, Rung, StepKind, Tier
from gateway.domain.calendar import Calendar
from gateway.domain.directory import Recipient
from gateway.domain.referral import OPEN, Referral

_LOOK_AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Resend:
    """Send a second request over the usual channel."""


@dataclass(frozen=True, slots=True)
class OtherChannel:
    """Send a second request over the fallback channel, or the usual one if there is none."""


@dataclass(frozen=True, slots=True)
class Call:
    """A person calls the office."""


@dataclass(frozen=True, slots=True)
class TellClinician:
    """The referring clinician must know; the last rung."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is due before `until`."""

    until: datetime


FollowUp = Resend | OtherChannel | Call | TellClinician | Wait

_STEPS: dict[StepKind, FollowUp] = {
    StepKind.RESEND: Resend(),
    StepKind.OTHER_CHANNEL: OtherChannel(),
    StepKind.CALL: Call(),
    StepKind.TELL_CLINICIAN: TellClinician(),
}


def tier_of(referral: Referral, policy: Policy) -> Tier:
    """The tier of the referral's urgency; the strictest one for a name the policy no longer has."""
    return policy.tiers.get(referral.intake.urgency) or next(iter(policy.tiers.values()))


def deadline(referral: Referral, recipient: Recipient, policy: Policy, calendar: Calendar) -> datetime | None:
    """When the running clock runs out; None while no clock runs.

    The recipient's agreed time goes before the tier's. Being seen is counted from the appointment.
    """
    if referral.clock is None or referral.clock_started_at is None:
        return None
    span = (recipient.agreed or {}).get(referral.clock) or tier_of(referral, policy).clocks[referral.clock]
    start = referral.clock_started_at
    if referral.clock is Clock.SEEN and referral.appointment_at is not None:
        start = max(start, referral.appointment_at)
    return calendar.add(start, span)


def due_at(referral: Referral, recipient: Recipient, policy: Policy, calendar: Calendar) -> datetime | None:
    """When the next rung falls due; None when no clock runs or every rung was taken."""
    at = deadline(referral, recipient, policy, calendar)
    ladder = ladder_of(referral, policy)
    if at is None or referral.status not in OPEN or referral.rung >= len(ladder):
        return None
    for rung in ladder[: referral.rung + 1]:
        at = calendar.add(at, rung.after)
    return max(at, referral.paused_until) if referral.paused_until else at


def next_step(referral: Referral, recipient: Recipient, policy: Policy, calendar: Calendar, now: datetime) -> FollowUp:
    """The step that is due now, or how long to wait."""
    due = due_at(referral, recipient, policy, calendar)
    if due is None:
        return Wait(now + _LOOK_AGAIN)
    if due > now:
        return Wait(due)
    return _STEPS[ladder_of(referral, policy)[referral.rung].step]


def respond_by(referral: Referral, recipient: Recipient, policy: Policy, calendar: Calendar, now: datetime) -> datetime:
    """What the cover page asks for: when the office should have answered a packet sent now."""
    span = (recipient.agreed or {}).get(Clock.ACKNOWLEDGED) or tier_of(referral, policy).clocks[Clock.ACKNOWLEDGED]
    return calendar.add(now, span)


def ladder_of(referral: Referral, policy: Policy) -> tuple[Rung, ...]:
    """The rungs of the clock that runs; none while none runs."""
    return tier_of(referral, policy).ladders[referral.clock] if referral.clock else ()
