"""What reports ask of the store: answers over one moment of it, each by a constant number of statements."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from config.policy import Clock
from gateway.domain.referral import Status


@dataclass(frozen=True, slots=True)
class Tried:
    """What was done so far to get an answer."""

    packets: int = 0  # that a carrier took
    failed: int = 0
    calls: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """A referral that was not closed at a moment. `due_at`, `item` and `next` are known for now only."""

    referral_id: int
    number: str
    patient: str
    recipient: str
    specialty: str
    urgency: str
    status: Status
    since: datetime
    opened_at: datetime
    clock: Clock | None
    rung: int
    due_at: datetime | None
    paused_until: datetime | None
    tried: Tried
    tasks: tuple[str, ...]  # kinds of what staff had to do then
    item: int | None  # the document in review that may answer it, which holds the chase
    item_with: str  # whom that document is assigned to
    status_now: Status


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many were open in a state, and how many of them for more than 7 and 30 days."""

    status: Status
    all: int
    over_week: int
    over_month: int


class By(StrEnum):
    """What turnaround is told apart by."""

    SPECIALIST = "specialist"
    SPECIALTY = "specialty"
    URGENCY = "urgency"


class Milestone(StrEnum):
    """What turnaround measures, from sending."""

    ANSWERED = "answered"
    BOOKED = "booked"
    SEEN = "seen"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: of `count` that got there, in seconds."""

    count: int
    quarter: float
    median: float
    three_quarters: float


@dataclass(frozen=True, slots=True)
class Turnaround:
    """One group's turnaround. `judged` are those answered, or past the policy's time without an answer."""

    key: str
    name: str
    sent: int
    judged: int
    in_time: int
    spreads: dict[Milestone, Spread]


@dataclass(frozen=True, slots=True)
class Flow:
    """How many came or went on a day or in a week, by channel."""

    first: date
    channel: str
    count: int


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of the documents that arrived in a period; a file may hold several."""

    kind: str
    by_itself: int  # filed by the machine, and not taken back since
    by_staff: int
    other: int  # thrown away by a rule: its sender is blocked
    waiting: int


@dataclass(frozen=True, slots=True)
class QueueTime:
    """How long documents waited for a person, in seconds; and how often filing was taken back."""

    settled: int
    median: float
    ninth_tenth: float
    undone_by_itself: int  # filed by the machine and taken back by a person: at most these were misfiled
    undone_by_staff: int
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoopCount:
    """The closed-loop rates of a period, as counts."""

    population: int  # the first referral of each patient
    met: int
    no_report: int
    report_of_unknown: int  # a report is there, but nothing says it is from the clinician referred to
    report_late: int  # came after the period
    cancelled: int  # in the population, and not met
    left_out_later: int  # another referral of a patient who is counted already
    left_out_month: int  # ordered too late in the period
    left_out_service: int  # labs, imaging and community services name no clinician
    all: int  # every referral ordered in the period
    all_reported: int
    all_cancelled: int


class Which(StrEnum):
    """The lists behind the numbers of the closed-loop measure."""

    POPULATION = "population"
    MET = "met"
    NO_REPORT = "no-report"
    UNKNOWN = "report-of-unknown"
    LATE = "report-late"
    CANCELLED = "cancelled"
    LATER = "left-out-later"
    MONTH = "left-out-month"
    SERVICE = "left-out-service"
    ALL = "all"
    ALL_REPORTED = "all-reported"


@dataclass(frozen=True, slots=True)
class Window:
    """The moments of a measure: orders from `starts` until before `orders_end`, reports until before `ends`."""

    starts: datetime
    orders_end: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Loop:
    """One referral behind a number."""

    referral_id: int
    number: str
    patient: str
    patient_key: str
    recipient: str
    ordered_at: datetime
    status: Status
    reported_at: datetime | None
    report_from: str
    which: Which  # of the measure's own lists


class ReportTransaction(Protocol):
    """One moment of the store, for reading."""

    def open_loops(self, at: datetime, limit: int, *, is_now: bool) -> list[OpenLoop]:
        """What was not closed at a moment, the longest in its state first."""
        ...

    def open_counted(self, at: datetime, *, is_now: bool) -> list[OpenCount]:
        """The same counted by state."""
        ...

    def turnaround(self, starts: datetime, ends: datetime, by: By, at: datetime) -> list[Turnaround]:
        """Of referrals first sent in the period, grouped, the largest groups first."""
        ...

    def sent_in_group(self, starts: datetime, ends: datetime, by: By, key: str, limit: int) -> list[Loop]:
        """The referrals behind one group."""
        ...

    def came_in(self, spans: Sequence[tuple[date, datetime, datetime]]) -> list[Flow]:
        """Files and mails received."""
        ...

    def went_out(self, spans: Sequence[tuple[date, datetime, datetime]]) -> list[Flow]:
        """Packets that a carrier took."""
        ...

    def handled(self, starts: datetime, ends: datetime) -> list[Handled]:
        """What became of what arrived, by kind."""
        ...

    def queue_time(self, starts: datetime, ends: datetime) -> QueueTime:
        """Of documents that arrived in the period."""
        ...

    def loops_counted(self, window: Window) -> LoopCount:
        """The closed-loop counts."""
        ...

    def population(self, window: Window) -> list[tuple[str, Which]]:
        """The patient's key and the list of each referral in the population."""
        ...

    def loops(self, window: Window, which: Which | None, limit: int) -> list[Loop]:
        """The referrals behind one of the counts; the whole population for None."""
        ...


class ReportStore(Protocol):
    """Where reports look."""

    def reading(self) -> AbstractContextManager[ReportTransaction]:
        """One moment of the store; writers need not wait meanwhile."""
        ...
