"""Text messages to patients and staff: what they are, who agreed to them, and when they may go. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Audience(StrEnum):
    """Who reads it."""

    PATIENT = "patient"
    STAFF = "staff"


class TextKind(StrEnum):
    """What it says; the names of the templates."""

    REFERRAL_SENT = "referral_sent"
    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_CHANGED = "appointment_changed"
    CALL_US = "call_us"
    STAFF_ESCALATED = "staff_escalated"
    STAFF_HEALTH = "staff_health"


class TextState(StrEnum):
    """How far it came; the last four are final."""

    INTENDED = "intended"
    SENDING = "sending"  # committed before the carrier is called; never sent again by itself
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"  # may have been sent; nobody here can know


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One message. `body` is what was or will be sent, to the letter."""

    id: int
    referral_id: int | None
    audience: Audience
    kind: TextKind
    destination: str  # E.164
    language: str
    body: str
    key: str
    state: TextState
    requested_by: str
    created_at: datetime
    expires_at: datetime
    next_attempt_at: datetime | None = None
    attempts: int = 0
    carrier_reference: str = ""
    cause: str = ""
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TextConsent:
    """That a patient agreed to text messages about one referral: who wrote it down, when, and how it was given."""

    referral_id: int
    phone: str
    language: str
    given_how: str
    recorded_by: str
    at: datetime
    withdrawn_at: datetime | None = None

    @property
    def is_given(self) -> bool:
        """Whether it still holds."""
        return self.withdrawn_at is None


class Reply(StrEnum):
    """What a received message means for further ones."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


_STOPS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "revoke", "stop all"}
    | {"alto", "parar", "pare", "basta", "cancelar", "detener", "no mas", "no más", "baja"}
)
_STARTS = frozenset({"start", "unstop", "yes", "comenzar", "iniciar", "si", "sí", "alta"})
_HELPS = frozenset({"help", "info", "ayuda"})


def meaning_of(body: str) -> Reply:
    """What a reply asks; only the whole message counts, so that `please don't stop` is no stop."""
    said = " ".join(re.sub(r"[^\w\s]", " ", body.casefold()).split())
    if said in _STOPS:
        return Reply.STOP
    if said in _STARTS:
        return Reply.START
    return Reply.HELP if said in _HELPS else Reply.OTHER


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When no patient is disturbed, in the clinic's zone; `starts` equal to `ends` is never."""

    zone: ZoneInfo
    starts: time
    ends: time

    def next_allowed(self, at: datetime) -> datetime:
        """The given time, or the end of the quiet hours it falls into."""
        local = at.astimezone(self.zone)
        now = local.time()
        is_over_night = self.starts > self.ends
        is_quiet = (now >= self.starts or now < self.ends) if is_over_night else self.starts <= now < self.ends
        if not is_quiet:
            return at
        day = local.date() + timedelta(days=1 if is_over_night and now >= self.starts else 0)
        return datetime.combine(day, self.ends, self.zone).astimezone(at.tzinfo)
