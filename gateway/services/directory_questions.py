"""What the directory asks of a transaction: entries, search, how an office answers, and merging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.domain.directory import FaxStanding, Merge, Recipient, ResponseRecord
from gateway.domain.event import ChainedEvent, Event


class Shown(StrEnum):
    """Which entries a list shows."""

    ALL = "all"
    UNCONFIRMED = "unconfirmed"
    SET_ASIDE = "set_aside"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Sought:
    """Entries that hold every word of `words`: of a name, a specialty, a city, a number, an NPI."""

    words: str = ""
    shown: Shown = Shown.ALL


@dataclass(frozen=True, slots=True)
class Found:
    """One page of entries by name, and how many fit in all."""

    recipients: tuple[Recipient, ...]
    total: int


class DirectoryTransaction(Protocol):
    """Questions and statements about recipients. A merged entry stands aside: lists and names lead to its heir."""

    def save_recipient(self, recipient: Recipient, event: Event) -> Recipient:
        """Insert (id 0) or update."""
        ...

    def recipient(self, recipient_id: int) -> Recipient:
        """By id, also one that was merged. Raises NotFound."""
        ...

    def heir_of(self, recipient_id: int) -> Recipient:
        """By id; of one that was merged, the entry that stands for it. Raises NotFound."""
        ...

    def recipient_named(self, name: str) -> Recipient | None:
        """By name or organization, exact but for case and spaces; a merged name leads to its heir."""
        ...

    def recipients(self) -> list[Recipient]:
        """All that stand for themselves, by name."""
        ...

    def recipients_reached_at(self, destination: str) -> list[Recipient]:
        """Whose fax number or address this is, or was before a merge."""
        ...

    def recipients_sought(self, sought: Sought, offset: int = 0, limit: int = 50) -> Found:
        """By name."""
        ...

    def fax_standings(self) -> dict[FaxStanding, int]:
        """How many entries of each there are."""
        ...

    def response_records(self, ids: Sequence[int], since: datetime, until: datetime) -> dict[int, ResponseRecord]:
        """How these offices answered what was first sent to them in a period; three questions for all of them."""
        ...

    def recipient_history(self, recipient_id: int, limit: int = 50) -> list[ChainedEvent]:
        """Events of the entry itself, newest first; not those of its referrals."""
        ...

    def record_merge(self, merge: Merge, numbers_kept: int) -> list[str]:
        """Lead everything of `merge.retired` to `merge.kept`: referrals, their packets and documents with them.

        Appends the event, with at most `numbers_kept` of the numbers of the referrals; returns all of them.
        """
        ...

    def undo_merge(self, retired_id: int, at: datetime, actor: str) -> list[str]:
        """Give back what a merge moved, and let the entry stand for itself again; returns the referrals' numbers.

        Raises NotFound if it was not merged.
        """
        ...

    def merges_into(self, kept_id: int) -> list[tuple[Merge, Recipient]]:
        """What was merged into an entry, the newest first, with the entries as they were."""
        ...
