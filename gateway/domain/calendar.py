"""Business time: hours and days in which an office works, across holidays and clock changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.policy import Span, Unit

_LONGEST_CLOSURE_DAYS = 370


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an office is open. Times go in and come out aware; results are UTC.

    `is_always_open` makes every second business time and a business day 24 hours, for compressed stories.
    """

    zone: str
    opens: time = time(8)
    closes: time = time(17)
    workdays: frozenset[int] = frozenset(range(5))  # Monday is 0
    holidays: frozenset[date] = field(default_factory=frozenset[date])
    is_always_open: bool = False

    def add(self, start: datetime, span: Span) -> datetime:
        """The moment `span` after `start`; business time counts only while the office is open."""
        if span.unit is Unit.SECONDS:
            return start.astimezone(UTC) + span.elapsed
        if self.is_always_open:
            unit = timedelta(hours=1) if span.unit is Unit.BUSINESS_HOURS else timedelta(days=1)
            return start.astimezone(UTC) + span.amount * unit
        if span.unit is Unit.BUSINESS_HOURS:
            return self._add_hours(start, timedelta(hours=span.amount))
        return self._add_days(start, span.amount)

    def is_open(self, at: datetime) -> bool:
        """Whether the office works at this moment."""
        if self.is_always_open:
            return True
        local = at.astimezone(ZoneInfo(self.zone))
        return self._works_on(local.date()) and self.opens <= local.time() < self.closes

    def next_open(self, at: datetime) -> datetime:
        """`at` itself if open, else when the office opens next."""
        if self.is_open(at):
            return at.astimezone(UTC)
        return next(opening for opening, _ in self._shifts(at) if opening >= at)

    def _works_on(self, day: date) -> bool:
        return day.weekday() in self.workdays and day not in self.holidays

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(UTC)

    def _shifts(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Opening and closing of each working day from the one `start` lies in."""
        day = start.astimezone(ZoneInfo(self.zone)).date()
        for ahead in range(_LONGEST_CLOSURE_DAYS * 10):
            if self._works_on(day + timedelta(days=ahead)):
                today = day + timedelta(days=ahead)
                yield self._moment(today, self.opens), self._moment(today, self.closes)
        raise ValueError("the calendar is closed for years: check its workdays and holidays")

    def _add_hours(self, start: datetime, left: timedelta) -> datetime:
        for opening, closing in self._shifts(start):
            begin = max(opening, start)
            if begin >= closing:
                continue
            if left <= closing - begin:
                return (begin + left).astimezone(UTC)
            left -= closing - begin
        raise AssertionError("the shifts end by an error")

    def _add_days(self, start: datetime, days: float) -> datetime:
        """Whole days keep the time of day; a start outside hours counts from the next opening."""
        begin = self.next_open(start)
        whole = int(days)
        shifts = self._shifts(begin)
        today, _ = next(shifts)
        for _ in range(whole):
            today, _ = next(shifts)
        local = begin.astimezone(ZoneInfo(self.zone))
        landed = self._moment(today.astimezone(ZoneInfo(self.zone)).date(), local.time())
        part = days - whole
        return landed if not part else self._add_hours(landed, part * self._day_length())

    def _day_length(self) -> timedelta:
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)
