"""The closed-loop measure (CMS50v14, Closing the Referral Loop), and beside it the rate over all referrals.

CMS50 counts the first referral of each patient ordered from 1 January to 31 October; it is met by the consultant's
report, from the clinician referred to, after the order and within the year. A visit that was missed or cancelled stays
in the denominator. That the patient also had a qualifying visit at the clinic is not known here: the clinic may hand
in who had one, else the population is larger than the measure's.
"""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, datetime

from config.reference import format_number
from gateway.domain.same_patient import mrn_key
from gateway.errors import NotSaid
from gateway.services.ports import Clock
from gateway.services.reports.period import Period, day_starts
from gateway.services.reports.questions import Loop, LoopCount, ReportStore, Which, Window
from gateway.services.reports.sheet import Sheet
from gateway.services.rules import Rules

_ALL = 1_000_000
_MRN, _DAY = ("mrn", "patient", "patient id", "medical record number"), ("date", "visit", "visit date", "day")
COUNTED = (Which.MET, Which.NO_REPORT, Which.UNKNOWN, Which.LATE, Which.CANCELLED)


@dataclass(frozen=True, slots=True)
class Visits:
    """Who had a qualifying visit in the period, as the clinic says; kept nowhere."""

    patients: frozenset[str]
    lines: int
    outside: int  # visits on other days

    @classmethod
    def read(cls, data: bytes, period: Period) -> "Visits":
        """From CSV with a heading: an MRN and a date (YYYY-MM-DD or MM/DD/YYYY) in each line. Raises NotSaid."""
        try:
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        except (UnicodeDecodeError, csv.Error):
            raise NotSaid("the list of visits is no CSV in UTF-8: save it as CSV from the spreadsheet") from None
        heads = [head.strip().casefold() for head in rows[0]] if rows else []
        at_mrn = next((place for place, head in enumerate(heads) if head in _MRN), None)
        at_day = next((place for place, head in enumerate(heads) if head in _DAY), None)
        if at_mrn is None or at_day is None:
            raise NotSaid("the list of visits needs a first line that names the columns mrn and date")
        patients: set[str] = set()
        outside = 0
        told = [(no, row) for no, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)]
        for no, row in told:
            if len(row) <= max(at_mrn, at_day):
                raise NotSaid(f"line {no} of the list of visits has too few columns")
            day = _visited(row[at_day], no)
            if period.first <= day <= period.last:
                patients.add(mrn_key(row[at_mrn]))
            else:
                outside += 1
        return cls(frozenset(patients - {""}), len(told), outside)


@dataclass(frozen=True, slots=True)
class LoopReport:
    """The measure and the rate over all; `window` is what its lists are asked for with."""

    period: Period
    window: Window
    counts: LoopCount
    is_whole_year: bool
    is_over: bool  # no report can come in time any more
    visits: Visits | None
    unmatched: int  # left out because nothing says they had a qualifying visit

    @property
    def rate(self) -> float | None:
        """Met, of the population."""
        return self.counts.met / self.counts.population if self.counts.population else None

    @property
    def all_rate(self) -> float | None:
        """With a report, of every referral ordered in the period."""
        return self.counts.all_reported / self.counts.all if self.counts.all else None

    @property
    def sheet(self) -> Sheet:
        """The numbers."""
        c = self.counts
        told: list[tuple[str, object]] = [
            ("CMS50v14 denominator", c.population),
            ("CMS50v14 numerator", c.met),
            ("CMS50v14 rate", self.rate),
            ("no report", c.no_report),
            ("a report, but nothing says whose", c.report_of_unknown),
            ("report after the period", c.report_late),
            ("cancelled, counted as not met", c.cancelled),
            ("left out: not the patient's first", c.left_out_later),
            ("left out: ordered after 31 October", c.left_out_month),
            ("left out: lab, imaging, community service", c.left_out_service),
            ("left out: no qualifying visit handed in", self.unmatched if self.visits else None),
            ("qualifying visits known", "handed in" if self.visits else "no: not checked"),
            ("all referrals", c.all),
            ("all referrals, with a report", c.all_reported),
            ("all referrals, rate", self.all_rate),
        ]
        rows = [{"what": what, "value": value} for what, value in told]
        return Sheet(f"closed-loop-{self.period.first}-{self.period.last}", rows, ("what", "value"))


@dataclass(frozen=True, slots=True)
class ReportClosedLoop:
    """The counts of a period within one calendar year, and the referrals behind each."""

    store: ReportStore
    clock: Clock
    rules: Rules

    def report(self, first: str = "", last: str = "", visits: bytes | None = None) -> LoopReport:
        """Of the calendar year that runs, unless told. Raises NotSaid."""
        period, window = self.window(first, last)
        handed = Visits.read(visits, period) if visits is not None else None
        unmatched = 0
        with self.store.reading() as tx:
            counts = tx.loops_counted(window)
            if handed is not None:
                kept = [which for key, which in tx.population(window) if key in handed.patients]
                unmatched = counts.population - len(kept)
                counts = _only(counts, kept)
        year = period.first.year
        is_whole = (period.first, period.last) == (date(year, 1, 1), date(year, 12, 31))
        return LoopReport(period, window, counts, is_whole, window.ends <= self.clock.now(), handed, unmatched)

    def behind(self, first: str, last: str, which: Which, limit: int = _ALL) -> tuple[Period, list[Loop]]:
        """The referrals behind one number. Raises NotSaid."""
        period, window = self.window(first, last)
        with self.store.reading() as tx:
            return period, tx.loops(window, which, limit)

    def window(self, first: str, last: str) -> tuple[Period, Window]:
        """The period as typed, and the moments between which the measure counts. Raises NotSaid."""
        year = self.clock.now().astimezone(self.rules.zone).year
        period = Period.told(first, last, self.rules.zone, (date(year, 1, 1), date(year, 12, 31)))
        if period.first.year != period.last.year:
            raise NotSaid("the measure is of one calendar year: choose both days in the same one")
        november = day_starts(date(period.first.year, 11, 1), self.rules.zone)
        return period, Window(period.starts, min(november, period.ends), period.ends)


def listed(name: str, loops: list[Loop]) -> Sheet:
    """The referrals behind a number as rows."""
    columns = ("referral", "patient", "to", "ordered", "state", "report", "report_from")
    rows = [
        {
            "referral": format_number(loop.number),
            "patient": loop.patient,
            "to": loop.recipient,
            "ordered": loop.ordered_at,
            "state": loop.status.value,
            "report": loop.reported_at,
            "report_from": loop.report_from,
        }
        for loop in loops
    ]
    return Sheet(name, rows, columns)


def _only(counts: LoopCount, kept: list[Which]) -> LoopCount:
    """The measure's own counts over those who had a visit; the rate over all stays as it is."""
    found = {which: kept.count(which) for which in COUNTED}
    return replace(
        counts,
        population=len(kept),
        met=found[Which.MET],
        no_report=found[Which.NO_REPORT],
        report_of_unknown=found[Which.UNKNOWN],
        report_late=found[Which.LATE],
        cancelled=found[Which.CANCELLED],
    )


def _visited(text: str, line: int) -> date:
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day, in no zone
        except ValueError:
            continue
    raise NotSaid(f"line {line} of the list of visits has no date: write it as YYYY-MM-DD or MM/DD/YYYY")
