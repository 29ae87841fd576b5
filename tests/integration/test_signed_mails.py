"""Signed mails through the real reading process, with keys from a real name server, to where they are filed."""

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from config.vocabulary import Channel
from gateway.domain.arrival import Envelope, PartState
from gateway.key_records import KeyRecords
from gateway.services.match_part import KEPT
from gateway.testing import memory_store
from gateway.worker_process import WorkerLimits
from gateway.workers import WorkerPool
from parsers.reading import Reading
from tests.builders import NOON
from tests.rigs.name_server import NameServer, a_name_server
from tests.rigs.reading_desk import OPTIONS, REPLY_TO, ReadingDesk
from tests.rigs.signed_mail import Signer, a_mail

HARBOR = Signer()


@pytest.fixture
def names() -> Generator[NameServer, None, None]:
    with a_name_server() as server:
        server.records[HARBOR.key_name] = HARBOR.record
        yield server


async def read(mail: bytes, names: NameServer, folder: Path, patience_s: float = 2.0) -> Reading:
    (folder / "mail").write_bytes(mail)
    ask = KeyRecords((names.address,), patience_s).ask

    def nothing_to_build(_: object) -> str:
        raise AssertionError

    pool = WorkerPool(replace(OPTIONS), nothing_to_build, WorkerLimits(processes=1, seconds=30), ask)
    async with pool:
        return await pool.read(folder / "mail", Envelope("m", Channel.EMAIL), NOON)


async def filed(mail: bytes, names: NameServer, folder: Path) -> tuple[PartState, str, str]:
    """State, reason and evidence of the mail's part on a desk that mailed the referral to this office."""
    reading = await read(mail, names, folder)
    store = memory_store()
    try:
        [part] = ReadingDesk.with_a_mail_sent(store).take_reading(reading, Channel.EMAIL)
        with store.transaction() as tx:
            return part.state, part.reason, tx.evidence_of(part.id)
    finally:
        store.close()


def answer() -> bytes:
    return HARBOR.sign(a_mail(to=REPLY_TO))


async def test_a_signed_answer_is_filed_and_its_signature_speaks_for_it(names: NameServer, tmp_path: Path) -> None:
    state, _, evidence = await filed(answer(), names, tmp_path)
    assert state is PartState.FILED
    assert names.asked == [HARBOR.key_name]
    assert "this office's mail domain signed it (harbor.example)" in KEPT.validate_json(evidence).findings


async def test_an_answer_changed_on_the_way_waits_for_a_person(names: NameServer, tmp_path: Path) -> None:
    state, reason, _ = await filed(answer().replace(b"3/12/2026", b"3/13/2026"), names, tmp_path)
    assert state is PartState.REVIEW
    assert "dkim=fail" in reason


async def test_a_name_server_that_fails_changes_nothing(names: NameServer, tmp_path: Path) -> None:
    names.failing.add(HARBOR.key_name)
    state, _, evidence = await filed(answer(), names, tmp_path)
    assert state is PartState.FILED
    assert "signed it" not in evidence


async def test_a_name_server_that_keeps_silent_costs_a_moment_and_changes_nothing(
    names: NameServer, tmp_path: Path
) -> None:
    names.silent.add(HARBOR.key_name)
    started = time.monotonic()
    reading = await read(answer(), names, tmp_path, patience_s=0.6)
    assert time.monotonic() - started < 20
    assert reading.mail is not None
    assert reading.mail.signatures[0].result.value == "unchecked"


async def test_a_key_that_does_not_exist_is_a_doubt(names: NameServer, tmp_path: Path) -> None:
    names.records.clear()
    reading = await read(answer(), names, tmp_path)
    assert "does not exist" in "; ".join(reading.documents[0].doubts)


async def test_keys_are_remembered(names: NameServer) -> None:
    records = KeyRecords((names.address,))
    for _ in range(3):
        assert await records.ask([HARBOR.key_name]) == {HARBOR.key_name: HARBOR.record}
    assert names.asked == [HARBOR.key_name]
