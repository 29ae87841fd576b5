"""Accounts, stays and the audit log keep what they are given, on every database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.audit import AuditEntry, AuditKind
from gateway.domain.person import Person, Role
from gateway.domain.session import Session
from gateway.errors import NotFound
from gateway.services.access.ports import AuditQuestion, Failures
from gateway.storage.store import SqlStore
from tests.builders import NOON

MARIA = Person(0, "María O'Neill", Role.MANAGER, "$argon2id$…", NOON)


def test_an_account_is_found_by_its_name_however_typed_and_keeps_its_changes(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert not tx.has_people()
        added = tx.add_person(MARIA)
        changed = replace(added, role=Role.STAFF, totp_secret="ABC", totp_used_step=59_000_000, is_disabled=True)
        tx.save_person(changed)
    with store.transaction() as tx:
        assert tx.has_people()
        assert tx.person_named("  maría   o'neill") == tx.person(added.id) == changed
        assert tx.people() == [changed]
        assert tx.person_named("Mario") is None
        with pytest.raises(NotFound):
            tx.person(99)


def test_a_recovery_code_is_spent_once_and_only_by_its_owner(store: SqlStore) -> None:
    with store.transaction() as tx:
        one, two = tx.add_person(MARIA), tx.add_person(replace(MARIA, name="Jo"))
        tx.keep_recovery_codes(one.id, ["a" * 64, "b" * 64])
        assert not tx.spend_recovery_code(two.id, "a" * 64)
        assert [tx.spend_recovery_code(one.id, "a" * 64) for _ in range(2)] == [True, False]
        assert tx.recovery_codes_left(one.id) == 1
        tx.keep_recovery_codes(one.id, [])
        assert tx.recovery_codes_left(one.id) == 0


def test_stays_are_seen_ended_and_forgotten(store: SqlStore) -> None:
    later = NOON + timedelta(hours=1)
    with store.transaction() as tx:
        person = tx.add_person(MARIA)
        stays = [Session(f"{n}" * 64, person.id, NOON + n * timedelta(days=1), NOON, True) for n in range(3)]
        for stay in stays:
            tx.start_session(stay)
        tx.touch_session(stays[1].token_hash, later)
        tx.end_sessions(person.id, later, but=stays[1].token_hash)
        assert tx.session(stays[0].token_hash) == replace(stays[0], ended_at=later)
        assert tx.session(stays[1].token_hash) == replace(stays[1], seen_at=later)
        tx.end_session(stays[1].token_hash, later)
        tx.forget_sessions(NOON + timedelta(days=1))
        assert tx.session(stays[0].token_hash) is None
        assert tx.session(stays[1].token_hash) == replace(stays[1], seen_at=later, ended_at=later)


def test_failures_and_drafts_are_kept_and_dropped(store: SqlStore) -> None:
    typed = (("note", "zwei Zeilen\n& <b>"), ("note", "again"))
    with store.transaction() as tx:
        person = tx.add_person(MARIA)
        tx.keep_failures("x" * 64, Failures(3, NOON))
        tx.keep_failures("x" * 64, Failures(4, NOON))
        assert tx.failures("x" * 64) == Failures(4, NOON)
        tx.keep_failures("x" * 64, Failures())
        assert tx.failures("x" * 64) == Failures()
        tx.keep_draft(person.id, "/queue/1", typed, NOON)
        tx.keep_draft(person.id, "/queue/2", typed, NOON + timedelta(days=1))
        assert [(draft.path, draft.fields) for draft in tx.drafts_of(person.id)] == [
            ("/queue/1", typed),
            ("/queue/2", typed),
        ]
        tx.forget_drafts(NOON + timedelta(days=1))
        left = tx.drafts_of(person.id)
        assert [draft.path for draft in left] == ["/queue/2"]
        tx.drop_draft(left[0].id)
        assert tx.drafts_of(person.id) == []


def test_the_audit_log_keeps_what_strangers_write_and_its_chain_holds(store: SqlStore) -> None:
    odd = AuditEntry(AuditKind.VIEWED, NOON, "nul\0 \udcff", "::1", "/x", "4K7M-92XQ", -3, 200, "…")
    with store.transaction() as tx:
        for _ in range(3):
            tx.record(odd)
        newest = tx.audit(AuditQuestion(limit=2))
        assert [chained.seq for chained in newest] == [3, 2]
        assert newest[0].entry == replace(odd, actor="nul\N{REPLACEMENT CHARACTER} \\udcff")
        assert newest[0].previous_hash == newest[1].hash
    assert list(store.verify_chain()) == []
