"""What the use cases need of the world: a store, a vault, a clock, a reader, a packet builder.

Store methods are questions and statements in desk words; rows never leave storage. Everything inside
one `Transaction` is committed together or not at all; services keep them short and never await in one.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from config.vocabulary import Channel
from gateway.domain.arrival import Arrival, ArrivalState, Candidate, Envelope, Part
from gateway.domain.directory import Recipient
from gateway.domain.event import ChainedEvent, Event
from gateway.domain.evidence import Evidence
from gateway.domain.referral import Intake, Referral, Status
from gateway.domain.task import Task, TaskKind
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.services.dialled import DialledTransaction
from gateway.services.directory_questions import DirectoryTransaction
from gateway.services.queue_questions import QueueTransaction
from gateway.services.sheet_questions import SheetTransaction
from gateway.services.twins import TwinsTransaction
from gateway.services.work_questions import ReadingStore, ReadTransaction
from outbound.sender import Packet
from parsers.reading import Document, Reading


class Clock(Protocol):
    """The only source of the time of day."""

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        ...


class Vault(Protocol):
    """Bytes by the SHA-256 of their content; written once, never changed."""

    def put(self, data: bytes) -> str:
        """Store durably (fsync file and folder) and return the hex SHA-256. Idempotent.

        Raises:
            StorageFailed: nothing may be acknowledged to the source.
        """
        ...

    def put_file(self, path: Path) -> str:
        """As `put`, streaming from a file; the file stays."""
        ...

    def path(self, sha256: str) -> Path:
        """Where the bytes lie, for reading only. Raises NotFound."""
        ...

    def remove(self, sha256: str, *, written_before: datetime | None = None) -> None:
        """Forget the bytes, unless they were put again since then; only the purge policy does this."""
        ...

    def written_before(self, moment: datetime) -> Iterator[str]:
        """The SHA-256 of everything last put before then."""
        ...

    def sweep(self, before: datetime) -> int:
        """Remove half-written files of writers that died before then; returns how many."""
        ...

    def __contains__(self, sha256: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One part in review, or an unreadable arrival (`part` is None), as the queue lists it."""

    id: int  # what `queue show|assign|discard` take
    arrival: Arrival
    part: Part | None
    reason: str
    candidates: tuple[Candidate, ...]


class Transaction(
    DialledTransaction,
    TwinsTransaction,
    QueueTransaction,
    ReadTransaction,
    DirectoryTransaction,
    SheetTransaction,
    Protocol,
):
    """One unit of work. Every method that changes a row appends the event it is given, in the same commit."""

    def add_referral(self, intake: Intake, number: str, at: datetime, actor: str) -> Referral:
        """Open a referral in state ready (or draft), with its event. The caller has checked `referral_known_as`."""
        ...

    def referral(self, referral_id: int) -> Referral:
        """By id. Raises NotFound."""
        ...

    def referral_numbered(self, number: str) -> Referral | None:
        """By its printed number, normalised."""
        ...

    def referral_known_as(self, origin: str, external_id: str) -> Referral | None:
        """By the sender's own id: idempotency of intake."""
        ...

    def referrals(self, statuses: Iterable[Status] | None = None, limit: int = 1000) -> list[Referral]:
        """Newest first, for lists."""
        ...

    def referrals_due(self, at: datetime, limit: int = 500) -> list[Referral]:
        """Open referrals with `due_at <= at`, not paused, with no part in review that names them a candidate."""
        ...

    def referrals_ready(self, limit: int = 500) -> list[Referral]:
        """In state ready with no transmission that is intended, sending or accepted."""
        ...

    def candidates_for(self, evidence: Evidence, limit: int = 200) -> list[Referral]:
        """Referrals that any clue of the evidence could mean, closed ones too, drafts not.

        By number (code, printed, thread), birth date, MRN, phone, family name (folded, and its phonetic
        key), and for the sender's number or address: open referrals sent there.
        """
        ...

    def save_referral(self, referral: Referral, event: Event) -> Referral:
        """Write back a changed referral if `version` is still what it was read as; returns it with version + 1.

        Raises:
            StaleRow: someone else was first.
        """
        ...

    # transmissions
    def intend_transmission(
        self,
        *,
        referral_id: int,
        purpose: Purpose,
        channel: Channel,
        destination: str,
        key: str,
        requested_by: str,
        at: datetime,
    ) -> Transmission:
        """Commit the intent, with ordinal = last + 1, due at once, with its event.

        The key is unique; a second call with the same key returns the first row and changes nothing.
        """
        ...

    def transmission(self, transmission_id: int) -> Transmission:
        """By id. Raises NotFound."""
        ...

    def transmission_keyed(self, key: str) -> Transmission | None:
        """By idempotency key (for email also the left part of the Message-ID)."""
        ...

    def transmissions_of(self, referral_id: int) -> list[Transmission]:
        """In order of ordinal."""
        ...

    def transmissions_due(self, at: datetime, channels: Iterable[Channel], limit: int = 100) -> list[Transmission]:
        """Intended for one of these channels, `next_attempt_at <= at`, not leased."""
        ...

    def transmissions_in(self, states: Iterable[TransmissionState], limit: int = 1000) -> list[Transmission]:
        """All in these states, oldest first: for polling and reconciling."""
        ...

    def lease_transmission(self, transmission_id: int, at: datetime, until: datetime) -> Transmission | None:
        """Claim an intended row whose lease is free or over; None if someone else has it."""
        ...

    def save_transmission(
        self, transmission: Transmission, expected: TransmissionState, event: Event | None
    ) -> Transmission:
        """Write back if the row's state is still `expected`. Raises StaleRow."""
        ...

    def release_leases(self) -> int:
        """Free every lease on transmissions and arrivals; only for the one process that starts alone."""
        ...

    # arrivals
    def add_arrival(self, envelope: Envelope, sha256: str, size_bytes: int, at: datetime) -> tuple[Arrival, bool]:
        """A row for received bytes and whether it is new; the same source_id twice returns the first row.

        The same content from another source is a new row, state duplicate, linked to the first. Appends the event.
        """
        ...

    def arrival(self, arrival_id: int) -> Arrival:
        """By id. Raises NotFound."""
        ...

    def arrivals(self, states: Iterable[ArrivalState] | None = None, limit: int = 1000) -> list[Arrival]:
        """Newest first."""
        ...

    def knows_source(self, source_id: str) -> bool:
        """Whether this source id was taken in before."""
        ...

    def lease_unread_arrival(self, at: datetime, until: datetime) -> Arrival | None:
        """Claim the oldest received arrival whose lease is free or over; counts the attempt."""
        ...

    def release_arrival(self, arrival_id: int) -> None:
        """Give a claimed arrival back, to be read again; the attempt stays counted."""
        ...

    def record_reading(
        self, arrival: Arrival, reading: Reading, parts_read: Sequence[Document], event: Event
    ) -> list[Part]:
        """Keep the reading and one unmatched part per logical document; the arrival becomes read.

        Raises StaleRow if the arrival is no longer in state received.
        """
        ...

    def record_unreadable(self, arrival: Arrival, error: str, event: Event) -> None:
        """The arrival becomes unreadable and stands in the queue with `error`. Raises StaleRow."""
        ...

    def reading_of(self, arrival_id: int) -> Reading | None:
        """The kept reading."""
        ...

    def unmatched_parts(self, limit: int = 100) -> list[Part]:
        """Read but not yet matched, oldest first."""
        ...

    def part(self, part_id: int) -> Part:
        """By id. Raises NotFound."""
        ...

    def parts_of(self, arrival_id: int) -> list[Part]:
        """In order."""
        ...

    def file_part(self, part: Part, referral_ids: Sequence[int], evidence_json: str, at: datetime, actor: str) -> Part:
        """File on one or more referrals, with the evidence kept and an event each; ends its review.

        Raises StaleRow if the part's state changed since it was read.
        """
        ...

    def queue_part(
        self, part: Part, reason: str, candidates_found: Sequence[Candidate], evidence_json: str, at: datetime
    ) -> Part:
        """Put in review with ranked candidates. Raises StaleRow."""
        ...

    def discard_part(self, part: Part, reason: str, at: datetime, actor: str) -> Part:
        """Taken off the queue by a person. Bytes and reading stay. Raises StaleRow."""
        ...

    def queue(self, limit: int = 500) -> list[QueueItem]:
        """What waits for a person, oldest first: parts in review, unreadable arrivals."""
        ...

    def queue_item(self, item_id: int) -> QueueItem:
        """By the id the queue shows. Raises NotFound."""
        ...

    def part_for_unreadable(self, arrival_id: int, at: datetime) -> Part:
        """Make an unreadable arrival one part in review, so that a person can settle it as a whole. Raises StaleRow."""
        ...

    def evidence_of(self, part_id: int) -> str:
        """The evidence kept with a part's decision, as JSON."""
        ...

    def purgeable(self, before: datetime, limit: int = 500) -> list[Arrival]:
        """Arrivals of which every part was discarded before then, and whose bytes are there and nobody's else."""
        ...

    def unnamed(self, sha256s: Sequence[str]) -> set[str]:
        """Which of these are the bytes of no arrival, no packet and no enclosure."""
        ...

    def record_purged(self, arrival: Arrival, at: datetime) -> None:
        """The bytes, reading and evidence of it and its duplicates go; rows and events stay. Once is enough."""
        ...

    def filed_on(self, referral_id: int) -> list[Part]:
        """Parts filed on a referral, oldest first."""
        ...

    def open_task(self, referral_id: int, kind: TaskKind, text: str, at: datetime, due_at: datetime | None) -> Task:
        """Open a task unless one of its kind is open on the referral (then return that one), with its event."""
        ...

    def close_tasks(self, referral_id: int, kinds: Iterable[TaskKind] | None, at: datetime, actor: str) -> None:
        """Mark open tasks done (all kinds if None), with events."""
        ...

    def tasks(self, *, only_open: bool = True, limit: int = 1000) -> list[Task]:
        """Oldest first."""
        ...

    # watchers' places (how far a mailbox was read)
    def place(self, source: str) -> str:
        """What `keep_place` kept, or empty."""
        ...

    def keep_place(self, source: str, value: str) -> None:
        """Remember how far a source was read; only an optimisation, `knows_source` decides."""
        ...

    def append(self, event: Event) -> None:
        """Add an event that belongs to no row change."""
        ...

    def last_seq(self) -> int:
        """The place of the newest event; 0 before the first."""
        ...

    def events(self, *, referral_id: int | None = None, after_seq: int = 0, limit: int = 1000) -> list[ChainedEvent]:
        """In order; for one referral also those of its transmissions and filed parts."""
        ...

    def counts(self) -> dict[str, int]:
        """Gauges for metrics and health: rows by table and state, as `referrals.sent`, `parts.review` and so on."""
        ...


class Store(ReadingStore, Protocol):
    """Where rows live."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; commit at the end of the block, roll back if it raises. BEGIN IMMEDIATE on SQLite."""
        ...

    def verify_chain(self) -> Iterator[str]:
        """Walk all events; yields one sentence for each break found."""
        ...


@dataclass(frozen=True, slots=True)
class PacketRequest:
    """What a packet is built from; pure data, sent to a limited child process."""

    referral: Referral
    recipient: Recipient
    transmission: Transmission
    respond_by: datetime
    built_at: datetime
    attachments: tuple[tuple[Path, str, str], ...]  # file in the vault, display name, media type


class PacketBuilder(Protocol):
    """Draws a packet away from the daemon's own process."""

    async def build(self, request: PacketRequest, into: Path) -> Packet:
        """Write the packet's file into a folder and describe it. Raises outbound.errors.OutboundError."""
        ...


class Reader(Protocol):
    """Reads bytes away from the daemon's own process, within limits."""

    async def read(self, path: Path, envelope: Envelope, received_at: datetime) -> Reading:
        """The reading. Raises WorkerFailed if the process died, hung or passed a limit."""
        ...


class Door(Protocol):
    """The one way in for every watcher."""

    async def receive(self, source: bytes | Path, envelope: Envelope) -> Arrival:
        """Returns once bytes and row are durable; only then may the source be told.

        Raises:
            StorageFailed: nothing is durable; the source keeps it and the watcher tries again later.
        """
        ...

    async def knows(self, source_id: str) -> bool:
        """Whether this was taken in before, so that it need not be fetched again."""
        ...
