"""Everything a packet says, as plain values; whoever draws it needs nothing else."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from config.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class Sender:
    """The clinic, as it stands on every page."""

    name: str
    address: str
    phone: str
    fax: str  # the number answers come back to
    reply_address: str
    zone: str  # IANA


@dataclass(frozen=True, slots=True)
class Addressee:
    """The office it goes to."""

    name: str
    destination: str
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient. The cover shows as much of it as `PacketContent.identity` allows."""

    family: str
    given: str
    birth_date: date
    middle: str = ""
    suffix: str = ""
    sex: str = ""
    mrn: str = ""
    phone: str = ""
    address: str = ""
    insurance: str = ""
    language: str = ""
    needs_interpreter: bool = False

    @property
    def full_name(self) -> str:
        """As a letter writes it."""
        return " ".join(filter(None, (self.given, self.middle, self.family, self.suffix)))

    @property
    def initials(self) -> str:
        """First letters of given and family name."""
        return f"{self.given[:1]}. {self.family[:1]}."


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing this specialty asks for, and whether it is enclosed."""

    label: str
    is_enclosed: bool


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment's file."""

    path: Path
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class PacketContent:
    """One packet, to be drawn for one channel."""

    sender: Sender
    addressee: Addressee
    subject: Subject
    number: str  # as in the code, without a hyphen
    transmission: int
    code_key: bytes
    clinician: str
    clinician_npi: str
    clinician_phone: str
    specialty: str
    service: str
    question: str
    urgency: str
    respond_by: datetime  # aware
    built_at: datetime  # aware
    icd10: tuple[str, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    channel: Channel = Channel.FAX
    identity: str = "initials"  # initials, full or none, on the cover
    is_second_request: bool = False
    is_number_test: bool = False  # one page without patient data
    password: str = ""  # email only: encrypt the PDF with it
