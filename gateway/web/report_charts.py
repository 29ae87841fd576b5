"""Which plot each report has, and what it says in one sentence to who cannot see it."""

from datetime import date

from gateway.services.reports.closed_loop import LoopReport
from gateway.services.reports.open_loops import OpenReport
from gateway.services.reports.questions import Flow, Milestone
from gateway.services.reports.turnaround import DaySpread, TurnaroundReport
from gateway.services.reports.volume import VolumeReport
from gateway.web.charts import Chart, Range, bars, columns, ranges
from gateway.web.words import spaced

_CHANNELS = {"fax": "one", "email": "two", "scan": "three", "hand": "four", "other": "four"}
_AGES = {"up to 7 days": "one", "8 to 30 days": "two", "more than 30 days": "old"}
_ENDS = {
    "met": "one", "report of unknown origin": "two", "report after the period": "three", "cancelled": "four",
    "no report": "old",
}  # fmt: skip
_HEADS = {
    Milestone.ANSWERED: "First answer",
    Milestone.BOOKED: "Appointment made",
    Milestone.SEEN: "Seen",
    Milestone.REPORTED: "Report",
}
_ROWS = 12
_LONGEST_NAME = 38


def of_open_loops(report: OpenReport) -> Chart | None:
    """A bar a state, by how long they have stood there."""
    if not report.counts:
        return None
    rows = [
        (
            spaced(one.status),
            dict(zip(_AGES, (one.all - one.over_week, one.over_week - one.over_month, one.over_month), strict=True)),
        )
        for one in report.counts
    ]
    old = sum(one.over_month for one in report.counts)
    summary = f"{report.total} open loops by state; {old} of them have stood there for more than 30 days."
    return bars("Open loops by state, and for how long", summary, rows, _AGES)


def of_turnaround(report: TurnaroundReport) -> Chart | None:
    """The middle halves of the largest groups."""
    shown = report.rows[:_ROWS]
    if not any(row.spreads for row in shown):
        return None
    rows = [(_short(row.name), [_range(row.name, row.spreads.get(one), one) for one in _HEADS]) for row in shown]
    answers = [(row.spreads[Milestone.ANSWERED].median, row.name) for row in shown if Milestone.ANSWERED in row.spreads]
    slowest = max(answers, default=None)
    summary = f"Days from sending for the {len(shown)} largest groups, with medians."
    if slowest:
        summary += f" The slowest first answer is {slowest[1]}'s, {slowest[0]:.1f} days at the median."
    return ranges("Days from sending", summary, rows, list(_HEADS.values()), "d")


def of_volume(report: VolumeReport) -> tuple[Chart, Chart]:
    """In and out, by day or week and channel."""
    every = "week" if report.is_weekly else "day"
    return (
        _flow(f"Received by {every}", report.came_in, report.days),
        _flow(f"Sent by {every}", report.went_out, report.days),
    )


def of_closed_loop(report: LoopReport) -> Chart | None:
    """What became of the population, and of all."""
    c = report.counts
    if not c.all:
        return None
    of_all = {"met": c.all_reported, "no report": c.all - c.all_reported}
    rows = [
        (
            "CMS50v14",
            {
                "met": c.met,
                "report of unknown origin": c.report_of_unknown,
                "report after the period": c.report_late,
                "cancelled": c.cancelled,
                "no report": c.no_report,
            },
        ),
        ("All referrals", of_all),
    ]
    summary = f"CMS50v14: {c.met} of {c.population} met. All referrals: {c.all_reported} of {c.all} have a report."
    return bars("What became of the referrals", summary, rows, _ENDS)


def _flow(title: str, flows: tuple[Flow, ...], days: tuple[date, ...]) -> Chart:
    places = {day: place for place, day in enumerate(days)}
    series: dict[str, list[int]] = {}
    for flow in flows:
        series.setdefault(flow.channel, [0] * len(days))[places[flow.first]] += flow.count
    in_order = {name: series[name] for name in _CHANNELS if name in series}
    total = sum(flow.count for flow in flows)
    summary = f"{total} in all" + "".join(f"; {sum(values)} by {name}" for name, values in in_order.items()) + "."
    return columns(title, summary, [f"{day:%b} {day.day}" for day in days], in_order, _CHANNELS)


def _range(name: str, spread: DaySpread | None, milestone: Milestone) -> Range | None:
    if spread is None:
        return None
    told = (
        f"{name}, {_HEADS[milestone].lower()}: median {spread.median:.1f} days, middle half {spread.quarter:.1f} to "
        f"{spread.three_quarters:.1f}, of {spread.count}"
    )
    return Range(spread.quarter, spread.median, spread.three_quarters, spread.is_few, told)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "\N{HORIZONTAL ELLIPSIS}"
