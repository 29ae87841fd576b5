"""The plug is pulled twenty times while the story is told: it ends as if nobody had touched it."""

import asyncio
import random
import time
from datetime import timedelta
from pathlib import Path

import pytest

from config.load import load_settings
from config.vocabulary import Channel
from gateway.demo.ledger import read_ledger
from gateway.demo.story import Stage, is_over, open_story, staged
from gateway.demo.tally import Tally, take_tally
from gateway.desk import Desk, open_desk
from gateway.domain.task import TaskKind
from gateway.services.purge import Purge
from gateway.testing import FixedClock
from tests.rigs.pulled_plug import Plug
from tests.rigs.told_story import ending, faxes_landed, lost, mails_delivered, packets_landed, unplaced, unreferenced
from tests.scenarios.conftest import Told, referloop

pytestmark = pytest.mark.slow

PULLS = 20
LONGEST_S = 400.0


def be_patient(stage: Stage) -> None:
    """More time for the offices that do answer: pulls must not make the clinic ask them again."""
    policy = stage.config.parent / "policy.toml"
    head, urgent, rest = policy.read_text(encoding="utf-8").partition("[tiers.urgent]")
    policy.write_text(head + urgent + rest.replace(" minutes", "0 minutes"), encoding="utf-8")


def ask_the_office(stage: Stage, desk: Desk) -> None:
    """What staff do about a mail nobody can be sure of: ask whether it came, and send it again if it did not."""
    arrived = mails_delivered(stage)
    with desk.store.transaction() as tx:
        asked = [tx.referral(task.referral_id) for task in tx.tasks() if task.kind is TaskKind.UNCERTAIN_TRANSMISSION]
        mailed = {r.id: {t.carrier_reference for t in tx.transmissions_of(r.id)} for r in asked}
    for referral in asked:
        if not mailed[referral.id] & arrived.keys():
            desk.change.send(referral.number, "staff", Channel.EMAIL)
        with desk.store.transaction() as tx:
            tx.close_tasks(referral.id, [TaskKind.UNCERTAIN_TRANSMISSION], desk.clock.now(), "staff")


async def told_while(stage: Stage, plug: Plug) -> Tally:
    """The story to its end, and at least to the last pull."""
    settings = load_settings(stage.config)
    started_at = time.monotonic()
    with open_desk(settings) as desk:
        open_story(stage, settings.inbox.drop_dir)
        trouble = asyncio.ensure_future(plug.pull(PULLS))
        try:
            while plug.pulls < PULLS or not await asyncio.to_thread(is_over, stage, desk):
                if trouble.done():
                    await trouble
                assert time.monotonic() - started_at < LONGEST_S, "the story does not end"
                await asyncio.to_thread(ask_the_office, stage, desk)
                await asyncio.sleep(0.5)
            return await asyncio.to_thread(take_tally, desk.store, read_ledger(stage.ledger))
        finally:
            trouble.cancel()
            await asyncio.gather(trouble, return_exceptions=True)


async def test_twenty_pulls_change_nothing_lose_nothing_and_send_nothing_twice(
    undisturbed: Told, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    async with staged(tmp_path / "killed") as stage:
        be_patient(stage)
        plug = Plug(stage, random.Random(seed))
        tally = await told_while(stage, plug)
    print(f"seed {seed}; interrupted {dict(plug.interrupted)}; uncertain {tally.uncertain}")

    assert ending(stage) == ending(undisturbed.stage)
    assert unplaced(stage) == unplaced(undisturbed.stage)
    same = "referrals", "confirmed", "reports", "closed", "escalated", "review", "misfiled"
    assert {name: getattr(tally, name) for name in same} == {name: undisturbed.printed[name] for name in same}

    with open_desk(load_settings(stage.config)) as desk:
        much_later = FixedClock(desk.clock.now() + desk.rules.discarded_for + timedelta(days=1))
        Purge(desk.store, desk.vault, much_later, desk.rules).purge()
    assert unreferenced(stage) == set()
    assert lost(stage) == set()
    done = referloop("doctor", "--verify", "--config", str(stage.config))
    assert (done.returncode, done.stdout.strip()[:8]) == (0, "all well")

    assert packets_landed(stage) == packets_landed(undisturbed.stage)
    assert set(faxes_landed(stage).values()) == {1}
    assert set(mails_delivered(stage).values()) == {1}
    assert plug.left_alive() == []
