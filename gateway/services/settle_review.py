"""A person settles what the machine would not: files a queued part, or takes it off with a reason."""

from dataclasses import dataclass

from config.vocabulary import Channel
from gateway.domain.arrival import Part, PartState
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.errors import StaleRow
from gateway.services.change_referral import find
from gateway.services.match_part import KEPT, KeptEvidence, MatchPart
from gateway.services.ports import Clock, QueueItem, Store, Transaction
from gateway.services.rules import Rules
from gateway.services.take_answer import take_answer


@dataclass(slots=True)
class SettleReview:
    """Settles queue items; the second of two people gets a clear refusal."""

    store: Store
    clock: Clock
    rules: Rules
    matcher: MatchPart

    def assign(self, item_id: int, numbers: list[str], actor: str) -> None:
        """File a queue item on the referrals with these printed numbers, and move them as its answer says.

        Raises:
            NotFound: no such item or number.
            StaleRow: someone else settled it first.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            part = self._waiting_part(tx, tx.queue_item(item_id))
            referrals = [find(tx, number).id for number in numbers]
            arrival = tx.arrival(part.arrival_id)
            reading = tx.reading_of(arrival.id)
            if reading is None or part.index >= len(reading.documents):
                tx.file_part(part, referrals, "{}", now, actor)
                return
            evidence, answered = self.matcher.claims(tx, arrival, reading, part.index)
            kept = KeptEvidence(evidence, (f"filed by {actor}",), (), 1.0, actor)
            tx.file_part(part, referrals, KEPT.dump_json(kept).decode(), now, actor)
            for referral_id in referrals:
                take_answer(tx, self.rules, referral_id, evidence, now, actor=actor)
            self.matcher.note_report(tx, reading, evidence, _meant(tx, referrals, answered))

    def discard(self, item_id: int, reason: str, actor: str) -> None:
        """Take an item off the queue; its bytes stay until the retention policy ends.

        Raises:
            NotFound: no such item.
            StaleRow: someone else settled it first.
        """
        with self.store.transaction() as tx:
            part = self._waiting_part(tx, tx.queue_item(item_id))
            tx.discard_part(part, reason, self.clock.now(), actor)

    def _waiting_part(self, tx: Transaction, item: QueueItem) -> Part:
        part = item.part or tx.part_for_unreadable(item.arrival.id, self.clock.now())
        if part.state is not PartState.REVIEW:
            raise StaleRow(f"queue item {item.id} is already {part.state.value}: reload the queue")
        return part


def _meant(tx: Transaction, referrals: list[int], answered: list[Transmission]) -> list[Transmission]:
    """The mail that a report filed by a person is about: as it says itself, else the newest that is under way."""
    named = [row for row in answered if row.referral_id in referrals]
    mailed = [row for id_ in referrals for row in tx.transmissions_of(id_) if row.channel is Channel.EMAIL]
    return named or [row for row in reversed(mailed) if row.state is TransmissionState.ACCEPTED]
