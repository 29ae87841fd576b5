"""When a referral first got how far, folded from its events. Pure.

What a document brought about happened when the document arrived, not when somebody filed it. What was taken back has
not happened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Status

CHANGES = frozenset(
    {
        EventKind.REFERRAL_OPENED,
        EventKind.REFERRAL_MOVED,
        EventKind.REFERRAL_RESCHEDULED,
        EventKind.REFERRAL_PUT_BACK,
        EventKind.PART_FILED,
    }
)
"""The events that milestones are made of."""
_ANSWERS = frozenset(
    {
        Status.ACKNOWLEDGED,
        Status.SCHEDULED,
        Status.SEEN,
        Status.REPORT_RECEIVED,
        Status.NEEDS_INFORMATION,
        Status.DECLINED,
        Status.PATIENT_UNREACHABLE,
        Status.NO_SHOW,
    }
)


class ReportFrom(StrEnum):
    """What says that a report comes from the clinician referred to."""

    OFFICE = "office"  # the office's number, address, NPI or letterhead, or our signed page came back with it
    PERSON = "person"  # nothing of that, but a person looked at it and filed it there
    UNKNOWN = "unknown"  # filed without a person, by the patient alone


@dataclass(frozen=True, slots=True)
class Milestones:
    """The first time of each; None for what has not happened."""

    ordered_at: datetime | None = None  # left the draft
    sent_at: datetime | None = None
    answer_by: datetime | None = None  # the policy's time for the first answer, as it was when it was sent
    answered_at: datetime | None = None
    booked_at: datetime | None = None  # when the clinic heard of an appointment
    seen_at: datetime | None = None  # the day of the visit, or when it was told if no appointment was known
    reported_at: datetime | None = None
    report_from: ReportFrom | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    at: datetime
    to: str  # a status, or empty for a new appointment
    part_id: int | None
    event: Event

    def said(self, name: str) -> str:
        value = (self.event.detail or {}).get(name)
        return value if isinstance(value, str) else ""


def milestones_of(events: Iterable[Event], received: Mapping[int, datetime]) -> Milestones:
    """The milestones of one referral from its events in order; `received` says when each arrival came."""
    steps = _steps(events, received)
    reached: dict[str, _Step] = {}
    for step in steps:
        reached.setdefault(step.to, step)
    sent, reported = reached.get(Status.SENT), reached.get(Status.REPORT_RECEIVED)
    booked = reached.get(Status.SCHEDULED)
    ordered = reached.get(Status.READY)
    return Milestones(
        ordered_at=ordered.at if ordered else None,
        sent_at=sent.at if sent else None,
        answer_by=_moment(sent.said("deadline")) if sent else None,
        answered_at=next((step.at for step in steps if step.to in _ANSWERS), None),
        booked_at=booked.at if booked else None,
        seen_at=_seen(steps, reached),
        reported_at=reported.at if reported else None,
        report_from=_origin(reported) if reported else None,
    )


def _steps(events: Iterable[Event], received: Mapping[int, datetime]) -> list[_Step]:
    """What happened and was not taken back."""
    steps: list[_Step] = []
    filed: Event | None = None
    for event in events:
        if event.kind is EventKind.PART_FILED:
            filed = event
        elif event.kind is EventKind.REFERRAL_PUT_BACK:
            steps = [step for step in steps if step.part_id is None or step.part_id != event.part_id]
        else:
            by = filed if filed and (filed.at, filed.actor) == (event.at, event.actor) else None
            arrived = received.get(by.arrival_id) if by and by.arrival_id is not None else None
            detail = event.detail or {}
            to = str(detail.get("to") or detail.get("status") or "")
            steps.append(_Step(min(arrived or event.at, event.at), to, by.part_id if by else None, event))
    return steps


def _seen(steps: list[_Step], reached: Mapping[str, _Step]) -> datetime | None:
    """The last appointment known before the visit was told of, or before the report, is the visit's day."""
    seen, reported = reached.get(Status.SEEN), reached.get(Status.REPORT_RECEIVED)
    told = seen or reported
    if told is None:
        return None
    before = steps[: steps.index(told) + 1]
    days = [day for step in before if (day := _moment(step.said("appointment_at")))]
    if days and days[-1] <= told.at:
        return days[-1]
    return seen.at if seen else None


def _origin(reported: _Step) -> ReportFrom:
    if reported.said("report_from") == ReportFrom.OFFICE:
        return ReportFrom.OFFICE
    return ReportFrom.UNKNOWN if reported.event.actor == "system" else ReportFrom.PERSON


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
