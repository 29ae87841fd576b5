"""What the work list shows, in words; no row of the store and no time zone gets past here."""

from dataclasses import dataclass

from gateway.web.queue_views import Choice


@dataclass(frozen=True, slots=True)
class Script:
    """What to say on the telephone. `patient` is said only after the office has named itself."""

    ask_for: str
    opening: str
    about: str
    patient: str
    needed: str


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing to do, with all that doing it needs."""

    id: int
    number: str
    kind: str  # the task's own word, as routes take it
    text: str
    waits: str
    since: str
    put_off: str  # until when; empty if it is due
    last_call: str
    is_escalated: bool
    urgency: str
    status: str
    mark: str
    owner: str
    is_mine: bool
    patient: str
    born: str
    patient_phone: str
    language: str
    office: str
    phone: str
    fax: str
    is_set_aside: bool
    clinician: str
    clinician_phone: str
    sent_to: str  # of the packet that may have arrived
    sent_at: str
    cause: str
    script: Script | None


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """Things of one sort. `count` may be more than are shown."""

    id: str
    name: str
    hint: str
    count: int
    rows: tuple[WorkRow, ...]


@dataclass(frozen=True, slots=True)
class WorkTab:
    """One way to look at the list."""

    name: str
    path: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class WorkList:
    """The page."""

    groups: tuple[WorkGroup, ...]
    tabs: tuple[WorkTab, ...]
    group: str  # the only one shown, or empty
    query: str  # to come back to this list
    page: int
    has_more: bool
    put_off: int
    is_later: bool
    office_outcomes: tuple[Choice, ...]
    patient_outcomes: tuple[Choice, ...]
    offices: tuple[str, ...]
    at: str
    seen: int
