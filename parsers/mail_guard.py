"""Looks at a mail's raw bytes before any parser does, and refuses what would take the parser down.

The standard library needs 3 GB for an 840 kB subject of encoded words, raises RecursionError at 2,000 nested
parts and takes 25 s for 100,000 parts; counting lines beforehand costs milliseconds.
"""

import re
from dataclasses import dataclass
from itertools import islice

from parsers.errors import LimitExceeded

_BOUNDARY = re.compile(rb"boundary(?:\*\d*\*?)?\s*=\s*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_CONTAINER = re.compile(rb"(?:multipart|message)/[a-z]", re.IGNORECASE)
_DELIMITER = re.compile(rb"^--([^\r\n]{1,210})", re.MULTILINE)
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class MailLimits:
    """How much of a mail we are ready to parse."""

    max_bytes: int = 60 * 1024 * 1024
    max_parts: int = 200
    max_depth: int = 30
    max_header_bytes: int = 256 * 1024
    max_report_blocks: int = 20_000  # empty lines in a mail with a delivery report: each makes a part


def _count_header_bytes(data: bytes, limit: int) -> int:
    end = _EMPTY_LINE.search(data, 0, limit + 4)
    return end.start() if end else min(len(data), limit + 1)


def _count_parts(data: bytes, most: int) -> int:
    """Lines that open a part; a boundary split over several parameters makes every such line count."""
    names = {(match[1] or match[2]) for match in _BOUNDARY.finditer(data)}
    any_line = b"boundary*" in data.lower()
    count = 0
    for match in _DELIMITER.finditer(data):
        line = match[1].rstrip()
        is_end = line.endswith(b"--") and line[:-2] in names
        count += any_line or (line in names and not is_end)
        if count > most:
            break
    return count


def check_mail(data: bytes, limits: MailLimits) -> None:
    """Pass silently, or say which limit is broken.

    Raises:
        LimitExceeded: with the limit; the bytes have not been parsed.
    """
    if len(data) > limits.max_bytes:
        raise LimitExceeded(f"the mail is larger than {limits.max_bytes // 2**20} MB: open it with care")
    if _count_header_bytes(data, limits.max_header_bytes) > limits.max_header_bytes:
        raise LimitExceeded(
            f"the mail's headers are larger than {limits.max_header_bytes // 1024} kB: open it with care"
        )
    if sum(1 for _ in islice(_CONTAINER.finditer(data), limits.max_parts + 1)) > limits.max_parts:
        raise LimitExceeded(f"the mail holds more than {limits.max_parts} containers: open it with care")
    if _count_parts(data, limits.max_parts) > limits.max_parts:
        raise LimitExceeded(f"the mail has more than {limits.max_parts} parts: open it with care")
    is_report = b"delivery-status" in data.lower()
    if is_report and data.count(b"\n\n") + data.count(b"\n\r\n") > limits.max_report_blocks:
        raise LimitExceeded("the delivery report is too long: open it with care")
