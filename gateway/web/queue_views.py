"""What the pages of the review queue show, in words; no row of the store and no time zone gets past here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One document that waits."""

    id: int
    kind: str
    pages: int
    channel: str
    sender: str
    received: str
    waits: str
    reason: str
    guess_number: str  # empty if no referral comes near
    guess_patient: str
    contradicts: bool
    assigned_to: str
    label: str
    notes: int
    held_by: str  # another person who has it open now
    is_stuck: bool
    is_being_read: bool  # in another arrangement; nobody can settle it just then


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at the queue."""

    name: str
    path: str
    count: int | None
    is_here: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter or field."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class StuckFile:
    """A file that came a while ago and is still not read."""

    arrival: int
    sender: str
    channel: str
    received: str
    waits: str
    tries: int


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """A filter of one's own as a link."""

    id: int
    name: str
    path: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class QueueList:
    """The list with its filters. `more` is the query of the next page, empty at the end."""

    tabs: tuple[Tab, ...]
    kinds: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    whose: str
    saved: tuple[KeptFilter, ...]
    rows: tuple[ItemRow, ...]
    filters: str  # as a query, to come back to this list
    more: str
    searched: str
    is_filtered: bool
    seen: int  # the newest event in it
    being_read: int  # files and arrangements that are read now or wait for it
    stuck: tuple[StuckFile, ...]


@dataclass(frozen=True, slots=True)
class SettledRow:
    """One document that was filed, kept or thrown away."""

    id: int
    kind: str
    pages: int
    what: str
    by: str
    at: str
    reason: str
    filed_on: tuple[tuple[str, str], ...]  # number and patient
    is_purged: bool


@dataclass(frozen=True, slots=True)
class BlockedRow:
    """A sender that is not heard."""

    sender: str
    at: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class SettledList:
    """What is settled, under one of its tabs."""

    tabs: tuple[Tab, ...]
    rows: tuple[SettledRow, ...]
    searched: str
    kept_days: int
    older: int  # the last one shown, behind which there are more; 0 at the end
    blocked: tuple[BlockedRow, ...]


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A referral that may be meant, with what speaks for and against it."""

    key: str  # the digit that files it; empty beyond nine
    number: str
    patient: str
    born: str
    recipient: str
    status: str
    likely: str
    is_weak: bool  # the first, and yet less likely than not: the key that files the best guess asks once more
    is_likely: bool  # or the first; the others are listed behind a summary
    findings: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpotView:
    """A place on a page, in percent of it."""

    id: str
    page: int
    x: float
    y: float
    w: float
    h: float
    url: str  # its cut-out


@dataclass(frozen=True, slots=True)
class FactRow:
    """One value read: what it is, what was read, where."""

    name: str
    value: str
    spot: SpotView | None = None
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One tick box of the form."""

    value: str
    name: str
    is_ticked: bool
    is_doubtful: bool
    spot: SpotView | None


@dataclass(frozen=True, slots=True)
class PageView:
    """One page. `url` is empty where there is only text."""

    n: int  # counted from 1 within the document
    index: int  # in the file
    url: str
    text: str
    remark: str  # why it, or a part of it, was not read


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What a colleague wrote."""

    at: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another part of the same file."""

    id: int
    what: str
    can_be_joined: bool


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One document with everything that settles it."""

    id: int
    arrival: int
    kind: str
    state: str  # review, filed, discarded, kept, unreadable, replaced
    is_waiting: bool
    settled: str  # who settled it, and when
    filed_on: tuple[tuple[str, str], ...]
    is_purged: bool
    is_quarantined: bool
    channel: str
    sender: str
    name: str
    received: str
    waits: str
    reasons: tuple[str, ...]
    candidates: tuple[CandidateRow, ...]
    kinds: tuple[Choice, ...]
    date: str
    time: str
    written: tuple[FactRow, ...]  # the combs with their cut-outs
    boxes: tuple[BoxRow, ...]
    facts: tuple[FactRow, ...]
    spots: tuple[SpotView, ...]
    pages: tuple[PageView, ...]
    text: str
    notes: tuple[NoteRow, ...]
    label: str
    assigned_to: str
    colleagues: tuple[str, ...]
    held_by: str
    siblings: tuple[Sibling, ...]
    warnings: tuple[str, ...]  # what in the file as it came could act
    can_rearrange: bool
    can_join: bool
    next_id: int | None
    next_picture: str
    filters: str
    seen: int  # the newest event in it
    arranging: str  # who asked for another arrangement and how far it is; empty if none is under way
    undone: tuple[str, ...]  # what taking it back did
    stays: tuple[str, ...]  # what taking it back could not undo
    chased: tuple[str, ...]  # whether its referrals are chased again


@dataclass(frozen=True, slots=True)
class Done:
    """What was just settled, for the line that offers to undo it."""

    id: int
    text: str
