"""S/MIME: the certificate and key that a mailbox signs with and is written to with, and who vouches for others."""

from pathlib import Path

from pydantic import Field, model_validator

from config.section import OptionalFile, Section


class SmimeSettings(Section):
    """Signed and encrypted mail (S/MIME). A Direct address needs none of it: its HISP does this."""

    certificate: OptionalFile = Field(
        default=None, description="This mailbox's own certificate (PEM), with those of its issuers behind it."
    )
    key: OptionalFile = Field(default=None, description="Its private key (PEM, no passphrase, chmod 600).")
    sign: bool = Field(default=True, description="Sign what goes out, where there is a key.")
    former: list[Path] = Field(
        default_factory=list[Path],
        description="Files (PEM) with an earlier key and its certificate each: they open what is still encrypted so.",
    )
    authorities: OptionalFile = Field(
        default=None,
        description="Certificate authorities (PEM) that vouch for senders, such as a trust bundle; without it only "
        "certificates on file are known.",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> "SmimeSettings":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: name both files, or neither")
        return self
