"""A clinic of three thousand open referrals, and what comes in the post: none is filed where it does not belong."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import repeat

import pytest

from config.reference import mint_number
from gateway.domain.event import Event, EventKind
from gateway.domain.matching.decide import File, Thresholds, decide
from gateway.domain.referral import Status
from gateway.storage.store import SqlStore
from gateway.testing import memory_store
from tests.rigs.clinic_population import SENT, Opened, Paper, Population, offices

pytestmark = pytest.mark.slow

PEOPLE, PAPERS = 3100, 700


@pytest.fixture(name="store")
def a_store_with_the_offices() -> Generator[SqlStore, None, None]:
    store = memory_store()
    with store.transaction() as tx:
        for office in offices():
            tx.save_recipient(office, Event(EventKind.RECIPIENT_SAVED, SENT))
    yield store
    store.close()


@dataclass(slots=True)
class Outcome:
    """What became of the papers, and those that were filed where they do not belong."""

    counts: Counter[str]
    wrong: list[tuple[Paper, File]]
    reasons: Counter[str]


def settled(store: SqlStore, papers: list[Paper]) -> Outcome:
    outcome = Outcome(Counter(), [], Counter())
    with store.transaction() as tx:
        offices_by_id = {office.id: office for office in tx.recipients()}
        for paper in papers:
            found = [(r, offices_by_id[r.intake.recipient_id]) for r in tx.candidates_for(paper.evidence)]
            decision = decide(paper.evidence, found, Thresholds())
            what = "answer" if paper.may_be_filed_on else "not ours"
            is_filed = isinstance(decision, File)
            outcome.counts[f"{what}, {'filed' if is_filed else 'held'}"] += 1
            if not isinstance(decision, File):
                outcome.reasons[f"{what}: {decision.reason.partition(';')[0]}"] += 1
            elif not {ranked.referral.number for ranked in decision.referrals} <= paper.may_be_filed_on:
                outcome.wrong.append((paper, decision))
    return outcome


def open_all(store: SqlStore, opened: list[Opened]) -> None:
    with store.transaction() as tx:
        for one in opened:
            referral = tx.add_referral(one.intake, one.number, SENT, "system")
            sent = replace(referral, status=Status.DELIVERED, sent_at=SENT)
            tx.save_referral(sent, Event(EventKind.REFERRAL_MOVED, SENT, referral_id=referral.id))


@pytest.mark.parametrize("seed", [190331, 704221])
def test_no_paper_is_filed_on_a_referral_that_it_does_not_answer(store: SqlStore, seed: int) -> None:
    population = Population(seed, PEOPLE)
    opened = population.referrals(mint_number() for _ in repeat(None))
    assert len(opened) > 2900
    open_all(store, opened)
    outcome = settled(store, list(population.papers(opened, PAPERS)))
    assert outcome.wrong == []
    answers = outcome.counts["answer, filed"] + outcome.counts["answer, held"]
    rate = outcome.counts["answer, filed"] / answers
    print(f"seed {seed}: {len(opened)} referrals, {dict(outcome.counts)}, automatic {rate:.1%}")
    print(*outcome.reasons.most_common(14), sep="\n")
    assert rate > 0.5
