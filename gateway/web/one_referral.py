"""What the page of one referral shows beside its history: packets with their proof, documents, and what may be done."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from config.reference import parse_number
from config.vocabulary import Channel
from gateway.domain.arrival import Part
from gateway.domain.pause import is_paused
from gateway.domain.referral import FINAL, OPEN, TRANSITIONS, Referral, Status
from gateway.domain.transmission import Transmission
from gateway.services.change_referral import ChangeReferral
from gateway.services.next_step import next_step
from gateway.services.pause_referral import PauseReferral
from gateway.services.ports import Transaction
from gateway.services.record_contact import RecordContact
from gateway.web.desk import WebDesk
from gateway.web.views import History
from gateway.web.words import spaced


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as it was sent, with what its carrier said of it."""

    ordinal: int
    what: str
    to: str
    asked_by: str
    state: str
    proof: str
    at: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document filed on the referral."""

    item: int
    kind: str
    pages: int
    filed_by: str
    at: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One file that goes with the packet, as it is called there and as it came."""

    id: str
    title: str
    name: str


@dataclass(frozen=True, slots=True)
class About:
    """Who is referred, what goes with the packet, and what the chase does next."""

    born: str
    mrn: str
    phone: str
    language: str
    codes: str
    enclosed: tuple[Enclosed, ...]
    following: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What staff may do now; the use cases refuse the rest anyway. `channels` are those that lead to the office."""

    channels: tuple[str, ...]
    is_draft: bool
    can_pause: bool
    paused_until: str
    can_cancel: bool
    can_close: bool
    is_open: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """Everything on the page."""

    history: History
    about: About
    packets: tuple[Packet, ...]
    documents: tuple[Document, ...]
    choices: Choices
    staff: tuple[str, ...]  # who may be given it
    seen: int  # the newest event in it


@dataclass(frozen=True, slots=True)
class OneReferral:
    """The page's desk, and the use cases behind its buttons."""

    desk: WebDesk
    change: ChangeReferral
    pause: PauseReferral
    contact: RecordContact

    async def page(self, number: str) -> ReferralPage | None:
        """By the printed number, or None."""
        history = await self.desk.history(number)
        return await asyncio.to_thread(self._page, history, number) if history else None

    def _page(self, history: History, number: str) -> ReferralPage:
        now = self.desk.clock.now()
        with self.desk.store.transaction() as tx:
            referral = tx.referral_numbered(parse_number(number) or "")
            if referral is None:
                raise LookupError("a referral went away between two looks")
            return ReferralPage(
                history,
                self._about(referral, has_tasks=bool(history.tasks)),
                tuple(self._packet(row, now) for row in tx.transmissions_of(referral.id)),
                tuple(self._document(part, now) for part in tx.filed_on(referral.id)),
                self._choices(tx, referral, now),
                tuple(tx.people_who_act()),
                tx.last_seq(),
            )

    def _about(self, referral: Referral, *, has_tasks: bool) -> About:
        intake, patient = referral.intake, referral.intake.patient
        return About(
            born=f"{patient.birth_date:%m/%d/%Y}",
            mrn=patient.mrn,
            phone=patient.phone,
            language=patient.language + (", needs an interpreter" if patient.needs_interpreter else ""),
            codes=", ".join(intake.icd10),
            enclosed=tuple(Enclosed(one.id, one.title, one.name) for one in intake.attachments),
            following=self._following(referral, has_tasks=has_tasks),
        )

    def _following(self, referral: Referral, *, has_tasks: bool) -> str:
        if referral.status is Status.DRAFT:
            return "none until somebody releases it"
        if referral.status is Status.READY and referral.due_at is None:
            return "its packet goes out"
        if referral.clock is not None and referral.due_at is not None:
            return next_step(self.change.rules.policy, referral.intake.urgency, referral.clock, referral.rung)
        return "staff do what stands under To do" if has_tasks and referral.status in OPEN else ""

    def _packet(self, row: Transmission, now: datetime) -> Packet:
        pages = f"{row.pages_confirmed} of {row.pages} pages confirmed" if row.submitted_at and row.pages else ""
        told = (pages, f"{row.carrier} {row.carrier_reference}".strip(), row.cause, "SIMULATED" * row.is_simulated)
        return Packet(
            ordinal=row.ordinal,
            what=f"{spaced(row.purpose)} by {row.channel.value}",
            to=row.destination,
            asked_by=row.requested_by,
            state=spaced(row.state),
            proof="; ".join(part for part in told if part),
            at=self.desk.said(row.ended_at or row.submitted_at or row.created_at, now),
        )

    def _document(self, part: Part, now: datetime) -> Document:
        at = self.desk.said(part.settled_at, now)
        return Document(part.id, spaced(part.kind), len(part.pages), part.settled_by, at)

    def _choices(self, tx: Transaction, referral: Referral, now: datetime) -> Choices:
        recipient = tx.recipient(referral.intake.recipient_id)
        lines = [line for line in Channel if line in self.change.rules.channels and recipient.destination(line)]
        pauses = is_paused(referral, now)
        may_become = TRANSITIONS[referral.status]
        is_open = referral.status in OPEN
        return Choices(
            channels=tuple(line.value for line in lines) if is_open else (),
            is_draft=referral.status is Status.DRAFT,
            can_pause=is_open and referral.due_at is not None and not pauses,
            paused_until=self.desk.said(referral.paused_until, now) if pauses else "",
            can_cancel=Status.CANCELLED in may_become,
            can_close=Status.CLOSED in may_become,
            is_open=is_open,
            is_over=referral.status in FINAL,
        )
