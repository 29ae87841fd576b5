"""What the pages show, in words and numbers; no row of the store and no time zone gets past here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral on the board. `lateness` is empty, overdue or escalated."""

    number: str
    patient: str
    recipient: str
    specialty: str
    urgency: str
    status: str
    mark: str  # the status as a shape, for eyes that skim
    since: str
    next_step: str
    until: str  # how long until the next step, or how late it is
    lateness: str
    requests: int
    appointment: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One item that waits for a person. `best_guess` is a referral's number or empty."""

    id: int
    received: str
    waits: str
    channel: str
    kind: str
    pages: int
    reason: str
    best_guess: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to do; `kind` is the task's own word, as routes take it."""

    number: str
    kind: str
    text: str
    since: str
    waits: str


@dataclass(frozen=True, slots=True)
class Board:
    """The first page. `referrals` may be fewer than `open`: the ones to look at first."""

    referrals: tuple[ReferralRow, ...]
    queue: tuple[QueueRow, ...]
    tasks: tuple[TaskRow, ...]
    open: int
    late: int
    in_review: int
    to_do: int
    closed: int
    at: str
    reading: tuple[str, ...] = ()  # what is being read just now, and how far
    notices: tuple[str, ...] = ()  # what a person must mend before mail flows again


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a referral's history; `details` are names with values."""

    at: str
    what: str
    actor: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class History:
    """One referral with everything that happened to it, and what is open on it."""

    row: ReferralRow
    question: str
    clinician: str
    service: str
    tasks: tuple[TaskRow, ...]
    events: tuple[EventRow, ...]
