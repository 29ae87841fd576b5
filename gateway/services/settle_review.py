"""A person settles what the machine would not: files a queued part, keeps it, or takes it off with a reason.

Refuses what somebody else has open or has settled: the second of two people is told who was first.
"""

from dataclasses import dataclass
from datetime import datetime

from config.reference import format_number
from config.vocabulary import Channel
from gateway.domain.arrival import Part, PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral
from gateway.domain.same_patient import is_same_patient
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.errors import NotSaid, StaleRow
from gateway.services.change_referral import find
from gateway.services.claims import sender_of
from gateway.services.correction import Correction, corrected, differences
from gateway.services.filing import take_filed_answer
from gateway.services.match_part import KEPT, KeptEvidence, MatchPart
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules
from gateway.services.scanning import refuse_quarantined


@dataclass(slots=True)
class SettleReview:
    """Settles queue items; the second of two people gets a clear refusal."""

    store: Store
    clock: Clock
    rules: Rules
    matcher: MatchPart

    def assign(self, item_id: int, numbers: list[str], actor: str, said: Correction | None = None) -> int:
        """File a queue item on the referrals with these printed numbers, and move them as its answer says.

        `said` is what the person corrected of it. Returns the item's id as a settled part.

        Raises:
            NotFound: no such item or number.
            StaleRow: someone else settled it first, or has it open.
        """
        said, now = said or Correction(), self.clock.now()
        with self.store.transaction() as tx:
            part = waiting_part(tx, item_id, actor, now)
            meant = [find(tx, number) for number in numbers]
            _refuse_two_patients(meant)
            referrals = [referral.id for referral in meant]
            arrival = tx.arrival(part.arrival_id)
            refuse_quarantined(arrival)
            reading = tx.reading_of(arrival.id)
            if reading is None or part.index >= len(reading.documents):
                tx.file_part(part, referrals, "{}", now, actor)
                return part.id
            read, answered = self.matcher.claims(tx, arrival, reading, part.index)
            evidence = corrected(read, said)
            kept = KeptEvidence(evidence, (f"filed by {actor}",), (), 1.0, actor)
            _note_correction(tx, part, differences(read, said), now, actor)
            tx.file_part(part, referrals, KEPT.dump_json(kept).decode(), now, actor)
            take_filed_answer(tx, self.rules, part, referrals, evidence, at=now, actor=actor)
            self.matcher.note_report(tx, reading, evidence, _meant(tx, referrals, answered))
            return part.id

    def discard(self, item_id: int, reason: str, actor: str, *, blocks_sender: bool = False) -> int:
        """Take an item off the queue; its bytes stay until the retention policy ends. Returns the settled part's id.

        Raises:
            NotFound: no such item.
            StaleRow: someone else settled it first, or has it open.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            part = waiting_part(tx, item_id, actor, now)
            tx.discard_part(part, reason, now, actor)
            if blocks_sender:
                arrival = tx.arrival(part.arrival_id)
                reading = tx.reading_of(arrival.id)
                tx.block_sender(sender_of(arrival, reading.mail if reading else None), reason, now, actor)
            return part.id

    def keep(self, item_id: int, reason: str, actor: str) -> int:
        """Take an item off the queue for good: a new referral, or another paper of the clinic's own. As `discard`."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            part = waiting_part(tx, item_id, actor, now)
            tx.keep_part(part, reason, now, actor)
            return part.id


def waiting_part(tx: Transaction, item_id: int, actor: str, at: datetime) -> Part:
    """The part of an item that waits for a person, and that nobody else has open. Raises NotFound, StaleRow."""
    refuse_if_held(tx, item_id, actor, at)
    item = tx.queue_item(item_id)
    part = item.part or tx.part_for_unreadable(item.arrival.id, at)
    if part.state is PartState.ARRANGING:
        raise StaleRow(f"the pages of item {item.id} are being read in another arrangement: wait until that is done")
    if part.state is not PartState.REVIEW:
        by = f" by {part.settled_by}" if part.settled_by else ""
        raise StaleRow(f"queue item {item.id} is already {part.state.value}{by}: reload the queue")
    return part


def refuse_if_held(tx: Transaction, item_id: int, actor: str, at: datetime) -> None:
    """Raises StaleRow if another person has the item open."""
    holder = tx.mark(item_id).holder(at)
    if holder and holder != actor:
        raise StaleRow(f"{holder} has item {item_id} open: take another, or ask {holder} to close it")


def _refuse_two_patients(meant: list[Referral]) -> None:
    """One document of two patients must not lie in both their charts. Raises NotSaid."""
    for other in meant[1:]:
        if not is_same_patient(meant[0].intake.patient, other.intake.patient):
            raise NotSaid(
                f"{format_number(meant[0].number)} and {format_number(other.number)} are of different patients: split "
                "the document, and file each patient's pages by themselves"
            )


def _note_correction(tx: Transaction, part: Part, told: list[str], at: datetime, actor: str) -> None:
    if told:
        detail: dict[str, str | int | float | bool | list[str] | None] = {"corrected": told}
        tx.append(
            Event(EventKind.PART_CORRECTED, at, actor, arrival_id=part.arrival_id, part_id=part.id, detail=detail)
        )


def _meant(tx: Transaction, referrals: list[int], answered: list[Transmission]) -> list[Transmission]:
    """The mail that a report filed by a person is about: as it says itself, else the newest that is under way."""
    named = [row for row in answered if row.referral_id in referrals]
    mailed = [row for id_ in referrals for row in tx.transmissions_of(id_) if row.channel is Channel.EMAIL]
    return named or [row for row in reversed(mailed) if row.state is TransmissionState.ACCEPTED]
