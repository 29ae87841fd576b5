"""What the pages ask of the clinic: rows as views, read in threads, never a row of the store itself."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from config.reference import format_number, parse_number
from gateway.domain.referral import OPEN, Referral
from gateway.services.ports import Clock, QueueItem, Store, Transaction

_LEAST_FREE_BYTES = 500 * 2**20
_OLDEST_IN_QUEUE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One open referral on the board."""

    number: str
    patient: str
    recipient: str
    specialty: str
    urgency: str
    status: str
    since: str
    due: str
    is_overdue: bool
    is_escalated: bool
    requests: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One item that waits for a person."""

    id: int
    received: str
    channel: str
    kind: str
    pages: int
    reason: str
    best_guess: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to do."""

    number: str
    kind: str
    text: str
    since: str


@dataclass(frozen=True, slots=True)
class Board:
    """The first page."""

    referrals: tuple[ReferralRow, ...]
    queue: tuple[QueueRow, ...]
    tasks: tuple[TaskRow, ...]
    closed: int


@dataclass(frozen=True, slots=True)
class History:
    """One referral with everything that happened to it."""

    row: ReferralRow
    question: str
    clinician: str
    events: tuple[tuple[str, str, str, str], ...]  # when, what, by whom, details


@dataclass(frozen=True, slots=True)
class WebDesk:
    """Answers the pages' questions from the store."""

    store: Store
    clock: Clock
    zone: ZoneInfo
    data_dir: Path

    async def board(self) -> Board:
        """Open referrals, the queue and the tasks."""
        return await asyncio.to_thread(self._board)

    async def history(self, number: str) -> History | None:
        """One referral, or None."""
        return await asyncio.to_thread(self._history, number)

    async def counts(self) -> dict[str, int]:
        """Rows by table and state."""
        return await asyncio.to_thread(self._counts)

    async def complaints(self) -> list[str]:
        """What is wrong with the daemon's health; empty when all is well."""
        return await asyncio.to_thread(self._complaints)

    def _board(self) -> Board:
        with self.store.transaction() as tx:
            names = {recipient.id: recipient.name for recipient in tx.recipients()}
            numbers: dict[int, str] = {}
            referrals = tx.referrals(OPEN)
            return Board(
                referrals=tuple(
                    self._row(referral, names.get(referral.intake.recipient_id, ""))
                    for referral in sorted(referrals, key=self._lateness)
                ),
                queue=tuple(self._item(tx, item, numbers) for item in tx.queue()),
                tasks=tuple(
                    TaskRow(
                        format_number(tx.referral(task.referral_id).number),
                        task.kind.value.replace("_", " "),
                        task.text,
                        self._said(task.created_at),
                    )
                    for task in tx.tasks()
                ),
                closed=tx.counts().get("referrals.closed", 0),
            )

    def _lateness(self, referral: Referral) -> tuple[bool, datetime]:
        return referral.escalated_at is None, referral.due_at or referral.created_at

    def _row(self, referral: Referral, recipient: str) -> ReferralRow:
        intake = referral.intake
        return ReferralRow(
            number=format_number(referral.number),
            patient=f"{intake.patient.family}, {intake.patient.given}",
            recipient=recipient,
            specialty=intake.specialty,
            urgency=intake.urgency,
            status=referral.status.value.replace("_", " "),
            since=self._said(referral.status_since),
            due=self._said(referral.due_at),
            is_overdue=referral.due_at is not None and referral.due_at < self.clock.now(),
            is_escalated=referral.escalated_at is not None,
            requests=referral.requests_sent,
        )

    def _item(self, tx: Transaction, item: QueueItem, numbers: dict[int, str]) -> QueueRow:
        best = item.candidates[0].referral_id if item.candidates else None
        if best is not None and best not in numbers:
            numbers[best] = format_number(tx.referral(best).number)
        return QueueRow(
            id=item.id,
            received=self._said(item.arrival.received_at),
            channel=item.arrival.envelope.channel.value,
            kind=(item.part.kind.value if item.part else "unreadable").replace("_", " "),
            pages=len(item.part.pages) if item.part else item.arrival.pages,
            reason=item.reason,
            best_guess=numbers[best] if best is not None else "",
        )

    def _history(self, text: str) -> History | None:
        number = parse_number(text)
        with self.store.transaction() as tx:
            referral = tx.referral_numbered(number) if number else None
            if referral is None:
                return None
            recipient = tx.recipient(referral.intake.recipient_id)
            events = tx.events(referral_id=referral.id)
        told = tuple(
            (
                self._said(chained.event.at),
                chained.event.kind.value.replace("_", " "),
                chained.event.actor,
                ", ".join(
                    f"{k.replace('_', ' ')}: {v}"
                    for k, v in (chained.event.detail or {}).items()
                    if v not in (None, "")
                ),
            )
            for chained in events
        )
        return History(
            self._row(referral, recipient.name), referral.intake.question, referral.intake.clinician.name, told
        )

    def _counts(self) -> dict[str, int]:
        with self.store.transaction() as tx:
            return tx.counts()

    def _complaints(self) -> list[str]:
        said: list[str] = []
        if shutil.disk_usage(self.data_dir).free < _LEAST_FREE_BYTES:
            said.append("the disk is nearly full")
        with self.store.transaction() as tx:
            oldest = next(iter(tx.queue(1)), None)
        if oldest and self.clock.now() - oldest.arrival.received_at > _OLDEST_IN_QUEUE:
            said.append("documents wait in the queue for more than three days")
        return said

    def _said(self, at: datetime | None) -> str:
        return f"{at.astimezone(self.zone):%b %d, %H:%M}" if at else ""
