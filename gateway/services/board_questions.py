"""What the board asks of a transaction: a page of referrals, counts, and the filters that people keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.domain.directory import Recipient
from gateway.domain.referral import Referral, Status
from gateway.services.queue_questions import Tally, Whose


class Stage(StrEnum):
    """What an open referral waits for."""

    CONFIRMATION = "confirmation"
    APPOINTMENT = "appointment"
    REPORT = "report"


class Sort(StrEnum):
    """The order of the board."""

    ATTENTION = "attention"  # escalated first, then by when somebody must look at it
    PATIENT = "patient"
    OLDEST = "oldest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which referrals are meant; what is empty does not narrow. Each word of `searched` begins a name or the number."""

    person: str = ""  # whose are "mine"
    whose: Whose = Whose.ALL
    states: frozenset[Status] | None = None  # None: all that are open
    urgencies: frozenset[str] = frozenset()
    is_late: bool = False
    stage: Stage | None = None
    specialty: str = ""
    recipient_id: int | None = None
    searched: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """What open referrals are for: a specialty as it is keyed, and the offices."""

    specialties: tuple[str, ...]
    recipient_ids: tuple[int, ...]


class FilteredList(StrEnum):
    """What a kept filter narrows."""

    BOARD = "board"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter that a person keeps under a name of her own; the query holds no search."""

    id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Change:
    """One event as pages hear of it: what it was about, and nothing of any patient."""

    seq: int
    kind: str
    number: str  # of the referral; empty if it is about none
    item: int | None  # of the queue


class BoardTransaction(Protocol):
    """What of a transaction the board and the live pages are made of."""

    def board_page(self, wanted: BoardFilter, sort: Sort, at: datetime, *, offset: int, limit: int) -> list[Referral]:
        """One page; a constant number of questions however many there are."""
        ...

    def board_count(self, wanted: BoardFilter, at: datetime) -> int:
        """How many there are on all pages."""
        ...

    def board_tally(self, wanted: Sequence[BoardFilter], at: datetime) -> tuple[int, ...]:
        """How many open ones each of these means, in one question."""
        ...

    def served(self) -> Served:
        """What the open referrals are for, by name."""
        ...

    def recipients_among(self, ids: Sequence[int]) -> dict[int, Recipient]:
        """The offices with these ids."""
        ...

    def in_state(self, status: Status) -> int:
        """How many referrals stand there."""
        ...

    def open_task_count(self, at: datetime) -> int:
        """How many things are to do; those put off until later do not count."""
        ...

    def tally(self) -> Tally:
        """How many documents wait for a person."""
        ...

    def people_who_act(self) -> list[str]:
        """The accounts that may be given a referral, by name."""
        ...

    def saved_filters(self, person: str, of: FilteredList) -> list[SavedFilter]:
        """A person's own of one list, in the order they were made."""
        ...

    def keep_filter(self, person: str, of: FilteredList, name: str, query: str) -> None:
        """Keep it, in place of the one of the same name on the same list."""
        ...

    def drop_filter(self, person: str, filter_id: int) -> None:
        """No longer kept, if it is that person's."""
        ...

    def last_seq(self) -> int:
        """The place of the newest event; 0 before the first."""
        ...

    def changes(self, after_seq: int, limit: int) -> list[Change]:
        """What happened since, in order."""
        ...
