"""Which mailbox folder to watch, from when on, and how patiently."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from outbound.token_source import TokenSource


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before a new connection. A refused login waits longer, so that no account is locked."""

    first_s: float = 1.0
    ceiling_s: float = 300.0
    login_s: float = 300.0

    def wait_s(self, failures: int) -> float:
        """Doubles with each failure in a row; up to half of it is left to chance, so that many clients spread."""
        full_s = min(self.ceiling_s, self.first_s * 2 ** min(failures - 1, 30))
        return full_s * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret


@dataclass(frozen=True, slots=True)
class ImapAccount:
    r"""One folder of one mailbox. `security` is "tls" (from the first byte), "starttls" or "none".

    `folder` and `move_to` are names, or uses that the server knows the folder for (RFC 6154): `\Junk`, `\Archive`.
    """

    host: str
    username: str
    password: str = field(default="", repr=False)
    port: int = 993
    security: str = "tls"
    ca_file: Path | None = None
    tokens: TokenSource | None = None  # instead of a password
    folder: str = "INBOX"
    since: Literal["now"] | datetime | None = (
        None  # what is taken in of a mailbox never watched before; None: everything
    )
    move_to: str = ""  # a folder for mails taken in; empty: they stay and are marked as seen
    idle_renew_s: float = 540.0  # below the 10 minutes some servers and firewalls allow
    poll_s: float = 60.0
    answer_s: float = 30.0  # the hardest limit of every call; a literal may take this long between two chunks
    largest_bytes: int = 100 * 1024 * 1024
    chunk_bytes: int = 1024 * 1024
    range_size: int = 200  # UIDs asked for at once
    backoff: Backoff = field(default_factory=Backoff)

    @property
    def name(self) -> str:
        """The account in source ids and logs."""
        return f"{self.username}@{self.host}"
