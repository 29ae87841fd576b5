"""What long lists ask of a transaction: referrals, tasks and settled documents, a page at a time, behind a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.arrival import Arrival, Part, PartState
from gateway.domain.referral import Referral, Status
from gateway.domain.task import Task


@dataclass(frozen=True, slots=True)
class ReferralsWanted:
    """Which referrals are meant; what is None does not narrow."""

    statuses: frozenset[Status] | None = None
    recipient_id: int | None = None
    due_before: datetime | None = None
    changed_since: datetime | None = None  # its status
    is_escalated: bool | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class SettledBehind:
    """Which settled documents are meant, the newest first. Each word of `searched` begins a word read."""

    states: Sequence[PartState]
    searched: str = ""
    behind: int | None = None  # the part after which the list goes on


class ListTransaction(Protocol):
    """Lists of one transaction."""

    def referrals_wanted(self, wanted: ReferralsWanted, below_id: int | None, limit: int) -> list[Referral]:
        """The newest first, of those with ids below this one."""
        ...

    def tasks_behind(self, after_id: int, limit: int, *, only_open: bool) -> list[Task]:
        """Oldest first."""
        ...

    def unread_since(self, before: datetime, limit: int) -> list[Arrival]:
        """Files that came before then and are not read yet, the oldest first."""
        ...

    def settled_behind(self, wanted: SettledBehind, limit: int) -> list[tuple[Part, Arrival]]:
        """The newest settled first."""
        ...
