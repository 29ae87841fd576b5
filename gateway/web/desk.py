"""What the pages ask of the clinic: rows as views, read in threads, in the clinic's own time."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from config.reference import format_number, parse_number
from gateway.domain.event import Event
from gateway.domain.referral import FINAL, Referral
from gateway.domain.task import Task
from gateway.services.ports import Clock, Store
from gateway.web.views import EventRow, History, ReferralRow, TaskRow
from gateway.web.words import MARKS, spaced, span_in_words

_LEAST_FREE_BYTES = 500 * 2**20
_OLDEST_IN_QUEUE = timedelta(days=3)
_UNSAID = {"sha256", "number", "deadline", "report_from"}  # told elsewhere on the page, or to nobody


@dataclass(frozen=True, slots=True)
class WebDesk:
    """Answers the pages' questions from the store."""

    store: Store
    clock: Clock
    zone: ZoneInfo
    data_dir: Path
    under_way: Callable[[], tuple[str, ...]] = tuple
    troubles: Callable[[], tuple[str, ...]] = tuple
    """What a person must mend before all flows again: of mailboxes, of the scanner."""

    async def history(self, number: str) -> History | None:
        """One referral by its printed number, or None."""
        return await asyncio.to_thread(self._history, number)

    async def counts(self) -> dict[str, int]:
        """Rows by table and state."""
        return await asyncio.to_thread(self._counts)

    async def queue_age_s(self) -> float:
        """How long the oldest item has waited for a person, in seconds; 0 if none does."""
        return await asyncio.to_thread(self._queue_age_s)

    async def disk_free_bytes(self) -> int:
        """Room left where rows and bytes lie."""
        return (await asyncio.to_thread(shutil.disk_usage, self.data_dir)).free

    async def complaints(self) -> list[str]:
        """What is wrong with the daemon's health; empty when all is well."""
        said: list[str] = []
        if await self.disk_free_bytes() < _LEAST_FREE_BYTES:
            said.append(f"the disk has less than {_LEAST_FREE_BYTES >> 20} MiB left")
        if await self.queue_age_s() > _OLDEST_IN_QUEUE.total_seconds():
            said.append(f"a document waits in the queue for more than {_OLDEST_IN_QUEUE.days} days")
        return [*said, *await asyncio.to_thread(self.troubles)]

    def row(self, referral: Referral, recipient: str, now: datetime) -> ReferralRow:
        """One referral as the pages show it."""
        intake = referral.intake
        return ReferralRow(
            number=format_number(referral.number),
            patient=f"{intake.patient.family}, {intake.patient.given}",
            recipient=recipient,
            specialty=intake.specialty,
            urgency=intake.urgency,
            status=spaced(referral.status),
            mark=MARKS[referral.status],
            since=self.said(referral.status_since, now),
            next_step=self.said(referral.due_at, now),
            until=_until(referral.due_at, now),
            lateness=_lateness(referral, now),
            requests=referral.requests_sent,
            appointment=self.said(referral.appointment_at, now),
        )

    def task(self, task: Task, number: str, now: datetime) -> TaskRow:
        """One thing to do."""
        return TaskRow(
            number=format_number(number),
            kind=task.kind.value,
            text=task.text,
            since=self.said(task.created_at, now),
            waits=span_in_words(now - task.created_at),
        )

    def _history(self, text: str) -> History | None:
        number, now = parse_number(text), self.clock.now()
        with self.store.transaction() as tx:
            referral = tx.referral_numbered(number) if number else None
            if referral is None:
                return None
            recipient = tx.recipient(referral.intake.recipient_id)
            events = tx.events(referral_id=referral.id)
            tasks = tx.open_tasks_of(referral.id)
        return History(
            row=self.row(referral, recipient.name, now),
            question=referral.intake.question,
            clinician=referral.intake.clinician.name,
            service=spaced(referral.intake.service),
            owner=referral.owner,
            tasks=tuple(self.task(task, referral.number, now) for task in tasks),
            events=tuple(self._event(chained.event, now) for chained in events),
        )

    def _event(self, event: Event, now: datetime) -> EventRow:
        told = {name: value for name, value in (event.detail or {}).items() if name not in _UNSAID}
        details = [(spaced(name), _value_in_words(value)) for name, value in told.items()]
        return EventRow(
            at=self.said(event.at, now),
            what=spaced(event.kind),
            actor=event.actor,
            details=tuple((name, value) for name, value in details if value),
        )

    def _counts(self) -> dict[str, int]:
        with self.store.transaction() as tx:
            return tx.counts()

    def _queue_age_s(self) -> float:
        with self.store.transaction() as tx:
            oldest = next(iter(tx.queue(1)), None)
        return (self.clock.now() - oldest.arrival.received_at).total_seconds() if oldest else 0.0

    def said(self, at: datetime | None, now: datetime) -> str:
        """A time in the clinic's zone, with its year where that is not this one; empty for none."""
        if at is None:
            return ""
        local = at.astimezone(self.zone)
        return f"{local:%b %d, %H:%M}" if local.year == now.astimezone(self.zone).year else f"{local:%Y %b %d, %H:%M}"


def _lateness(referral: Referral, now: datetime) -> str:
    if referral.status in FINAL:
        return ""
    if referral.escalated_at is not None:
        return "escalated"
    return "overdue" if referral.due_at is not None and referral.due_at < now else ""


def _until(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return ""
    return f"in {span_in_words(due_at - now)}" if due_at > now else f"{span_in_words(now - due_at)} late"


def _value_in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)  # pyright: ignore[reportUnknownVariableType] - of JSON
    return "" if value is None else spaced(str(value))
