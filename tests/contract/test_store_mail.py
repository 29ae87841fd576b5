"""Every store keeps grants of mailboxes and certificates of addresses alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.certificate import Certificate
from gateway.domain.event import Event, EventKind
from gateway.errors import NotFound
from gateway.services.grant_questions import SealedGrant
from gateway.storage.store import SqlStore
from tests.builders import NOON

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def test_a_grant_is_replaced_only_by_whoever_saw_it_last(store: SqlStore) -> None:
    first = SealedGrant("direct", "sealed1:one", NOON)
    second, third = replace(first, sealed="sealed1:two"), replace(first, sealed="sealed1:three", trouble="it is shut")
    with store.transaction() as tx:
        assert tx.grant("direct") is None
        assert not tx.keep_grant(first, "sealed1:never")
        assert tx.keep_grant(first)
        assert tx.keep_grant(second, "sealed1:one")
        assert not tx.keep_grant(third, "sealed1:one")
        assert tx.grant("direct") == second
        assert tx.keep_grant(third)
    with store.transaction() as tx:
        assert tx.grant("direct") == third
        assert tx.grant("main") is None
        assert tx.forget_grant("direct")
        assert not tx.forget_grant("direct")


def test_a_certificate_is_found_by_its_address_however_that_is_written(store: SqlStore) -> None:
    kept = Certificate("desk@office.example", PEM, NOON + timedelta(days=20), "Lena", NOON)
    newer = replace(kept, not_after=NOON + timedelta(days=400))
    with store.transaction() as tx:
        tx.save_certificate(kept, Event(EventKind.CERTIFICATE_SAVED, NOON, "Lena"))
        tx.save_certificate(newer, Event(EventKind.CERTIFICATE_SAVED, NOON, "Lena"))
    with store.transaction() as tx:
        assert tx.certificate_of("Desk@Office.example") == newer
        assert tx.certificate_of("other@office.example") is None
        assert tx.certificates() == [newer]
        tx.remove_certificate("desk@office.example", Event(EventKind.CERTIFICATE_REMOVED, NOON, "Lena"))
        assert tx.certificates() == []
    with pytest.raises(NotFound), store.transaction() as tx:
        tx.remove_certificate("desk@office.example", Event(EventKind.CERTIFICATE_REMOVED, NOON, "Lena"))
    assert list(store.verify_chain()) == []
