"""The follow-up policy as values: tiers, clocks and ladders.

Stdlib only, so that the pure core may import it. Reading and checking policy.toml is
`config/policy_file.py`.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Clock(StrEnum):
    """What we wait for next. One clock runs at a time."""

    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"
    BOOKED = "booked"
    SEEN = "seen"
    REPORT_IN = "report_in"


class StepKind(StrEnum):
    """What a rung of the ladder does."""

    RESEND = "resend"
    OTHER_CHANNEL = "other_channel"
    CALL = "call"
    TELL_CLINICIAN = "tell_clinician"


class Unit(StrEnum):
    """Business hours and days follow the calendar; seconds are elapsed time."""

    SECONDS = "seconds"
    BUSINESS_HOURS = "business_hours"
    BUSINESS_DAYS = "business_days"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in elapsed seconds or in business time."""

    amount: float
    unit: Unit

    @property
    def elapsed(self) -> timedelta:
        """The span as elapsed time; only for `Unit.SECONDS`."""
        if self.unit is not Unit.SECONDS:
            raise ValueError(f"{self} is business time: ask the calendar")
        return timedelta(seconds=self.amount)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder, `after` the clock ran out (or after the rung before it)."""

    after: Span
    step: StepKind


@dataclass(frozen=True, slots=True)
class Tier:
    """One urgency: how long each clock may run, and the ladder when it has run out."""

    name: str
    clocks: dict[Clock, Span]
    ladders: dict[Clock, tuple[Rung, ...]]


@dataclass(frozen=True, slots=True)
class Retry:
    """How a failed transmission is tried again by us."""

    waits: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """All tiers by name, and what holds for every tier."""

    tiers: dict[str, Tier]
    retry: Retry
    close_on_report: bool = True
    """Close as soon as the report is filed; otherwise a clinician reads it and closes by hand."""
