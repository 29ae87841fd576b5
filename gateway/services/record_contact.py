"""What staff did and learned beside the paper: a task done, a call with the office, what keeps a patient from going."""

from dataclasses import dataclass
from enum import StrEnum

from config.reference import format_number
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import OPEN
from gateway.domain.task import TaskKind
from gateway.errors import IllegalTransition
from gateway.services.change_referral import find
from gateway.services.ports import Clock, Store
from gateway.services.said import said


class Barrier(StrEnum):
    """What keeps a patient from an appointment, in the words of care coordination."""

    TRANSPORT = "transport"
    COST = "cost or insurance"
    LANGUAGE = "language"
    WORK = "work or child care"
    HEALTH = "too ill to travel"
    FEAR = "fear or doubt"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RecordContact:
    """Each in one commit with its event."""

    store: Store
    clock: Clock

    def done(self, number: str, kind: TaskKind, actor: str) -> None:
        """Somebody did what a task of the referral asked. Done twice is done once."""
        with self.store.transaction() as tx:
            tx.close_tasks(find(tx, number).id, [kind], self.clock.now(), actor)

    def call(self, number: str, spoke_with: str, learned: str, actor: str) -> None:
        """Somebody called the office: who answered and what they said. The task to call is done."""
        who, words = said(spoke_with, "who answered the phone"), said(learned, "what they said")
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            detail: dict[str, str | int | float | bool | list[str] | None] = {"spoke_with": who, "said": words}
            tx.append(Event(EventKind.CALL_LOGGED, now, actor, referral_id=referral.id, detail=detail))
            tx.close_tasks(referral.id, [TaskKind.CALL], now, actor)

    def barrier(self, number: str, barrier: Barrier, note: str, actor: str, *, asks_for_help: bool) -> None:
        """Something keeps the patient from going; somebody reaches out to them if `asks_for_help`."""
        words, now = said(note, "what the matter is"), self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            if referral.status not in OPEN:
                raise IllegalTransition(f"referral {number} is {referral.status}: nothing keeps it from being seen")
            detail: dict[str, str | int | float | bool | list[str] | None] = {"barrier": barrier.value, "note": words}
            tx.append(Event(EventKind.BARRIER_RECORDED, now, actor, referral_id=referral.id, detail=detail))
            if asks_for_help:
                text = f"Help the patient of referral {format_number(referral.number)} to get there: {barrier.value}"
                tx.open_task(referral.id, TaskKind.REACH_PATIENT, text, now, None)
