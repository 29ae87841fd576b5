"""A referral: who, to whom, why, and the one table of what may follow what.

A referral is closed only when the patient has the service and the clinic has the report.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from config.policy import Clock
from config.vocabulary import ServiceKind
from gateway.errors import IllegalTransition


class Status(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    READY = "ready"
    SENT = "sent"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    SCHEDULED = "scheduled"
    SEEN = "seen"
    REPORT_RECEIVED = "report_received"
    CLOSED = "closed"
    NEEDS_INFORMATION = "needs_information"
    DECLINED = "declined"
    PATIENT_UNREACHABLE = "patient_unreachable"
    NO_SHOW = "no_show"
    DELIVERY_FAILED = "delivery_failed"
    CANCELLED = "cancelled"


S = Status
_ANSWERS = frozenset(
    {
        S.ACKNOWLEDGED,
        S.SCHEDULED,
        S.SEEN,
        S.REPORT_RECEIVED,
        S.NEEDS_INFORMATION,
        S.DECLINED,
        S.PATIENT_UNREACHABLE,
        S.NO_SHOW,
    }
)
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.DRAFT: frozenset({S.READY, S.CANCELLED}),
    S.READY: frozenset({S.SENT, S.DELIVERY_FAILED, S.CANCELLED}),
    S.SENT: _ANSWERS | {S.DELIVERED, S.DELIVERY_FAILED, S.CANCELLED},
    S.DELIVERED: _ANSWERS | {S.DELIVERY_FAILED, S.CANCELLED, S.SENT},
    S.DELIVERY_FAILED: _ANSWERS | {S.SENT, S.DELIVERED, S.CANCELLED},
    S.ACKNOWLEDGED: _ANSWERS | {S.CANCELLED},  # to itself too: received first, accepted later
    S.SCHEDULED: _ANSWERS - {S.ACKNOWLEDGED} | {S.CANCELLED},
    S.SEEN: frozenset({S.REPORT_RECEIVED, S.SCHEDULED, S.CANCELLED}),
    S.NO_SHOW: _ANSWERS - {S.ACKNOWLEDGED} | {S.CANCELLED},
    S.NEEDS_INFORMATION: _ANSWERS | {S.SENT, S.CANCELLED},
    S.DECLINED: _ANSWERS - {S.DECLINED} | {S.READY, S.SENT, S.CANCELLED},
    S.PATIENT_UNREACHABLE: _ANSWERS - {S.PATIENT_UNREACHABLE} | {S.CANCELLED},
    S.REPORT_RECEIVED: frozenset({S.CLOSED, S.SCHEDULED, S.CANCELLED}),
    S.CLOSED: frozenset(),
    S.CANCELLED: frozenset({S.REPORT_RECEIVED}),
}
"""Every legal step. A report may arrive at any state after `sent`; a second appointment too."""

FINAL = frozenset({S.CLOSED, S.CANCELLED})
OPEN = frozenset(S) - FINAL - {S.DRAFT}

WAITS_FOR: dict[Status, Clock] = {
    S.SENT: Clock.ACKNOWLEDGED,
    S.DELIVERED: Clock.ACKNOWLEDGED,
    S.ACKNOWLEDGED: Clock.DECIDED,  # or BOOKED, once they have said yes
    S.SCHEDULED: Clock.SEEN,
    S.SEEN: Clock.REPORT_IN,
}
"""Which clock runs in a state. States aside wait for staff: a task, not a clock, is open there."""

NO_APPOINTMENT = frozenset({ServiceKind.LAB, ServiceKind.COMMUNITY_RESOURCE, ServiceKind.EMERGENCY_DEPARTMENT})
"""Services that need no booking: once acknowledged, the report is what we wait for."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is referred. Empty strings for what the clinic did not say."""

    family: str
    given: str
    birth_date: date
    middle: str = ""
    suffix: str = ""
    sex: str = ""
    mrn: str = ""
    phone: str = ""  # E.164
    address: str = ""
    insurance: str = ""
    language: str = ""
    needs_interpreter: bool = False


@dataclass(frozen=True, slots=True)
class Clinician:
    """Who refers. `npi` has passed its check digit or is empty."""

    name: str
    npi: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the referral, by the SHA-256 of its bytes in the vault."""

    sha256: str
    name: str
    media_type: str
    label: str = ""  # which item of the specialty's checklist it is; empty: its name tells

    @property
    def id(self) -> str:
        """Tells it from the others of its referral; nothing of what is in it."""
        return self.sha256[:16]

    @property
    def title(self) -> str:
        """What the packet calls it."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Intake:
    """A referral as the clinic hands it over, checked and ready to be opened."""

    external_id: str  # the sender's own id; the same id twice opens one referral
    patient: Patient
    clinician: Clinician
    recipient_id: int
    specialty: str
    service: ServiceKind
    question: str
    urgency: str  # a tier's name in the policy
    icd10: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    origin: str = "cli"  # cli, http, drop folder: part of the identity of external_id
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """An opened referral. `version` counts its changes; a change names the version it saw."""

    id: int
    number: str
    intake: Intake
    status: Status
    status_since: datetime
    created_at: datetime
    version: int = 1
    clock: Clock | None = None
    clock_started_at: datetime | None = None
    rung: int = 0  # how many steps of the current ladder were taken
    due_at: datetime | None = None  # when the chase looks at it again
    requests_sent: int = 0
    sent_at: datetime | None = None
    appointment_at: datetime | None = None  # UTC
    paused_until: datetime | None = None
    escalated_at: datetime | None = None
    closed_at: datetime | None = None
    owner: str = ""  # the account that looks after it; empty: nobody


def clock_for(status: Status, service: ServiceKind, *, is_accepted: bool = False) -> Clock | None:
    """Which clock runs in `status` for this kind of service; None where staff must act.

    An office that only received it has yet to decide; one that accepted it has yet to book.
    """
    clock = WAITS_FOR.get(status)
    if clock is not Clock.DECIDED:
        return clock
    if service in NO_APPOINTMENT:
        return Clock.REPORT_IN
    return Clock.BOOKED if is_accepted else Clock.DECIDED


def move(referral: Referral, to: Status, at: datetime, *, is_accepted: bool = False) -> Referral:
    """The referral in its next state, with the clock of that state started anew.

    Raises:
        IllegalTransition: if the table does not allow the step.
    """
    if to not in TRANSITIONS[referral.status]:
        raise IllegalTransition(f"referral {referral.number} is {referral.status} and cannot become {to}")
    clock = clock_for(to, referral.intake.service, is_accepted=is_accepted)
    same_wait = clock is not None and clock is referral.clock
    return replace(
        referral,
        status=to,
        status_since=at,
        clock=clock,
        clock_started_at=referral.clock_started_at if same_wait else (at if clock else None),
        rung=referral.rung if same_wait else 0,
        due_at=referral.due_at if same_wait else None,
        paused_until=referral.paused_until if same_wait else None,
        closed_at=at if to in FINAL else None,
    )
