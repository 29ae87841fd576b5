"""What an arrived document claims, in the words matching needs. Claims, not facts."""

from dataclasses import dataclass
from datetime import date, datetime

from config.vocabulary import AnswerId, Channel, DocumentKind


@dataclass(frozen=True, slots=True)
class CodeClaim:
    """A printed page code. Only a verified one proves that the page came from us."""

    number: str
    transmission: int
    verified: bool


@dataclass(frozen=True, slots=True)
class PersonClaim:
    """A patient as the document names one; empty for what it does not say."""

    family: str = ""
    given: str = ""
    middle: str = ""
    birth_date: date | None = None
    mrn: str = ""
    phone: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class AnswerClaim:
    """One ticked box and how sure the reader is."""

    id: AnswerId
    confidence: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything matching and moving may use of one part of an arrival."""

    kind: DocumentKind
    kind_confidence: float
    channel: Channel
    received_at: datetime
    code: CodeClaim | None = None
    numbers: tuple[str, ...] = ()  # printed referral numbers with a good check character
    thread_numbers: tuple[str, ...] = ()  # referral numbers by reply token (MAC held) or answered Message-ID
    patients: tuple[PersonClaim, ...] = ()
    sender: str = ""  # E.164 number or bare address
    vouched_domain: str = ""  # the sender's mail domain, where its own signature on the mail holds
    is_vouched_by_certificate: bool = False  # that signature is of a certificate for the sender's address (S/MIME)
    station_id: str = ""
    specialists: tuple[str, ...] = ()  # names of specialists and letterheads read
    specialist_npis: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    ticked: tuple[AnswerClaim, ...] = ()
    appointment_at: datetime | None = None  # naive local, as written
    appointment_confidence: float = 0.0
    text_disagrees: bool = False
    is_partial: bool = False
    doubts: tuple[str, ...] = ()
    decline_reason: str = ""
    missing_items: str = ""
