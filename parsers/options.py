"""What a reader is told besides the bytes. Imports no heavy library, so that the daemon may hold one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_MOST_PAGES_AT_ONCE = 4  # each holds its pixels and a recognition of some 100 MB


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """A certificate of ours and its private key (PEM), which open what was encrypted for it."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Smime:
    """What signed and encrypted mails are opened and verified with."""

    keys: tuple[OpeningKey, ...] = ()  # the one in use first
    authorities: str = ""  # certificates (PEM) of who vouches for senders
    on_file: Mapping[str, str] = field(default_factory=dict[str, str])  # certificates (PEM) by address, lower case

    @classmethod
    def told(cls, words: Mapping[str, Any] | None) -> "Smime":
        """From what `dataclasses.asdict` makes of it; without a word, what opens nothing."""
        if words is None:
            return cls()
        keys = tuple(OpeningKey(**one) for one in words["keys"])
        return cls(keys, words["authorities"], words["on_file"])


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Keys, dates and limits of one reading.

    `seconds` is the reader's own patience: pages not reached by then carry an error and the reading is partial.
    Whoever must not wait for a hang runs the reader in a process and kills that.
    """

    keys: tuple[bytes, ...] = ()  # MAC keys of page codes, newest first
    reply_address: str = ""  # our own, whose plus-address tokens are read
    more_reply_addresses: tuple[str, ...] = ()  # of further mailboxes, read alike
    fax_services: tuple[str, ...] = ()  # domains whose mails tell how our faxes went
    checked_by: str = ""  # the mail server whose Authentication-Results are believed
    key_records: Mapping[str, str] | None = None  # DKIM keys by DNS name; None: signatures are not verified here
    smime: Smime = field(default_factory=Smime)
    zone: str = "UTC"  # the clinic's; naive times on paper are its
    written: date | None = None  # when it arrived: "Thursday at 2" is counted from here
    max_pages: int = 500
    seconds: float = 150.0
    page_seconds: float = 60.0  # one recognition
    max_recognised_pages: int = 100  # further pages of one file are kept and shown, not recognised
    pages_at_once: int = 1
    archives_deep: int = 2  # archives within archives that are opened


def pages_at_once(processes: int = 1) -> int:
    """How many pages of a file each of so many reading processes may read side by side: one a core in all."""
    return max(1, min(_MOST_PAGES_AT_ONCE, len(os.sched_getaffinity(0)) // processes))
