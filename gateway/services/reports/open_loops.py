"""The exceptions report: every loop that is not closed at a chosen day, why, who has it, and what comes next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.policy import Clock as Waiting
from config.policy import Policy
from config.reference import format_number
from gateway.domain.referral import Status
from gateway.errors import NotSaid
from gateway.services.next_step import next_step
from gateway.services.ports import Clock
from gateway.services.reports.period import day_starts, day_told
from gateway.services.reports.questions import OpenCount, OpenLoop, ReportStore, Tried
from gateway.services.reports.sheet import Sheet
from gateway.services.rules import Rules

S = Status
_WHY = {
    S.READY: "not sent yet",
    S.SENT: "sent; it is not known that it arrived, and nobody answered",
    S.DELIVERED: "delivered, and nobody answered",
    S.ACKNOWLEDGED: "received, but no appointment",
    S.SCHEDULED: "an appointment is made; nobody said that the patient was there",
    S.SEEN: "the patient was seen; the report is missing",
    S.REPORT_RECEIVED: "the report is here and waits to be read",
    S.NEEDS_INFORMATION: "the office asked for something",
    S.DECLINED: "declined",
    S.PATIENT_UNREACHABLE: "the office cannot reach the patient",
    S.NO_SHOW: "the patient did not attend",
    S.DELIVERY_FAILED: "the packet did not get there",
}
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class OpenRow:
    """One open loop in words; `next_at` is None where no time is set."""

    number: str
    patient: str
    recipient: str
    specialty: str
    urgency: str
    status: Status
    why: str
    since: datetime
    state_days: int
    open_days: int
    tried: str
    tried_at: datetime | None
    who: str
    is_nobodys: bool
    next: str
    next_at: datetime | None
    became: Status | None  # what it is now, where another day was asked for


@dataclass(frozen=True, slots=True)
class OpenReport:
    """The report; `rows` may be fewer than `total`, the longest waiting first."""

    day: date
    is_now: bool
    total: int
    counts: tuple[OpenCount, ...]
    rows: tuple[OpenRow, ...]

    @property
    def sheet(self) -> Sheet:
        """As rows."""
        columns = (
            "referral", "patient", "to", "specialty", "urgency", "state", "why", "in_this_state_since",
            "days_in_state", "days_open", "tried", "last_tried", "who_has_it", "next_step", "next_at", "now",
        )  # fmt: skip
        return Sheet(f"open-loops-{self.day}", [_flat(row) for row in self.rows], columns)


def _flat(row: OpenRow) -> dict[str, object]:
    return {
        "referral": row.number,
        "patient": row.patient,
        "to": row.recipient,
        "specialty": row.specialty,
        "urgency": row.urgency,
        "state": row.status.value,
        "why": row.why,
        "in_this_state_since": row.since,
        "days_in_state": row.state_days,
        "days_open": row.open_days,
        "tried": row.tried,
        "last_tried": row.tried_at,
        "who_has_it": row.who,
        "next_step": row.next,
        "next_at": row.next_at,
        "now": row.became.value if row.became else "",
    }


@dataclass(frozen=True, slots=True)
class ReportOpenLoops:
    """Asks once and words what it hears."""

    store: ReportStore
    clock: Clock
    rules: Rules

    def report(self, day: str = "", limit: int = _ALL) -> OpenReport:
        """At the end of a day, or as things stand for today. Raises NotSaid for a day to come."""
        now = self.clock.now()
        today = now.astimezone(self.rules.zone).date()
        chosen = day_told(day) or today
        if chosen > today:
            raise NotSaid("that day is still to come: choose today or an earlier one")
        is_now = chosen == today
        at = now if is_now else day_starts(chosen + timedelta(days=1), self.rules.zone)
        with self.store.reading() as tx:
            counts = tx.open_counted(at, is_now=is_now)
            loops = tx.open_loops(at, limit, is_now=is_now)
        rows = tuple(_row(loop, self.rules.policy, at, is_now=is_now) for loop in loops)
        return OpenReport(chosen, is_now, sum(one.all for one in counts), tuple(counts), rows)


def _row(loop: OpenLoop, policy: Policy, at: datetime, *, is_now: bool) -> OpenRow:
    who, is_nobodys = _who(loop, is_now=is_now)
    following, next_at = _next(loop, policy) if is_now else ("", None)
    return OpenRow(
        number=format_number(loop.number),
        patient=loop.patient,
        recipient=loop.recipient,
        specialty=loop.specialty,
        urgency=loop.urgency,
        status=loop.status,
        why="accepted, but no appointment" if loop.clock is Waiting.BOOKED else _WHY.get(loop.status, ""),
        since=loop.since,
        state_days=(at - loop.since).days,
        open_days=(at - loop.opened_at).days,
        tried=_tried(loop.tried),
        tried_at=loop.tried.last_at,
        who=who,
        is_nobodys=is_nobodys,
        next=following,
        next_at=next_at,
        became=None if is_now else loop.status_now,
    )


def _tried(tried: Tried) -> str:
    told = ((tried.packets, "packet"), (tried.calls, "call"), (tried.failed, "failed packet"))
    return ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in told if count) or "nothing"


def _who(loop: OpenLoop, *, is_now: bool) -> tuple[str, bool]:
    """Whose move it is, and whether it is nobody's: then it would be forgotten."""
    if loop.item is not None:
        return f"review queue, item {loop.item}" + (f", with {loop.item_with}" if loop.item_with else ""), False
    if loop.tasks:
        return "staff: " + ", ".join(kind.replace("_", " ") for kind in loop.tasks), False
    if loop.status is S.READY:
        return "Referloop, to send it", False
    if not is_now or loop.clock is not None:
        return ("the office" if loop.clock is not Waiting.SEEN else "the patient and the office"), False
    return "nobody", True


def _next(loop: OpenLoop, policy: Policy) -> tuple[str, datetime | None]:
    if loop.item is not None:
        return f"settle item {loop.item}; nothing is chased until then", None
    if loop.clock is not None and loop.due_at is not None:
        step = next_step(policy, loop.urgency, loop.clock, loop.rung)
        return (f"paused; then {step}" if loop.paused_until == loop.due_at else step), loop.due_at
    if loop.tasks:
        return "staff do the task", None
    if loop.status is S.READY:
        return "its first packet goes out", None
    return "none: a person must decide", None
