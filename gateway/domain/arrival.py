"""What arrived, and the parts it was found to consist of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.vocabulary import Channel, DocumentKind


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the source said of the bytes. `source_id` never repeats: it stops double intake.

    For mail: account, folder, UIDVALIDITY and UID. For fax: carrier and its id. For a folder: path and
    SHA-256 of the content, and of an empty file its time too.
    """

    source_id: str
    channel: Channel
    sender: str = ""  # E.164 number or bare address, as the source claims it
    station_id: str = ""
    called: str = ""  # our number or address it came to
    name: str = ""  # display name of the file; never used as a path
    received_at: datetime | None = None  # when the source got it, if it says
    is_partial: bool = False


class ArrivalState(StrEnum):
    """How far the bytes were taken. Each step is a compare-and-set."""

    RECEIVED = "received"
    READ = "read"  # parts exist; each is matched by itself
    UNREADABLE = "unreadable"  # in the queue, with the reason
    DUPLICATE = "duplicate"  # linked to the first; never deleted


@dataclass(frozen=True, slots=True)
class Arrival:
    """One received file or mail: a `document` row."""

    id: int
    sha256: str
    size_bytes: int
    envelope: Envelope
    received_at: datetime
    state: ArrivalState
    attempts: int = 0
    duplicate_of: int | None = None
    media_type: str = ""
    pages: int = 0
    error: str = ""
    lease_until: datetime | None = None
    infection: str = ""  # what a virus scanner found: it is kept, and neither read, shown nor handed over

    @property
    def is_quarantined(self) -> bool:
        """Whether nobody may open it."""
        return bool(self.infection)


class PartState(StrEnum):
    """Where one logical document of an arrival stands."""

    UNMATCHED = "unmatched"  # read, not yet matched
    FILED = "filed"
    REVIEW = "review"
    ARRANGING = "arranging"  # its pages are being read in another arrangement; it waits again, or gives way, after that
    DISCARDED = "discarded"  # by a person, with a reason; the bytes stay
    KEPT = "kept"  # by a person: the clinic's own, no answer to a referral; stays for good
    REPLACED = "replaced"  # by other parts of the same pages: split, joined, put in another order, read again


@dataclass(frozen=True, slots=True)
class Part:
    """One logical document. The whole Reading is kept on the arrival; `index` finds this one in it."""

    id: int
    arrival_id: int
    index: int
    pages: tuple[int, ...]
    kind: DocumentKind
    state: PartState
    reason: str = ""  # why it is in review, or was discarded
    settled_by: str = ""  # "system" or a person
    settled_at: datetime | None = None
    like_part: int | None = None  # the earlier part that is likely the same paper


@dataclass(frozen=True, slots=True)
class Candidate:
    """A referral that a part in review may answer; while it waits, the referral is not chased."""

    part_id: int
    referral_id: int
    rank: int
    posterior: float
    findings: tuple[str, ...]  # sentences for staff
    against: tuple[str, ...] = ()
