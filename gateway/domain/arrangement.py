"""Another arrangement of a file's pages that was asked for, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

Page = tuple[int, int]
"""A page's index in the file, and the degrees clockwise that turn it upright."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Work in a row: `part_ids` give way to one new part a group, once the groups have been read."""

    id: int
    arrival_id: int
    part_ids: tuple[int, ...]
    groups: tuple[tuple[Page, ...], ...]
    reason: str
    asked_by: str
    asked_at: datetime
    attempts: int = 0
    lease_until: datetime | None = None
    ended_at: datetime | None = None
    new_ids: tuple[int, ...] = ()
    error: str = ""

    def is_being_read(self, at: datetime) -> bool:
        """Whether a process has it in hand; before that it waits for its turn."""
        return self.ended_at is None and self.lease_until is not None and self.lease_until > at
