"""Reports as the API tells them: shares are 0 to 1, and null where there is nothing to divide by."""

from datetime import date, datetime

from pydantic import Field

from gateway.domain.referral import Status
from gateway.services.reports.questions import By, Milestone
from gateway.web.api.shapes import Told


class OpenCountOut(Told):
    """How many are open in a state."""

    status: Status = Field(description="Which state.")
    all: int = Field(description="How many.")
    over_week: int = Field(description="For more than 7 days.")
    over_month: int = Field(description="For more than 30 days.")


class OpenRowOut(Told):
    """One loop that is not closed."""

    number: str = Field(description="Printed number.", examples=["K7QM-2P4X"])
    patient: str = Field(description="Who.")
    recipient: str = Field(description="The office.")
    specialty: str = Field(description="What is asked for.")
    urgency: str = Field(description="A tier of the policy.")
    status: Status = Field(description="Where it stood that day.")
    why: str = Field(description="Why it is not closed.")
    since: datetime = Field(description="In this state since.")
    state_days: int = Field(description="Days in this state.")
    open_days: int = Field(description="Days since it was opened.")
    tried: str = Field(description="What was done to get an answer.")
    tried_at: datetime | None = Field(description="When something was last tried.")
    who: str = Field(description="Whose move it is.")
    is_nobodys: bool = Field(description="It would be forgotten: a person must decide.")
    next: str = Field(description="What comes next.")
    next_at: datetime | None = Field(description="When.")
    became: Status | None = Field(description="What it is now, where another day was asked for.")


class OpenLoopsOut(Told):
    """Every loop that is not closed, and why."""

    day: date = Field(description="At the end of this day.")
    is_now: bool = Field(description="It is today: as things stand.")
    total: int = Field(description="How many.")
    counts: list[OpenCountOut] = Field(description="By state.")
    rows: list[OpenRowOut] = Field(description="The longest waiting first.")


class SpreadOut(Told):
    """Days from sending, of those that got there."""

    count: int = Field(description="How many got there.")
    quarter: float = Field(description="A quarter took at most so many days.")
    median: float = Field(description="Half of them.")
    three_quarters: float = Field(description="Three quarters of them.")
    is_few: bool = Field(description="Of fewer than ten: little to go by.")


class TurnaroundRowOut(Told):
    """One specialist, specialty or urgency."""

    key: str = Field(description="Send it as `of` for the referrals behind this row.")
    name: str = Field(description="Its name.")
    sent: int = Field(description="Referrals first sent in the period.")
    judged: int = Field(description="Answered, or past the policy's time.")
    in_time: int = Field(description="Answered within the policy's time.")
    share: float | None = Field(description="Of those judged.")
    is_few: bool = Field(description="Of fewer than ten: little to go by.")
    spreads: dict[Milestone, SpreadOut] = Field(description="How long each milestone took.")


class TurnaroundOut(Told):
    """How long offices take."""

    first: date = Field(description="First day.")
    last: date = Field(description="Last day, included.")
    by: By = Field(description="What the rows tell apart.")
    rows: list[TurnaroundRowOut] = Field(description="The largest first.")


class FlowOut(Told):
    """How many came or went."""

    first: date = Field(description="The day, or the first of the week.")
    channel: str = Field(description="Which way.")
    count: int = Field(description="How many.")


class HandledOut(Told):
    """What became of the documents of one kind."""

    kind: str = Field(description="Which kind.")
    by_itself: int = Field(description="Filed without a person, and not taken back since.")
    by_staff: int = Field(description="Settled by a person.")
    other: int = Field(description="Thrown away by a rule.")
    waiting: int = Field(description="Not settled yet.")


class QueueTimeOut(Told):
    """How long documents waited for a person."""

    settled: int = Field(description="How many were settled by a person.")
    median: float = Field(description="Seconds.")
    ninth_tenth: float = Field(description="Seconds; nine of ten waited no longer.")
    undone_by_itself: int = Field(description="Filed without a person, and taken back.")
    undone_by_staff: int = Field(description="Filed by a person, and taken back.")
    waiting: int = Field(description="Not settled yet.")
    oldest_at: datetime | None = Field(description="When the oldest of them came.")


class VolumeOut(Told):
    """What came and went, and how much of it needed no person."""

    first: date = Field(description="First day.")
    last: date = Field(description="Last day, included.")
    is_weekly: bool = Field(description="Counted by weeks.")
    came_in: list[FlowOut] = Field(description="Files and mails received.")
    went_out: list[FlowOut] = Field(description="Packets that a carrier took.")
    handled: list[HandledOut] = Field(description="By kind.")
    queue: QueueTimeOut = Field(description="What waited for a person.")
    decided: int = Field(description="Documents that were settled.")
    by_itself: int = Field(description="Of these, filed without a person.")
    share_by_itself: float | None = Field(description="Of what was settled.")
    share_undone: float | None = Field(description="Of what was filed without a person: at most so much was misfiled.")


class LoopCountsOut(Told):
    """The counts of CMS50v14, and of every referral."""

    population: int = Field(description="Denominator: the first referral of each patient.")
    met: int = Field(description="Numerator.")
    no_report: int = Field(description="No report.")
    report_of_unknown: int = Field(description="A report of which nothing says whose it is.")
    report_late: int = Field(description="Report after the period.")
    cancelled: int = Field(description="Cancelled, counted as not met.")
    left_out_later: int = Field(description="Not the patient's first.")
    left_out_month: int = Field(description="Ordered after October 31.")
    left_out_service: int = Field(description="Lab, imaging, community service.")
    all: int = Field(description="Every referral ordered in the period.")
    all_reported: int = Field(description="Of these, with a report.")
    all_cancelled: int = Field(description="Of these, cancelled.")


class ClosedLoopOut(Told):
    """The closed-loop measure CMS50v14 of a period."""

    first: date = Field(description="First day.")
    last: date = Field(description="Last day, included.")
    is_whole_year: bool = Field(description="Else it is no measure to hand in.")
    is_over: bool = Field(description="No report can come in time any more.")
    counts: LoopCountsOut = Field(description="How many.")
    rate: float | None = Field(description="Numerator over denominator.")
    all_rate: float | None = Field(description="With a report, of every referral ordered.")
    has_visits: bool = Field(description="A list of qualifying visits was handed in.")
    unmatched: int = Field(description="Left out: that list does not name them.")


class LoopOut(Told):
    """One referral behind a number."""

    number: str = Field(description="Printed number.", examples=["K7QM-2P4X"])
    patient: str = Field(description="Who.")
    recipient: str = Field(description="The office.")
    ordered_at: datetime = Field(description="When it was ordered.")
    status: Status = Field(description="Where it stands.")
    reported_at: datetime | None = Field(description="When its report came.")
    report_from: str = Field(description="office, person or unknown: who says whose report it is.")
