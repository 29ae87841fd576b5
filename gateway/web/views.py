"""What the pages show, in words and numbers; no row of the store and no time zone gets past here."""

from dataclasses import dataclass

from gateway.web.queue_views import Choice


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
class TaskRow:
    """One thing to do; `kind` is the task's own word, as routes take it."""

    number: str
    kind: str
    text: str
    since: str
    waits: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One referral on the board, and whose it is."""

    referral: ReferralRow
    owner: str  # empty: nobody's
    is_mine: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class FilterLink:
    """A filter as a link; `count` is None where it reaches beyond what is open. `id` is 0 for those everybody has."""

    name: str
    path: str
    count: int | None
    is_here: bool
    id: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """The first page: one page of rows of `count`, and the figures of the whole clinic."""

    rows: tuple[BoardRow, ...]
    links: tuple[FilterLink, ...]
    saved: tuple[FilterLink, ...]
    count: int
    first: int  # the place of the first row, counted from 1
    page: int
    pages: int
    query: str  # the filters, to come back to this list; without its page
    whose: str
    stage: str
    is_late: bool
    is_narrowed: bool
    searched: str
    states: tuple[Choice, ...]
    urgencies: tuple[Choice, ...]
    specialties: tuple[Choice, ...]
    recipients: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    open: int
    late: int
    in_review: int
    to_do: int
    closed: int
    at: str
    seen: int  # the newest event in it
    reading: tuple[str, ...] = ()  # what is being read just now, and how far
    notices: tuple[str, ...] = ()  # what a person must mend before all flows again


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
    owner: str
    tasks: tuple[TaskRow, ...]
    events: tuple[EventRow, ...]
