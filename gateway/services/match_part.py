"""Matching each read part: filed where the evidence is sure, queued with its candidates where it is not.

Filing, the referral's move, its tasks and their events are one commit.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from config.reference import PageCode, decode_page
from config.vocabulary import DocumentKind
from gateway.domain.answers import consequences
from gateway.domain.arrival import Arrival, Candidate, Part
from gateway.domain.evidence import Evidence
from gateway.domain.matching.decide import Decision, File, Ranked, Review, decide
from gateway.domain.transmission import Transmission
from gateway.errors import NotFound, StaleRow
from gateway.services.claims import answered_keys, evidence_of
from gateway.services.fax_word import faxes_meant, note_fax_word
from gateway.services.filing import take_filed_answer
from gateway.services.mail_receipt import note_receipt
from gateway.services.one_by_one import one_by_one
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.record_delivery import record_bounce
from gateway.services.rules import Rules
from gateway.services.twins import Twin, find_twin
from parsers.reading import Reading

_log = logging.getLogger(__name__)
_LIKELY = 0.2  # a paper that may be a patient's, whoever sent it
_KEPT = 9  # candidates shown to staff: one key each


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """What is kept with every decision: the claims and what was found for and against."""

    evidence: Evidence
    findings: tuple[str, ...]
    against: tuple[str, ...]
    posterior: float
    decided_by: str


KEPT: TypeAdapter[KeptEvidence] = TypeAdapter(KeptEvidence)


@dataclass(slots=True)
class MatchPart:
    """Matches parts that were read; each in a transaction of its own."""

    store: Store
    clock: Clock
    rules: Rules
    code_keys: Sequence[bytes]

    async def match_all(self) -> int:
        """Match what waits; returns how many parts were decided."""
        return await asyncio.to_thread(self._match_waiting)

    def _match_waiting(self) -> int:
        with self.store.transaction() as tx:
            waiting = tx.unmatched_parts()
        return one_by_one(waiting, self._match_one, "parts that could not be matched")

    def _match_one(self, part: Part) -> int:
        try:
            with self.store.transaction() as tx:
                self.match(tx, part)
        except StaleRow:
            _log.info("someone else settled the part", extra={"part_id": part.id})
        return 1

    def match(self, tx: Transaction, part: Part) -> None:
        """Decide one part and commit what follows."""
        arrival = tx.arrival(part.arrival_id)
        reading = tx.reading_of(arrival.id)
        if reading is None:
            raise NotFound(f"arrival {arrival.id} has no reading; have it read again")
        evidence, answered = self.claims(tx, arrival, reading, part.index)
        candidates = [(r, tx.recipient(r.intake.recipient_id)) for r in tx.candidates_for(evidence)]
        decision = decide(evidence, candidates, self.rules.thresholds)
        now = self.clock.now()
        twin = find_twin(tx, part, evidence, reading.documents[part.index].text, now)
        if twin is not None:
            decision = self._again(decision, twin, evidence)
        match decision:
            case File(referrals):
                ids = [ranked.referral.id for ranked in referrals]
                tx.file_part(part, ids, _kept(evidence, referrals[0], "system"), now, "system")
                moved = [] if twin and twin.is_filed else ids
                take_filed_answer(tx, self.rules, part, moved, evidence, at=now, actor="system")
                self.note_report(tx, reading, evidence, answered)
            case Review(ranked, reason):
                tx.queue_part(part, reason, _candidates(part, ranked), _kept(evidence, _first(ranked), "system"), now)
                if not _may_be_ours(ranked) and tx.is_blocked(evidence.sender):
                    tx.discard_part(tx.part(part.id), "its sender is blocked", now, "system")
        _log.info(
            "part matched",
            extra={"action": "match", "part_id": part.id, "decision": type(decision).__name__},
        )

    def requeue(self, tx: Transaction, part: Part, reason: str) -> None:
        """Put an unmatched part before a person with its candidates, however sure they are."""
        arrival, now = tx.arrival(part.arrival_id), self.clock.now()
        reading = tx.reading_of(arrival.id)
        if reading is None or part.index >= len(reading.documents):
            tx.queue_part(part, reason, (), "{}", now)
            return
        evidence, _ = self.claims(tx, arrival, reading, part.index)
        candidates = [(r, tx.recipient(r.intake.recipient_id)) for r in tx.candidates_for(evidence)]
        decision = decide(evidence, candidates, self.rules.thresholds)
        ranked = decision.referrals if isinstance(decision, File) else decision.ranked
        tx.queue_part(part, reason, _candidates(part, ranked), _kept(evidence, _first(ranked), "system"), now)

    def _again(self, decision: Decision, twin: Twin, evidence: Evidence) -> Decision:
        """What is decided of a paper that came before: an answer that was taken is not taken twice unasked."""
        match decision:
            case Review(ranked, reason):
                return Review(ranked, f"{reason}; {twin.sentence()}")
            case File((first, *_)) if twin.is_filed and self._would_change(first, evidence):
                return Review((first,), f"{twin.sentence()}; it would move the referral a second time")
            case File():
                return decision

    def _would_change(self, ranked: Ranked, evidence: Evidence) -> bool:
        rules = self.rules
        result = consequences(ranked.referral, evidence, rules.zone, rules.policy.close_on_report)
        is_booked = result.appointment_at not in (None, ranked.referral.appointment_at)
        return bool(result.moves or result.tasks or is_booked)

    def claims(
        self, tx: Transaction, arrival: Arrival, reading: Reading, index: int
    ) -> tuple[Evidence, list[Transmission]]:
        """The evidence of one part, and the transmissions its mail answers or bounces."""
        answered = [t for key in answered_keys(reading.mail) if (t := tx.transmission_keyed(key))]
        numbers = [tx.referral(t.referral_id).number for t in answered]
        tokens = reading.mail.tokens if reading.mail else ()
        codes = [code for token in tokens if (code := decode_page(token, self.code_keys)) and code.verified]
        answered += [t for code in codes if (t := _sent_with(tx, code)) and t not in answered]
        received_at = arrival.envelope.received_at or arrival.received_at
        if reading.mail and reading.mail.fax_sent and not answered:
            answered = list(faxes_meant(tx, reading.mail.fax_sent, reading.documents[index].numbers, received_at))
            numbers = [tx.referral(t.referral_id).number for t in answered]
        thread = dict.fromkeys([*(code.number for code in codes), *numbers])
        return evidence_of(arrival, reading, reading.documents[index], thread, received_at), answered

    def note_report(
        self, tx: Transaction, reading: Reading, evidence: Evidence, answered: Sequence[Transmission]
    ) -> None:
        """What a filed bounce, or a fax service's word, means for what it is about; a passing delay means nothing."""
        mail = reading.mail
        if mail is None or not answered:
            return
        if mail.fax_sent is not None:
            note_fax_word(tx, self.rules, mail.fax_sent, answered[0], self.clock.now())
            return
        if mail.receipt is not None:
            note_receipt(tx, self.rules, mail.receipt, answered[0], self.clock.now())
            return
        if evidence.kind is not DocumentKind.BOUNCE:
            return
        is_permanent = mail.bounce_is_permanent is not False
        record_bounce(
            tx, self.rules, answered[0], "the mail came back undelivered", self.clock.now(), is_permanent=is_permanent
        )


def _may_be_ours(ranked: Sequence[Ranked]) -> bool:
    """Whether some referral is at all likely: then even a blocked sender's paper is looked at."""
    return any(one.posterior >= _LIKELY for one in ranked)


def _sent_with(tx: Transaction, code: PageCode) -> Transmission | None:
    """The transmission whose reply token this is."""
    referral = tx.referral_numbered(code.number)
    sent = tx.transmissions_of(referral.id) if referral else ()
    return next((t for t in sent if t.ordinal == code.transmission), None)


def _first(ranked: Sequence[Ranked]) -> Ranked | None:
    return ranked[0] if ranked else None


def _kept(evidence: Evidence, best: Ranked | None, decided_by: str) -> str:
    kept = KeptEvidence(
        evidence=evidence,
        findings=best.findings if best else (),
        against=best.against if best else (),
        posterior=best.posterior if best else 0.0,
        decided_by=decided_by,
    )
    return KEPT.dump_json(kept).decode()


def _candidates(part: Part, ranked: Sequence[Ranked]) -> list[Candidate]:
    return [
        Candidate(part.id, r.referral.id, rank, r.posterior, r.findings, r.against)
        for rank, r in enumerate(ranked[:_KEPT], start=1)
    ]
