"""Recipients: whom the clinic refers to, and how they are reached."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.policy import Clock, Span
from config.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class Recipient:
    """One office in the directory. `fax` is E.164; `id` 0 before it is stored."""

    name: str
    id: int = 0
    organization: str = ""
    specialty: str = ""
    npi: str = ""
    fax: str = ""
    fax_confirmed_at: datetime | None = None
    fax_confirmed_by: str = ""
    fax_set_aside_at: datetime | None = None  # it kept failing: not dialled until a person has verified it
    email: str = ""
    phone: str = ""
    address: str = ""
    city: str = ""
    notes: str = ""  # for staff; never printed
    preferred: Channel = Channel.FAX
    fallback: Channel | None = None
    zone: str = ""  # IANA name; empty: the clinic's
    opens: str = "08:00"
    closes: str = "17:00"
    agreed: dict[Clock, Span] | None = None  # agreed response times, instead of the tier's
    email_security: str = "tls"  # "tls": plain PDF over TLS; "password": AES-256 PDF
    pdf_password: str = ""
    merged_into: int = 0  # the entry that stands for this one now; 0: this one stands for itself

    def destination(self, channel: Channel) -> str:
        """The number or address for a channel; empty if there is none that may be used."""
        return {Channel.FAX: "" if self.fax_set_aside_at else self.fax, Channel.EMAIL: self.email}.get(channel, "")

    @property
    def other_channel(self) -> Channel | None:
        """The channel to try when the preferred one stays silent, if it has a destination."""
        if self.fallback and self.fallback is not self.preferred and self.destination(self.fallback):
            return self.fallback
        return None


class FaxStanding(StrEnum):
    """What is known of an entry's fax number."""

    NONE = ""
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    SET_ASIDE = "set_aside"


def fax_standing(recipient: Recipient) -> FaxStanding:
    """Whether it has a number, and whether that is known to be its own or keeps failing."""
    if not recipient.fax:
        return FaxStanding.NONE
    if recipient.fax_set_aside_at:
        return FaxStanding.SET_ASIDE
    return FaxStanding.CONFIRMED if recipient.fax_confirmed_at else FaxStanding.UNCONFIRMED


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """How an office answered the referrals first sent in some period. Days are medians, None where there are none."""

    referrals: int = 0
    requests: int = 0  # packets asked for, second requests too
    answered: int = 0
    still_open: int = 0
    days_to_answer: float | None = None
    days_to_appointment: float | None = None  # from the request to the visit's own day
    days_to_report: float | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two entries made one: `retired` points to `kept`, which took `moved` referrals and these `filled` fields."""

    retired: int
    kept: int
    at: datetime
    actor: str
    moved: int
    filled: tuple[str, ...] = ()
