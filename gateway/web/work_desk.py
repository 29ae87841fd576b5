"""The work list as a view: what a person must do today, sort by sort, with the words for the telephone."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from config.policy import Clock as Wait
from config.reference import format_number
from gateway.domain.directory import Recipient
from gateway.domain.referral import Referral, Status
from gateway.domain.task import Task, TaskKind
from gateway.domain.transmission import Transmission
from gateway.services.log_call import OF_OFFICE, OF_PATIENT, CallOutcome
from gateway.services.queue_questions import Whose
from gateway.services.work_questions import ReadTransaction, WorkFilter
from gateway.web.desk import WebDesk
from gateway.web.queue_views import Choice
from gateway.web.words import MARKS, spaced, span_in_words
from gateway.web.work_views import Script, WorkGroup, WorkList, WorkRow, WorkTab

_EACH, _PAGE = 15, 50
_MOST_OFFICES = 500
K = TaskKind
GROUPS: tuple[tuple[str, str, str, tuple[TaskKind, ...]], ...] = (
    ("tell", "Tell the clinician", "Every rung was taken: who referred must know.", (K.TELL_CLINICIAN,)),
    ("uncertain", "May have arrived", "Ask the office, then say which it was.", (K.UNCERTAIN_TRANSMISSION,)),
    ("calls", "Calls to make", "The patient's name is for the office alone: it names itself first.", (K.CALL,)),
    ("numbers", "Fax numbers that fail", "Ask the office for its number.", (K.VERIFY_NUMBER, K.FIX_DESTINATION)),
    ("information", "Information asked for", "Send what is missing, then say it is done.", (K.INFORMATION,)),
    ("declined", "Declined", "Choose another office: the packet goes there by itself.", (K.DECLINED,)),
    ("patients", "Patients to reach", "Help them to get there.", (K.REACH_PATIENT, K.NO_SHOW, K.TEXT_REPLY)),
    ("reports", "Reports to read", "A clinician reads it and closes.", (K.REVIEW_REPORT,)),
)
"""Sorts of things to do, in the list's order: word, name, hint, and the kinds of tasks; every kind has its sort."""
_OUTCOMES = {
    CallOutcome.RECEIVED: "They have it",
    CallOutcome.ACCEPTED: "They accept, and will book",
    CallOutcome.BOOKED: "An appointment is booked for …",
    CallOutcome.SEEN: "The patient was seen",
    CallOutcome.NEVER_ARRIVED: "It never arrived: send it again",
    CallOutcome.NEEDS_INFORMATION: "They need more information",
    CallOutcome.DECLINED: "They decline",
    CallOutcome.NO_ANSWER: "Nobody answered: again on the next working day",
    CallOutcome.REACHED: "Reached: the patient will go",
    CallOutcome.OTHER: "Something else",
}
_NEEDED = {
    Wait.ACKNOWLEDGED: "Do you have it, and do you accept it? If it never arrived, we send it again.",
    Wait.DECIDED: "Do you accept the patient? If not, why?",
    Wait.BOOKED: "For which day and hour is the appointment?",
    Wait.SEEN: "Was the patient seen?",
    Wait.REPORT_IN: "Please send us the report.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the list is looked at."""

    whose: Whose = Whose.ALL
    group: str = ""
    is_later: bool = False
    page: int = 1

    def query(self, **changed: str) -> str:
        """As a query string of its first page, or with other values."""
        told = {
            "whose": "" if self.whose is Whose.ALL else self.whose.value,
            "kind": self.group,
            "later": "yes" if self.is_later else "",
        } | changed
        return urlencode({name: value for name, value in told.items() if value})


@dataclass(frozen=True, slots=True)
class Known:
    """What rows need beside their tasks, fetched for all together; offices by their id, the rest by referral."""

    offices: dict[int, Recipient]
    uncertain: dict[int, Transmission]
    called: dict[int, datetime]


@dataclass(frozen=True, slots=True)
class WorkDesk:
    """Answers the work list's questions."""

    desk: WebDesk
    clinic: str

    async def work(self, asked: Asked, person: str) -> WorkList:
        """The list, or one sort of it."""
        return await asyncio.to_thread(self._work, asked, person)

    def _work(self, asked: Asked, person: str) -> WorkList:
        now = self.desk.clock.now()
        kinds = next((kinds for id_, _, _, kinds in GROUPS if id_ == asked.group), ())
        wanted = WorkFilter(person, asked.whose, frozenset(kinds), is_put_off=asked.is_later)
        each, offset = (_PAGE, (asked.page - 1) * _PAGE) if kinds else (_EACH, 0)
        with self.desk.store.reading() as tx:
            seen = tx.last_seq()
            found = tx.work(wanted, now, each=each, offset=offset)
            counts = tx.work_counts(wanted, now)
            later = tx.work_counts(WorkFilter(person, asked.whose, is_put_off=True), now)
            known = known_of(tx, [referral for _, referral in found])
            offices = self._offices(tx) if any(task.kind is K.DECLINED for task, _ in found) else ()
        rows: dict[TaskKind, list[WorkRow]] = defaultdict(list)
        for task, referral in found:
            rows[task.kind].append(self._row(task, referral, known, person, now))
        groups = tuple(_group(one, rows, counts) for one in GROUPS)
        total = sum(counts.values())
        return WorkList(
            groups=tuple(group for group in groups if group.rows),
            tabs=_tabs(asked),
            group=asked.group if kinds else "",
            query=asked.query(**({"page": str(asked.page)} if asked.page > 1 else {})),
            page=asked.page,
            has_more=bool(kinds) and total > offset + each,
            put_off=sum(later.values()),
            is_later=asked.is_later,
            office_outcomes=tuple(Choice(one.value, _OUTCOMES[one], is_chosen=False) for one in OF_OFFICE),
            patient_outcomes=tuple(Choice(one.value, _OUTCOMES[one], is_chosen=False) for one in OF_PATIENT),
            offices=offices,
            at=f"{self.desk.said(now, now)} {now.astimezone(self.desk.zone):%Z}",
            seen=seen,
        )

    def _offices(self, tx: ReadTransaction) -> tuple[str, ...]:
        return tuple(office.name for office in tx.offices_by_name(_MOST_OFFICES))

    def _row(self, task: Task, referral: Referral, known: Known, person: str, now: datetime) -> WorkRow:
        intake, patient = referral.intake, referral.intake.patient
        office = known.offices[intake.recipient_id]
        sent = known.uncertain.get(referral.id)
        called = known.called.get(referral.id)
        return WorkRow(
            id=task.id,
            number=format_number(referral.number),
            kind=task.kind.value,
            text=task.text,
            waits=span_in_words(now - task.created_at),
            since=self.desk.said(task.created_at, now),
            put_off=self.desk.said(task.snoozed_until, now) if task.snoozed_until and task.snoozed_until > now else "",
            last_call=f"{span_in_words(now - called)} ago" if called else "",
            is_escalated=referral.escalated_at is not None,
            urgency=intake.urgency,
            status=spaced(referral.status),
            mark=MARKS[referral.status],
            owner=referral.owner,
            is_mine=referral.owner == person,
            patient=f"{patient.family}, {patient.given}",
            born=f"{patient.birth_date:%m/%d/%Y}",
            patient_phone=patient.phone,
            language=patient.language,
            office=office.name,
            phone=office.phone,
            fax=office.fax,
            is_set_aside=office.fax_set_aside_at is not None,
            clinician=intake.clinician.name,
            clinician_phone=intake.clinician.phone,
            sent_to=sent.destination if sent else "",
            sent_at=self.desk.said(sent.submitted_at or sent.created_at, now) if sent else "",
            cause=sent.cause if sent else "",
            script=self.script(referral, office, person, now) if task.kind in SPOKEN else None,
        )

    def script(self, referral: Referral, office: Recipient, person: str, now: datetime) -> Script:
        """What this person says to the office on the telephone."""
        intake, patient = referral.intake, referral.intake.patient
        times = f"{referral.requests_sent} times" if referral.requests_sent > 1 else "once"
        sent = f", sent {times}, first on {self.desk.said(referral.sent_at, now)}" if referral.sent_at else ""
        needed = _NEEDED.get(referral.clock, "How does it stand?") if referral.clock else "How does it stand?"
        if referral.clock is Wait.SEEN and referral.appointment_at:
            needed = f"Was the patient seen on {self.desk.said(referral.appointment_at, now)}?"
        if referral.status is Status.NO_SHOW:
            needed = "Please book another appointment."
        if referral.status is Status.NEEDS_INFORMATION:
            needed = "What exactly do you need, and where shall we send it?"
        caller = f"{person} of {self.clinic}" if self.clinic else f"{person}, calling for {intake.clinician.name}"
        return Script(
            ask_for=f"Ask for whoever books referrals at {office.organization or office.name}.",
            opening=f"This is {caller}. Whom am I speaking with, at which office?",
            about=f"Our referral {format_number(referral.number)} for {intake.specialty}, {intake.urgency}{sent}.",
            patient=f"{patient.given} {patient.family}, born {patient.birth_date:%B} {patient.birth_date.day}, "
            f"{patient.birth_date.year}",
            needed=needed,
        )


SPOKEN = (K.CALL, K.UNCERTAIN_TRANSMISSION, K.INFORMATION)
"""What is done by calling the office."""


def known_of(tx: ReadTransaction, referrals: list[Referral]) -> Known:
    """Three questions, however many referrals there are."""
    ids = [referral.id for referral in referrals]
    offices = tx.recipients_among([referral.intake.recipient_id for referral in referrals])
    return Known(offices, tx.uncertain_among(ids), tx.last_calls(ids))


def _group(
    told: tuple[str, str, str, tuple[TaskKind, ...]],
    rows: dict[TaskKind, list[WorkRow]],
    counts: dict[TaskKind, int],
) -> WorkGroup:
    id_, name, hint, kinds = told
    both = [row for kind in kinds for row in rows[kind]]
    both.sort(key=lambda row: (not row.is_escalated, row.id))
    return WorkGroup(id_, name, hint, sum(counts.get(kind, 0) for kind in kinds), tuple(both))


def _tabs(asked: Asked) -> tuple[WorkTab, ...]:
    names = {Whose.ALL: "Everybody's", Whose.MINE: "Mine", Whose.UNASSIGNED: "Nobody's"}
    return tuple(
        WorkTab(
            name,
            f"/work?{asked.query(whose='' if whose is Whose.ALL else whose.value)}".rstrip("?"),
            asked.whose is whose,
        )
        for whose, name in names.items()
    )
