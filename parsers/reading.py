"""What parsers return. Values only; `READING` turns them into JSON and back.

Positions are fractions of the upright page, 0..1 from its top left, so that they hold at any
resolution. Times on paper carry no zone: they are naive and local to whoever wrote them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pydantic import TypeAdapter

from config.reference import PageCode
from config.vocabulary import AnswerId, DocumentKind


class Origin(StrEnum):
    """Where a value was read from, cheapest and surest first."""

    CODE = "code"
    HEADER = "header"  # a mail header
    TEXT = "text"  # a PDF's own text layer, a mail's body, a DOCX
    FORM = "form"  # boxes and combs of the registered form
    OCR = "ocr"


class Role(StrEnum):
    """Who a named person is in the document."""

    PATIENT = "patient"
    REFERRING = "referring"
    SPECIALIST = "specialist"
    OTHER = "other"  # relative, guarantor, emergency contact


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on an upright page, as fractions of its width and height."""

    page: int
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Field:
    """One value read, with how sure the reader is (0..1) and where it stood."""

    name: str
    value: str
    confidence: float
    origin: Origin
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One tick box: `value` is ticked or not; a doubtful box has confidence below 0.9."""

    value: bool
    confidence: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """When the patient is booked: naive local time; midnight with `has_time` False when only a date."""

    at: datetime
    confidence: float
    has_time: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """A person named in the document; empty strings and None for what is not said."""

    role: Role
    family: str = ""
    given: str = ""
    middle: str = ""
    suffix: str = ""
    birth_date: date | None = None
    mrn: str = ""
    phone: str = ""
    npi: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page as found in the file. `text` is what was read of it, by its `origin`."""

    index: int
    text: str = ""
    origin: Origin | None = None
    codes: tuple[PageCode, ...] = ()
    is_blank: bool = False
    rotation: int = 0  # degrees clockwise that made it upright
    error: str = ""
    is_head_only: bool = False  # its lower part was not recognised: the head said enough
    places: tuple[Box | None, ...] = ()  # of each line of `text`, where recognised


@dataclass(frozen=True, slots=True)
class Document:
    """One logical document: some pages of a file (or the body of a mail) about one matter."""

    pages: tuple[int, ...]
    kind: DocumentKind
    kind_confidence: float
    text: str = ""
    code: PageCode | None = None
    numbers: tuple[str, ...] = ()  # referral numbers printed in the text with a good check character
    answers: dict[AnswerId, Answer] = field(default_factory=dict[AnswerId, Answer])
    appointment: Appointment | None = None
    people: tuple[Person, ...] = ()
    fields: tuple[Field, ...] = ()  # further values: decline_reason, missing_items, expected_wait, signer …
    dates: tuple[date, ...] = ()  # dates of service
    attachment: str = ""  # display name of the attachment these pages came from
    split_reason: str = ""  # why these pages were taken apart from the others
    doubts: tuple[str, ...] = ()  # why a person must look, in plain words; never filed by itself
    text_disagrees: bool = False  # a text layer that says other than the pixels show


@dataclass(frozen=True, slots=True)
class FaxSent:
    """What a fax-by-mail service says of a fax it was to send for us; `numbers` are all that it names, E.164."""

    is_delivered: bool
    numbers: tuple[str, ...]
    words: str  # the line that says so


class SignatureResult(StrEnum):
    """What became of verifying one signature."""

    HOLDS = "pass"
    FAIL = "fail"
    UNCHECKED = "unchecked"  # its key could not be asked for: no verdict


class SignatureKind(StrEnum):
    """Who signed: a mail domain's server, or a person's own certificate."""

    DKIM = "dkim"
    SMIME = "smime"


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """One signature of a mail, as we verified it ourselves."""

    domain: str
    result: SignatureResult
    reason: str = ""  # why it failed or could not be checked, in words for staff
    is_senders_own: bool = False  # of the organisation that From names; with S/MIME, of From itself
    kind: SignatureKind = SignatureKind.DKIM


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says of a mail of ours; `is_delivered` is None where it says neither yes nor no."""

    message_ids: tuple[str, ...]
    is_delivered: bool | None
    words: str  # the one word that says so


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail's own headers claim. All of it is the sender's word."""

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()  # In-Reply-To and References, newest first
    sender: str = ""  # bare address of From
    recipients: tuple[str, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None  # aware
    tokens: tuple[str, ...] = ()  # plus-address tokens of our own reply address, and X-Referloop-Reference
    is_auto_reply: bool = False
    bounced_message_ids: tuple[str, ...] = ()  # whose delivery failed, by a DSN or a bounce's copy
    bounced_recipients: tuple[str, ...] = ()
    bounce_is_permanent: bool | None = None
    is_fax: bool = False  # a fax sent on by a service: its sender is the caller, not the service
    fax_caller: str = ""  # E.164, as the service states it
    fax_station_id: str = ""
    fax_is_partial: bool = False
    fax_sent: FaxSent | None = None
    receipt: Receipt | None = None
    signatures: tuple[SignatureCheck, ...] = ()  # verified here; empty where nobody asked or there are none
    is_encrypted: bool = False  # it came encrypted for us, and was opened


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one file says. `error` with documents means a partial reading."""

    media_type: str
    pages: tuple[Page, ...] = ()
    documents: tuple[Document, ...] = ()
    mail: Mail | None = None
    seconds: float = 0.0
    error: str = ""
    active: tuple[str, ...] = ()  # what of the file could act if a person opened it, in words


READING: TypeAdapter[Reading] = TypeAdapter(Reading)
"""`READING.dump_json(reading)` and `READING.validate_json(data)` carry a Reading between processes."""
