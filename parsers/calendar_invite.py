"""Calendar invitations (iCalendar, RFC 5545): when, and the words around it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from parsers.reading import Appointment

_MAX_LENGTH = 200_000
_EVENT = re.compile(r"^BEGIN:VEVENT\s*$(.*?)^END:VEVENT\s*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_STARTS = re.compile(r"^DTSTART([^:\n]*):(\d{8})(?:T(\d{6})(Z)?)?\s*$", re.MULTILINE | re.IGNORECASE)
_STATUS = re.compile(r"^(?:STATUS:CANCELLED|METHOD:CANCEL)\s*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The first event of a calendar file; `appointment` is None where it is cancelled or has no start."""

    appointment: Appointment | None
    text: str
    is_cancelled: bool = False


def read_invitation(text: str, zone: ZoneInfo) -> Invitation | None:
    """The invitation in `text`, times in UTC shown in `zone`; None if there is no event."""
    plain = re.sub(r"\r?\n[ \t]", "", text[:_MAX_LENGTH]).replace("\r\n", "\n")
    event = _EVENT.search(plain)
    if event is None:
        return None
    cancelled = bool(_STATUS.search(plain))
    words = "\n".join(part for name in ("SUMMARY", "DESCRIPTION", "LOCATION") if (part := _text(event[1], name)))
    return Invitation(None if cancelled else _start(event[1], zone), words, cancelled)


def _text(event: str, name: str) -> str:
    match = re.search(rf"^{name}(?:;[^:\n]*)?:(.*)$", event, re.MULTILINE | re.IGNORECASE)
    if not match:
        return ""
    return re.sub(r"\\([,;\\])", r"\1", re.sub(r"\\n", "\n", match[1], flags=re.IGNORECASE)).strip()


def _start(event: str, zone: ZoneInfo) -> Appointment | None:
    match = _STARTS.search(event)
    if not match:
        return None
    try:
        at = datetime.strptime(match[2] + (match[3] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - local to the sender
        if match[4]:
            at = at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return Appointment(at, 0.95, has_time=match[3] is not None)
