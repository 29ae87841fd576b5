"""Settings of how far what comes in is believed: signatures of mails, a virus scanner."""

import re
from typing import Literal

from pydantic import Field, field_validator

from config.section import Section

_SERVER = re.compile(r"\[?[0-9a-fA-F.:]+\]?(?::\d{1,5})?")


class SignatureSettings(Section):
    """Our own check of the signatures (DKIM) on mails that come in."""

    check: bool = Field(
        default=True,
        description="Verify the signatures of mails that mail.imap.checked_by has not checked; a mail whose signature "
        "fails is never filed without a person. false where your mail server changes mails after they arrive.",
    )
    dns_servers: list[str] = Field(
        default_factory=list[str],
        description='Name servers asked for keys, like ["192.0.2.53"]; empty: those of this machine.',
    )
    dns_timeout_s: float = Field(
        default=6, gt=0, le=60, description="Patience for a key; after it the signature counts as not checked."
    )

    @field_validator("dns_servers")
    @classmethod
    def _are_addresses(cls, value: list[str]) -> list[str]:
        for one in value:
            if not _SERVER.fullmatch(one):
                raise ValueError(f"{one!r} is no address: write one like 192.0.2.53 or 192.0.2.53:5353")
        return value


class ScanningSettings(Section):
    """A virus scanner that looks at everything before it is read."""

    clamd: str = Field(
        default="",
        description="Where clamd listens: unix:/run/clamav/clamd.ctl or 127.0.0.1:3310. Empty: nothing is scanned.",
    )
    when_down: Literal["hold", "go_on"] = Field(
        default="hold", description="While clamd does not answer: hold what comes in, or go on; health complains."
    )
    timeout_s: float = Field(default=60, gt=0, le=600, description="Patience for one document's verdict.")
    most_mb: int = Field(
        default=25, ge=1, description="clamd's StreamMaxLength; a larger document is read unscanned, for a person."
    )

    @field_validator("clamd")
    @classmethod
    def _is_place(cls, value: str) -> str:
        if value and not (re.fullmatch(r"unix:/.+", value) or re.fullmatch(r"[^\s/]+:\d{1,5}", value)):
            raise ValueError(f"{value!r} is no place: write unix:/run/clamav/clamd.ctl or 127.0.0.1:3310")
        return value
