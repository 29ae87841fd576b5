"""Bytes that no row names: found on a real folder beside a real database, and only when nobody can be writing them."""

import os
from collections.abc import Generator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.policy_file import load_policy
from config.vocabulary import Channel
from gateway.domain.calendar import Calendar
from gateway.domain.referral import Attachment
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.services.purge import Purge
from gateway.services.rules import Rules
from gateway.storage.store import SqlStore
from gateway.storage.vault import FileVault
from gateway.testing import FixedClock, memory_store
from tests.builders import NOON, an_envelope, an_intake
from tests.contract.stores import opened, with_recipient

DAY = timedelta(days=1)


@pytest.fixture
def store() -> Generator[SqlStore]:
    store = memory_store()
    yield store
    store.close()


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return FileVault(tmp_path / "vault")


def a_purge(store: SqlStore, vault: FileVault, clock: FixedClock) -> Purge:
    rules = Rules(load_policy(), Calendar("America/New_York"), ZoneInfo("America/New_York"))
    return Purge(store, vault, clock, rules)


def put_long_ago(vault: FileVault, data: bytes) -> str:
    sha256 = vault.put(data)
    date_it(vault, sha256, NOON - 31 * DAY)
    return sha256


def date_it(vault: FileVault, sha256: str, at: datetime) -> None:
    os.utime(vault.path(sha256), (at.timestamp(), at.timestamp()))


def test_bytes_of_an_arrival_a_packet_and_an_enclosure_stay_and_strays_go(store: SqlStore, vault: FileVault) -> None:
    arrived, packed, enclosed, stray = (put_long_ago(vault, name) for name in (b"fax", b"packet", b"ecg", b"stray"))
    intake = an_intake(recipient_id=with_recipient(store), attachments=(Attachment(enclosed, "e.pdf", "x/y"),))
    with store.transaction() as tx:
        tx.add_arrival(an_envelope(), arrived, 3, NOON)
        row = tx.intend_transmission(
            referral_id=opened(tx, intake=intake).id,
            purpose=Purpose.REQUEST,
            channel=Channel.FAX,
            destination="+15085550101",
            key="one",
            requested_by="system",
            at=NOON,
        )
        tx.save_transmission(replace(row, packet_sha256=packed), TransmissionState.INTENDED, None)
    a_purge(store, vault, FixedClock(NOON)).purge()
    assert all(sha256 in vault for sha256 in (arrived, packed, enclosed))
    assert stray not in vault


def test_strays_stay_for_as_long_as_what_a_person_discards(store: SqlStore, vault: FileVault) -> None:
    clock = FixedClock(NOON)
    purge, stray = a_purge(store, vault, clock), put_long_ago(vault, b"stray")
    with store.transaction() as tx:
        tx.add_arrival(an_envelope(), put_long_ago(vault, b"fax"), 3, NOON)
    date_it(vault, stray, NOON - 30 * DAY + timedelta(hours=1))
    purge.purge()
    assert stray in vault
    clock.advance(DAY)
    purge.purge()
    assert stray not in vault


def test_another_database_beside_the_documents_removes_none_of_them(store: SqlStore, vault: FileVault) -> None:
    kept = [put_long_ago(vault, bytes([n])) for n in range(9)]
    with store.transaction() as tx:
        tx.add_arrival(an_envelope(), kept[0], 1, NOON)
    a_purge(store, vault, FixedClock(NOON)).purge()
    assert all(sha256 in vault for sha256 in kept)


def test_bytes_put_again_meanwhile_are_not_removed(vault: FileVault) -> None:
    stray = put_long_ago(vault, b"stray")
    assert list(vault.written_before(NOON - DAY)) == [stray]
    date_it(vault, stray, NOON)
    vault.remove(stray, written_before=NOON - DAY)
    assert stray in vault
