"""How mail goes out and comes in: servers, mailboxes, and which of several writes to whom."""

from datetime import date
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from config.oauth_settings import OAuthSettings
from config.section import OptionalFile, Section
from config.smime_settings import SmimeSettings
from config.trust_settings import SignatureSettings

Security = Literal["starttls", "tls", "none"]


class SmtpSettings(Section):
    """The server that mail goes out through."""

    host: str = Field(default="localhost", description="Server name, as on its certificate.")
    port: int = Field(default=587, ge=1, le=65535, description="587 with starttls, 465 with tls.")
    security: Security = Field(default="starttls", description="starttls or tls; none sends patient data in the clear.")
    username: str = Field(default="", description="Empty: no login.")
    password: SecretStr = Field(default=SecretStr(""), description="Better given as credential smtp_password.")
    ca_file: OptionalFile = Field(default=None, description="Certificate authority; the system's by default.")
    dot_timeout_s: float = Field(
        default=600, gt=0, description="Patience for the answer to the final dot (RFC 5321: 600)."
    )
    per_domain_per_minute: int = Field(
        default=30, ge=1, le=6000, description="Mails to one domain a minute, at most; further ones wait their turn."
    )
    ask_receipts: bool = Field(
        default=False, description="Ask for receipts (DSN, MDN, Direct): a packet then ends as delivered by their word."
    )


class ImapSettings(Section):
    """The mailbox that replies come to."""

    host: str = Field(default="localhost", description="Server name, as on its certificate.")
    port: int = Field(default=993, ge=1, le=65535, description="993 with tls, 143 with starttls.")
    security: Security = Field(default="tls", description="tls or starttls; none reads patient data in the clear.")
    username: str = Field(default="", description="Login name.")
    password: SecretStr = Field(default=SecretStr(""), description="Better given as credential imap_password.")
    ca_file: OptionalFile = Field(default=None, description="Certificate authority; the system's by default.")
    folders: list[str] = Field(
        default_factory=lambda: ["INBOX"],
        description=r"Folders to watch, by name or by use (RFC 6154) as `\\Junk`, `\\Archive`, `\\Sent` or `\\Trash`.",
    )
    watch_junk: bool = Field(default=False, description="Watch the server's junk folder too.")
    move_to: str = Field(
        default="", description=r"Folder that taken mail is moved to, by name or use (`\\Archive`); empty: marked seen."
    )
    since: str = Field(
        default="now",
        description="What a mailbox already holds at the first start: now leaves it, a date (2026-01-31) takes in "
        "what came since that day, all takes in everything.",
    )
    largest_mb: int = Field(
        default=100, ge=1, le=1024, description="Of a larger mail the header alone is taken in, for a person to see."
    )
    idle_renew_s: int = Field(default=540, ge=5, le=1740, description="IDLE is renewed this often.")
    poll_s: int = Field(default=60, ge=1, le=240, description="A poll as a net under IDLE.")
    checked_by: str = Field(
        default="",
        description="Name by which your mail server signs its checks of senders (Authentication-Results), like "
        "mx.clinic.example; a mail that failed them is never filed without a person. Empty: no check is believed.",
    )

    @field_validator("since")
    @classmethod
    def _is_a_beginning(cls, value: str) -> str:
        try:
            return value if value in ("now", "all") else date.fromisoformat(value).isoformat()
        except ValueError as error:
            raise ValueError("write now, all, or a date like 2026-01-31") from error


class MailBoxSettings(Section):
    """A further mailbox; `[mail.boxes.imap]`, `.smtp` and `.oauth` below it take the keys of `[mail.imap]` and so."""

    name: str = Field(
        pattern=r"[a-z0-9][a-z0-9-]{0,30}", description="In logs, health and `referloop mail login NAME`."
    )
    from_address: str = Field(default="", description="Sender of what goes out from here; empty: it only receives.")
    from_name: str = Field(default="", description="Sender's name; the clinic's by default.")
    reply_address: str = Field(default="", description="Where its replies come; from_address by default.")
    plus_addresses: bool = Field(
        default=True, description="Whether reply_address takes plus parts; false for Direct addresses."
    )
    sends_to: list[str] = Field(
        default_factory=list[str],
        description="Domains written to from here, like direct.office.example, or .direct.example for all below.",
    )
    smtp: SmtpSettings = Field(default_factory=SmtpSettings, description="Outgoing server.")
    imap: ImapSettings = Field(default_factory=ImapSettings, description="Incoming mailbox.")
    oauth: OAuthSettings = Field(default_factory=OAuthSettings, description="Login without a password.")
    smime: SmimeSettings = Field(default_factory=SmimeSettings, description="Signed and encrypted mail.")

    @model_validator(mode="after")
    def _is_whole(self) -> "MailBoxSettings":
        if self.sends_to and not self.from_address:
            raise ValueError(f"box {self.name}: sends_to needs from_address")
        return self


class MailSettings(Section):
    """Mail out and in."""

    enabled: bool = Field(default=False, description="Send and receive mail.")
    from_address: str = Field(default="", description="Sender of packets.")
    from_name: str = Field(default="", description="Sender's name; the clinic's by default.")
    smtp: SmtpSettings = Field(default_factory=SmtpSettings, description="Outgoing server.")
    imap: ImapSettings = Field(default_factory=ImapSettings, description="Incoming mailbox.")
    oauth: OAuthSettings = Field(default_factory=OAuthSettings, description="Login without a password.")
    smime: SmimeSettings = Field(default_factory=SmimeSettings, description="Signed and encrypted mail.")
    signatures: SignatureSettings = Field(
        default_factory=SignatureSettings, description="Verifying senders' signatures."
    )
    boxes: list[MailBoxSettings] = Field(
        default_factory=list[MailBoxSettings], description="Further mailboxes, each a table `[[mail.boxes]]`."
    )

    @model_validator(mode="after")
    def _are_distinct(self) -> "MailSettings":
        for told, words in (
            (["main", *(box.name for box in self.boxes)], "name of a mailbox"),
            ([domain.lower() for box in self.boxes for domain in box.sends_to], "domain of a mailbox"),
        ):
            if twice := next((one for one in told if told.count(one) > 1), ""):
                raise ValueError(f"boxes: {twice} stands twice as the {words}: change one")
        return self
