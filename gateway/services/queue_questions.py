"""What the review queue asks of a transaction: lists, search, soft locks, marks, notes, and what filing changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import Arrival, Candidate, Part, PartState
from gateway.domain.directory import Recipient
from gateway.domain.event import Event
from gateway.domain.referral import Referral
from gateway.domain.standing import FilingEffect
from gateway.domain.task import Task
from gateway.services.arranging_questions import ArrangingTransaction
from gateway.services.list_questions import ListTransaction
from gateway.services.trust_questions import TrustTransaction


class Whose(StrEnum):
    """The tabs of the queue."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which waiting documents are meant. Each word of `searched` is the beginning of a word read."""

    person: str
    whose: Whose = Whose.ALL
    kind: DocumentKind | None = None
    is_unreadable: bool = False  # only what could not be read at all
    channel: Channel | None = None
    searched: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in the queue, which is in order of arrival."""

    arrival_id: int
    place: int  # of the part within its file; -1 for what could not be read

    @classmethod
    def start(cls) -> "Place":
        """Before the first."""
        return cls(0, -2)


@dataclass(frozen=True, slots=True)
class Mark:
    """What people have put on an item. The lease on it is the hold of whoever has it open."""

    item_id: int
    assigned_to: str = ""
    label: str = ""
    held_by: str = ""
    held_until: datetime | None = None

    def holder(self, at: datetime) -> str:
        """Who has it open at this time; empty if nobody."""
        return self.held_by if self.held_until is not None and self.held_until > at else ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a colleague wrote on an item."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A referral named on a list."""

    number: str
    family: str
    given: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the queue."""

    id: int
    place: Place
    arrival: Arrival
    part: Part | None
    reason: str
    guess: Named | None
    against: tuple[str, ...]
    mark: Mark
    notes: int


@dataclass(frozen=True, slots=True)
class Settled:
    """One row of what is filed, kept or in the trash."""

    part: Part
    arrival: Arrival
    filed_on: tuple[Named, ...]
    is_purged: bool


@dataclass(frozen=True, slots=True)
class Blocked:
    """A sender that is not heard, by whose decision and why."""

    sender: str
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many wait: all, and those assigned, by person."""

    all: int
    assigned: dict[str, int]


class QueueTransaction(ListTransaction, ArrangingTransaction, TrustTransaction, Protocol):
    """What of a transaction the review queue is made of."""

    def waiting(self, wanted: Wanted, after: Place, limit: int) -> list[Waiting]:
        """Those behind `after`, oldest arrival first; a constant number of questions however many there are."""
        ...

    def next_waiting(self, wanted: Wanted, after: Place, at: datetime) -> int | None:
        """The item behind `after` that nobody else has open; None at the end."""
        ...

    def first_pages_waiting(self, limit: int) -> list[tuple[int, int]]:
        """Arrival and page of what stands at the head of the queue, the first page of each; one question."""
        ...

    def place_of(self, item_id: int) -> Place:
        """Where an item stands, or stood before it was settled. Raises NotFound."""
        ...

    def tally(self) -> Tally:
        """How many wait."""
        ...

    def settled(
        self, states: Sequence[PartState], searched: str, limit: int, behind: int | None = None
    ) -> list[Settled]:
        """The newest settled first; those behind a part of the list, if one is told."""
        ...

    def candidates_of(self, part_id: int) -> list[tuple[Candidate, Referral]]:
        """The candidates of a part in review with their referrals, the likeliest first."""
        ...

    def referrals_named(self, beginning: str, limit: int) -> list[Referral]:
        """Referrals of patients whose family name begins so, the newest first; drafts not."""
        ...

    def recipients_among(self, ids: Sequence[int]) -> dict[int, Recipient]:
        """The offices with these ids."""
        ...

    def filed_numbers(self, part_id: int) -> list[Named]:
        """The referrals a part is filed on."""
        ...

    def is_purged(self, arrival_id: int) -> bool:
        """Whether the bytes are gone."""
        ...

    def page_rotation(self, arrival_id: int, index: int) -> int:
        """Degrees clockwise that make a page stand upright; 0 where nothing was read."""
        ...

    # soft locks, marks and notes
    def mark(self, item_id: int) -> Mark:
        """What people have put on an item; an empty mark if nothing."""
        ...

    def hold(self, item_id: int, person: str, at: datetime, until: datetime) -> Mark:
        """Take or renew the lease unless another person holds it: then theirs is returned unchanged."""
        ...

    def release(self, item_id: int, person: str) -> None:
        """End this person's lease."""
        ...

    def mark_assigned(self, item_id: int, person: str, event: Event) -> None:
        """Hand it to somebody, or to nobody with an empty name."""
        ...

    def mark_labelled(self, item_id: int, label: str, event: Event) -> None:
        """One short label; empty takes it off."""
        ...

    def add_note(self, item_id: int, note: Note, event: Event) -> None:
        """Add what a person wrote; the text stays out of the event, which is never forgotten."""
        ...

    def notes(self, item_id: int) -> list[Note]:
        """Oldest first."""
        ...

    def people_at_the_desk(self) -> list[str]:
        """Who has items assigned or has opened one."""
        ...

    # blocked senders
    def block_sender(self, sender: str, reason: str, at: datetime, actor: str) -> None:
        """From now on what names no referral of ours and comes from there goes to the trash by itself."""
        ...

    def unblock_sender(self, sender: str, at: datetime, actor: str) -> None:
        """Take the block off."""
        ...

    def blocked_senders(self) -> list[Blocked]:
        """All that are blocked, the newest first."""
        ...

    def is_blocked(self, sender: str) -> bool:
        """Whether a sender is blocked."""
        ...

    # what filing changed, and taking it back
    def keep_effect(self, part_id: int, referral_id: int, effect: FilingEffect) -> None:
        """Keep with a filing what it changed."""
        ...

    def effects_of(self, part_id: int) -> list[tuple[int, FilingEffect | None]]:
        """For each referral a part is filed on, what that changed; None for filings older than this was kept."""
        ...

    def later_effects(self, part_id: int, referral_id: int) -> list[tuple[int, FilingEffect]]:
        """Of filings on the same referral after this one, oldest first: part and effect."""
        ...

    def take_back(self, part: Part, event: Event) -> Part:
        """A settled part becomes unmatched again; filings go, events stay. Raises StaleRow."""
        ...

    def last_taken_back(self, part_id: int) -> Event | None:
        """The event of a part's last taking back."""
        ...

    def keep_part(self, part: Part, reason: str, at: datetime, actor: str) -> Part:
        """Taken off the queue to stay for good: a paper of the clinic's own. Raises StaleRow."""
        ...

    def open_tasks_of(self, referral_id: int) -> list[Task]:
        """Open tasks of one referral."""
        ...

    def reopen_tasks(self, task_ids: Sequence[int], at: datetime, actor: str) -> None:
        """Open again what was done by mistake, unless one of its kind is open, with events."""
        ...

    def finish_tasks(self, task_ids: Sequence[int], at: datetime, actor: str) -> None:
        """Mark these done if they are open, with events."""
        ...
