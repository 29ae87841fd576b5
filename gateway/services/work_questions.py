"""What the work list asks of a transaction: what a person must do now, kind by kind, the most pressing first."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.directory import Recipient
from gateway.domain.referral import Referral
from gateway.domain.task import Task, TaskKind
from gateway.domain.transmission import Transmission
from gateway.services.board_questions import BoardTransaction
from gateway.services.queue_questions import Whose


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which tasks are meant: whose referrals', of which kind, due now or put off until later."""

    person: str = ""
    whose: Whose = Whose.ALL
    kinds: frozenset[TaskKind] = frozenset()  # empty: all
    is_put_off: bool = False


class WorkTransaction(Protocol):
    """What of a transaction the work list is made of."""

    def work(self, wanted: WorkFilter, at: datetime, *, each: int, offset: int = 0) -> list[tuple[Task, Referral]]:
        """So many of each kind with their referrals, escalated ones first, then the oldest; two questions.

        Where kinds are named, so many of them together.
        """
        ...

    def work_counts(self, wanted: WorkFilter, at: datetime) -> dict[TaskKind, int]:
        """How many of each kind there are."""
        ...

    def uncertain_among(self, referral_ids: Sequence[int]) -> dict[int, Transmission]:
        """The newest packet of each of these referrals of which nobody knows whether it arrived."""
        ...

    def last_calls(self, referral_ids: Sequence[int]) -> dict[int, datetime]:
        """When somebody last called about each of these referrals."""
        ...

    def offices_by_name(self, limit: int) -> list[Recipient]:
        """The directory, as far as a list to choose from goes."""
        ...

    def snooze_task(self, referral_id: int, kind: TaskKind, until: datetime, at: datetime, actor: str) -> bool:
        """Put an open task off the list until then, with its event; whether there was one."""
        ...


class ReadTransaction(BoardTransaction, WorkTransaction, Protocol):
    """What the board, the work list and the live pages ask."""


class ReadingStore(Protocol):
    """A store that can be read without keeping a writer waiting."""

    def reading(self) -> AbstractContextManager[ReadTransaction]:
        """One moment of the database; nothing can be changed."""
        ...
