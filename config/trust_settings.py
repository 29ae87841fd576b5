"""Settings of how far what comes in is believed: signatures of mails. Policy lives where it is used."""

import re

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
