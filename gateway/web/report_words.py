"""How reports say times, shares and the names of their lists."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.reference import format_number
from gateway.services.reports.questions import Milestone, Which

HEADS = {
    Milestone.ANSWERED: "First answer",
    Milestone.BOOKED: "Appointment made",
    Milestone.SEEN: "Seen",
    Milestone.REPORTED: "Report",
}
BEHIND = {
    Which.POPULATION: "In the denominator of CMS50v14",
    Which.MET: "In the numerator of CMS50v14",
    Which.NO_REPORT: "No report",
    Which.UNKNOWN: "A report of which nothing says whose it is",
    Which.LATE: "Report after the period",
    Which.CANCELLED: "Cancelled, counted as not met",
    Which.LATER: "Left out: not the patient's first",
    Which.MONTH: "Left out: ordered after October 31",
    Which.SERVICE: "Left out: lab, imaging, community service",
    Which.ALL: "All referrals ordered",
    Which.ALL_REPORTED: "All referrals with a report",
}
_FROM = {
    "office": "of the office, by its number, address, NPI, letterhead or our page",
    "person": "as a person judged who filed it",
    "unknown": "nothing says whose it is",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Words for values, in the clinic's zone."""

    zone: ZoneInfo

    def at(self, moment: datetime | None) -> str:
        """A time to the minute; empty for none."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}" if moment else ""

    def day(self, moment: datetime | None) -> str:
        """A day; empty for none."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d}" if moment else ""

    def share(self, of: float | None) -> str:
        """A share in percent; a dash where there is nothing to divide by."""
        return f"{of:.1%}" if of is not None else "\N{EM DASH}"

    def minutes(self, seconds: float) -> str:
        """Minutes, or hours where there are many."""
        minutes = seconds / 60
        return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"

    def number(self, number: str) -> str:
        """A referral's number as it is printed."""
        return format_number(number)

    def report_from(self, origin: str) -> str:
        """Whose report it is."""
        return _FROM.get(origin, "")
