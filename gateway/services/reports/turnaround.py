"""The turnaround report: how many days offices take, told with what is too little to go by."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.services.ports import Clock
from gateway.services.reports.period import Period
from gateway.services.reports.questions import By, Loop, Milestone, ReportStore, Spread, Turnaround
from gateway.services.reports.sheet import Sheet
from gateway.services.rules import Rules

FEW = 10
"""Of fewer than these a median says little: one slow referral moves it by days."""
_DAYS = timedelta(days=90)
_DAY_S = 86_400
_ALL = 1_000_000
_HEADS = {
    Milestone.ANSWERED: "first_answer",
    Milestone.BOOKED: "appointment_made",
    Milestone.SEEN: "seen",
    Milestone.REPORTED: "report",
}


@dataclass(frozen=True, slots=True)
class DaySpread:
    """Days from sending, of `count` that got there."""

    count: int
    quarter: float
    median: float
    three_quarters: float

    @property
    def is_few(self) -> bool:
        """Whether it is of too few to go by."""
        return self.count < FEW

    @classmethod
    def of(cls, spread: Spread) -> "DaySpread":
        """From seconds."""
        in_days = (round(one / _DAY_S, 2) for one in (spread.quarter, spread.median, spread.three_quarters))
        return cls(spread.count, *in_days)


@dataclass(frozen=True, slots=True)
class TurnaroundRow:
    """One specialist, specialty or urgency."""

    key: str
    name: str
    sent: int
    judged: int  # answered, or past the policy's time
    in_time: int
    spreads: dict[Milestone, DaySpread]

    @property
    def share(self) -> float | None:
        """Answered in the policy's time, of those judged."""
        return self.in_time / self.judged if self.judged else None

    @property
    def is_few(self) -> bool:
        """Whether the share is of too few to go by."""
        return self.judged < FEW


@dataclass(frozen=True, slots=True)
class TurnaroundReport:
    """The report of a period's referrals."""

    period: Period
    by: By
    rows: tuple[TurnaroundRow, ...]

    @property
    def sheet(self) -> Sheet:
        """As rows; days, of those that got there."""
        columns = [self.by.value, "sent", "judged", "answered_in_time", "share_in_time"]
        for head in _HEADS.values():
            columns += [f"{head}_count", f"{head}_days_quarter", f"{head}_days_median", f"{head}_days_three_quarters"]
        rows = [_flat(row, self.by) for row in self.rows]
        name = f"turnaround-by-{self.by.value}-{self.period.first}-{self.period.last}"
        return Sheet(name, rows, (*columns, "few"))


def _flat(row: TurnaroundRow, by: By) -> dict[str, object]:
    told: dict[str, object] = {
        by.value: row.name,
        "sent": row.sent,
        "judged": row.judged,
        "answered_in_time": row.in_time,
        "share_in_time": row.share,
    }
    for milestone, head in _HEADS.items():
        spread = row.spreads.get(milestone)
        told[f"{head}_count"] = spread.count if spread else 0
        told[f"{head}_days_quarter"] = spread.quarter if spread else None
        told[f"{head}_days_median"] = spread.median if spread else None
        told[f"{head}_days_three_quarters"] = spread.three_quarters if spread else None
    return told | {"few": "few" if row.is_few else ""}


@dataclass(frozen=True, slots=True)
class ReportTurnaround:
    """Asks for one grouping at a time."""

    store: ReportStore
    clock: Clock
    rules: Rules

    def report(self, first: str = "", last: str = "", by: By = By.SPECIALIST) -> TurnaroundReport:
        """Of referrals first sent in the period; the last 90 days unless told. Raises NotSaid."""
        now, period = self.clock.now(), self.period(first, last)
        with self.store.reading() as tx:
            found = tx.turnaround(period.starts, period.ends, by, now)
        return TurnaroundReport(period, by, tuple(_row(one) for one in found))

    def behind(self, first: str, last: str, by: By, key: str, limit: int = _ALL) -> tuple[Period, list[Loop]]:
        """The referrals of one group. Raises NotSaid."""
        period = self.period(first, last)
        with self.store.reading() as tx:
            return period, tx.sent_in_group(period.starts, period.ends, by, key, limit)

    def period(self, first: str, last: str) -> Period:
        """As typed, or the last 90 days. Raises NotSaid."""
        today = self.clock.now().astimezone(self.rules.zone).date()
        return Period.told(first, last, self.rules.zone, (today - _DAYS, today))


def _row(found: Turnaround) -> TurnaroundRow:
    spreads = {milestone: DaySpread.of(spread) for milestone, spread in found.spreads.items()}
    return TurnaroundRow(found.key, found.name, found.sent, found.judged, found.in_time, spreads)
