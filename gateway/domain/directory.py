"""Recipients: whom the clinic refers to, and how they are reached."""

from dataclasses import dataclass
from datetime import datetime

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
    fax_set_aside_at: datetime | None = None  # it kept failing: not dialled until a person has verified it
    email: str = ""
    phone: str = ""
    preferred: Channel = Channel.FAX
    fallback: Channel | None = None
    zone: str = ""  # IANA name; empty: the clinic's
    opens: str = "08:00"
    closes: str = "17:00"
    agreed: dict[Clock, Span] | None = None  # agreed response times, instead of the tier's
    email_security: str = "tls"  # "tls": plain PDF over TLS; "password": AES-256 PDF
    pdf_password: str = ""

    def destination(self, channel: Channel) -> str:
        """The number or address for a channel; empty if there is none that may be used."""
        return {Channel.FAX: "" if self.fax_set_aside_at else self.fax, Channel.EMAIL: self.email}.get(channel, "")

    @property
    def other_channel(self) -> Channel | None:
        """The channel to try when the preferred one stays silent, if it has a destination."""
        if self.fallback and self.fallback is not self.preferred and self.destination(self.fallback):
            return self.fallback
        return None
