"""Calendar invitations (iCalendar, RFC 5545): when, in the clinic's zone, and the words around it.

A day without a time, a series, a tentative event and a zone nobody knows are read with little confidence.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parsers.reading import Appointment

_MAX_LENGTH = 200_000
_EVENT = re.compile(r"^BEGIN:VEVENT\s*$(.*?)^END:VEVENT\s*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_STARTS = re.compile(r"^DTSTART([^:\n]*):(\d{8})(?:T(\d{6})(Z)?)?\s*$", re.MULTILINE | re.IGNORECASE)
_STATUS = re.compile(r"^(?:STATUS:CANCELLED|METHOD:CANCEL)\s*$", re.MULTILINE | re.IGNORECASE)
_NO_INVITATION = re.compile(r"^METHOD:(?:REPLY|COUNTER|REFRESH|DECLINECOUNTER)\s*$", re.MULTILINE | re.IGNORECASE)
_UNSETTLED = re.compile(r"^(?:STATUS:TENTATIVE\s*$|RRULE[:;]|RDATE[:;])", re.MULTILINE | re.IGNORECASE)
_ZONE = re.compile(r';TZID="?([^";:]{1,80})"?', re.IGNORECASE)
_WINDOWS_ZONES = {
    "eastern standard time": "America/New_York",
    "us eastern standard time": "America/Indiana/Indianapolis",
    "central standard time": "America/Chicago",
    "mountain standard time": "America/Denver",
    "us mountain standard time": "America/Phoenix",
    "pacific standard time": "America/Los_Angeles",
    "alaskan standard time": "America/Anchorage",
    "hawaiian standard time": "Pacific/Honolulu",
    "atlantic standard time": "America/Halifax",
    "utc": "UTC",
}
_SURE, _ASK = 0.95, 0.5


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
    is_none = cancelled or _NO_INVITATION.search(plain) is not None
    return Invitation(None if is_none else _start(event[1], zone), words, cancelled)


def _text(event: str, name: str) -> str:
    match = re.search(rf"^{name}(?:;[^:\n]*)?:(.*)$", event, re.MULTILINE | re.IGNORECASE)
    if not match:
        return ""
    return re.sub(r"\\([,;\\])", r"\1", re.sub(r"\\n", "\n", match[1], flags=re.IGNORECASE)).strip()


def _start(event: str, zone: ZoneInfo) -> Appointment | None:
    match = _STARTS.search(event)
    if not match:
        return None
    sure = _ASK if match[3] is None or _UNSETTLED.search(event) else _SURE
    try:
        at = datetime.strptime(match[2] + (match[3] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - local to the sender
        theirs = UTC if match[4] else _zone(match[1])
        if theirs is not None:
            at = at.replace(tzinfo=theirs).astimezone(zone).replace(tzinfo=None)
        elif _ZONE.search(match[1]):
            sure = _ASK  # a zone that only the sender's calendar knows
    except (ValueError, OverflowError):
        return None
    return Appointment(at, sure, has_time=match[3] is not None)


def _zone(parameters: str) -> ZoneInfo | None:
    """The zone a start is written in, by its own name or Outlook's; None where it has none or an unknown one."""
    match = _ZONE.search(parameters)
    name = match[1].strip() if match else ""
    name = _WINDOWS_ZONES.get(name.lower(), name)
    if not re.fullmatch(r"[A-Za-z]+(?:/[A-Za-z_\-]+){0,2}", name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
