"""What a reader is told besides the bytes. Imports no heavy library, so that the daemon may hold one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

_MOST_PAGES_AT_ONCE = 4  # each holds its pixels and a recognition of some 100 MB


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
