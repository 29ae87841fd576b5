"""The days a report is about, as the clinic counts them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.errors import NotSaid

_LONGEST_DAYS = 366
_YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included, in the clinic's zone."""

    first: date
    last: date
    zone: ZoneInfo

    @classmethod
    def told(cls, first: str, last: str, zone: ZoneInfo, default: tuple[date, date]) -> "Period":
        """As typed; what is left empty is the default's. Raises NotSaid for what is no period."""
        period = cls(day_told(first) or default[0], day_told(last) or default[1], zone)
        if period.last < period.first:
            raise NotSaid("the period ends before it begins: choose a later last day")
        if period.days > _LONGEST_DAYS:
            raise NotSaid(f"the period is longer than {_LONGEST_DAYS} days: choose a shorter one")
        return period

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def starts(self) -> datetime:
        """The first moment of it, UTC."""
        return day_starts(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment after it, UTC."""
        return day_starts(self.last + timedelta(days=1), self.zone)

    def spans(self, *, by_week: bool) -> list[tuple[date, datetime, datetime]]:
        """Its days, or its weeks from Monday, each by its first day with the moments it lies between."""
        spans: list[tuple[date, datetime, datetime]] = []
        day = self.first
        while day <= self.last:
            following = day + timedelta(days=7 - day.weekday() if by_week else 1)
            end = min(following, self.last + timedelta(days=1))
            spans.append((day, day_starts(day, self.zone), day_starts(end, self.zone)))
            day = end
        return spans

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


def day_starts(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day at the clinic, UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_told(text: str) -> date | None:
    """A day as typed, None for nothing. Raises NotSaid for what is no day."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise NotSaid(f"{text.strip()[:20]!r} is no day: write it as YYYY-MM-DD") from None
    if day.year not in _YEARS:
        raise NotSaid(f"no referral was ever made in {day.year}: choose a year from {_YEARS[0]} to {_YEARS[-1]}")
    return day
