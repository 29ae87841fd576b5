"""The volume report: what came and went, how much of it needed no person, and how long the rest waited for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.services.ports import Clock
from gateway.services.reports.period import Period
from gateway.services.reports.questions import Flow, Handled, QueueTime, ReportStore
from gateway.services.reports.sheet import Sheet
from gateway.services.rules import Rules

_DAYS = timedelta(days=27)
_MOST_DAYS = 62  # as days; a longer period is told in weeks unless asked otherwise


@dataclass(frozen=True, slots=True)
class VolumeReport:
    """The report of a period."""

    period: Period
    is_weekly: bool
    days: tuple[date, ...]  # of the days or weeks, the first each
    came_in: tuple[Flow, ...]
    went_out: tuple[Flow, ...]
    handled: tuple[Handled, ...]
    queue: QueueTime
    at: datetime

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel that was used, in or out."""
        return tuple(sorted({flow.channel for flow in (*self.came_in, *self.went_out)}))

    @property
    def decided(self) -> int:
        """Documents that were settled, by whomever."""
        return sum(one.by_itself + one.by_staff + one.other for one in self.handled)

    @property
    def by_itself(self) -> int:
        """Documents filed without a person, and not taken back since."""
        return sum(one.by_itself for one in self.handled)

    @property
    def share_by_itself(self) -> float | None:
        """Of what was settled."""
        return self.by_itself / self.decided if self.decided else None

    @property
    def share_undone(self) -> float | None:
        """Of all that was filed without a person, what a person took back: at most so much was misfiled."""
        filed = self.by_itself + self.queue.undone_by_itself
        return self.queue.undone_by_itself / filed if filed else None

    @property
    def sheet(self) -> Sheet:
        """One row for each number: what it is of, which, and how many."""
        columns = ("what", "day", "of", "count")
        every = "week" if self.is_weekly else "day"
        rows: list[dict[str, object]] = [
            *_flows(f"received by {every}", self.came_in),
            *_flows(f"sent by {every}", self.went_out),
        ]
        for one in self.handled:
            for of, count in (
                ("filed by itself", one.by_itself),
                ("settled by staff", one.by_staff),
                ("thrown away by a rule", one.other),
                ("waiting", one.waiting),
            ):
                rows.append({"what": f"documents {of}", "day": "", "of": one.kind, "count": count})
        for what, count in (
            ("filed by itself, taken back since", self.queue.undone_by_itself),
            ("filed by staff, taken back since", self.queue.undone_by_staff),
            ("minutes waited in the queue, median", round(self.queue.median / 60, 1)),
            ("minutes waited in the queue, 90th percentile", round(self.queue.ninth_tenth / 60, 1)),
        ):
            rows.append({"what": what, "day": "", "of": "", "count": count})
        return Sheet(f"volume-{self.period.first}-{self.period.last}", rows, columns)


def _flows(what: str, flows: Sequence[Flow]) -> list[dict[str, object]]:
    return [{"what": what, "day": flow.first.isoformat(), "of": flow.channel, "count": flow.count} for flow in flows]


@dataclass(frozen=True, slots=True)
class ReportVolume:
    """Asks for days or weeks."""

    store: ReportStore
    clock: Clock
    rules: Rules

    def report(self, first: str = "", last: str = "", per: str = "") -> VolumeReport:
        """Of what came and went in the period; the last four weeks unless told. Raises NotSaid."""
        now = self.clock.now()
        today = now.astimezone(self.rules.zone).date()
        period = Period.told(first, last, self.rules.zone, (today - _DAYS, today))
        is_weekly = per == "week" or (per != "day" and period.days > _MOST_DAYS)
        spans = period.spans(by_week=is_weekly)
        with self.store.reading() as tx:
            return VolumeReport(
                period=period,
                is_weekly=is_weekly,
                days=tuple(day for day, _, _ in spans),
                came_in=tuple(tx.came_in(spans)),
                went_out=tuple(tx.went_out(spans)),
                handled=tuple(tx.handled(period.starts, period.ends)),
                queue=tx.queue_time(period.starts, period.ends),
                at=now,
            )
