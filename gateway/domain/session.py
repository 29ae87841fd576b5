"""A stay of one person at one browser, and when it is over. Pure; the browser's secret is known by its hash alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """When a stay ends although nobody logged out."""

    idle: timedelta
    absolute: timedelta
    for_second_factor: timedelta = timedelta(minutes=5)  # between the password and the code


@dataclass(frozen=True, slots=True)
class Session:
    """One stay. It is not `is_whole` while the second factor is still asked for."""

    token_hash: str
    person_id: int
    started_at: datetime
    seen_at: datetime
    is_whole: bool
    ended_at: datetime | None = None

    def is_over(self, now: datetime, limits: Limits) -> bool:
        """Whether the browser must log in again."""
        longest = limits.absolute if self.is_whole else limits.for_second_factor
        is_late = now - self.started_at >= longest or now - self.seen_at >= limits.idle
        return self.ended_at is not None or is_late


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed and sent after their stay was over: kept until they are back."""

    id: int
    person_id: int
    path: str
    fields: tuple[tuple[str, str], ...]
    kept_at: datetime
