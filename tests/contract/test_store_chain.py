"""The chain of events shows what was done to it, on every database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from gateway.domain.event import GENESIS, Event, EventKind, chain_hash
from gateway.errors import StaleRow
from gateway.storage.store import SqlStore
from tests.builders import NOON
from tests.contract.stores import new_database

DETAIL: dict[str, str | int | float | bool | list[str] | None] = {
    "to": "sent",
    "pages": 3,
    "weight": 0.1,
    "is": True,
    "ids": ["1", "2"],
    "none": None,
    "odd": "é\0\udce9",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'rows.sqlite'}"
    return new_database(request.getfixturevalue("postgresql"), "migrated")


@pytest.fixture
def chained(url: str) -> Iterator[SqlStore]:
    """Nine events in three transactions."""
    store = SqlStore.open(url)
    for ordinal in range(3):
        with store.transaction() as tx:
            for _ in range(3):
                tx.append(Event(EventKind.PURGED, NOON + timedelta(minutes=ordinal), "Lena", detail=DETAIL))
    yield store
    store.close()


def tamper(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_events_come_back_in_order_without_gaps_and_as_they_were(chained: SqlStore) -> None:
    with chained.transaction() as tx:
        events = tx.events()
        assert [e.seq for e in events] == list(range(1, 10))
        assert events[0].previous_hash == GENESIS
        assert all(e.event.detail == DETAIL for e in events)
        assert [e.seq for e in tx.events(after_seq=7)] == [8, 9]
        assert len(tx.events(limit=2)) == 2
    assert list(chained.verify_chain()) == []


def test_a_rolled_back_event_leaves_no_gap(chained: SqlStore) -> None:
    def append_and_fail() -> None:
        with chained.transaction() as tx:
            tx.append(Event(EventKind.PURGED, NOON))
            raise StaleRow("on purpose")

    with pytest.raises(StaleRow):
        append_and_fail()
    with chained.transaction() as tx:
        tx.append(Event(EventKind.PURGED, NOON))
        assert [e.seq for e in tx.events(after_seq=9)] == [10]
    assert list(chained.verify_chain()) == []


def test_times_of_any_zone_and_odd_names_keep_the_chain_whole(chained: SqlStore) -> None:
    east = datetime(2026, 3, 8, 1, 30, 0, 7, tzinfo=ZoneInfo("America/New_York"))
    with chained.transaction() as tx:
        tx.append(Event(EventKind.PURGED, east, "R\0ené \udce9"))
    assert list(chained.verify_chain()) == []
    with pytest.raises(ValueError, match="naive"), chained.transaction() as tx:
        tx.append(Event(EventKind.PURGED, datetime(2026, 3, 8)))  # noqa: DTZ001


TAMPERED = {
    "a changed event": (("UPDATE events SET actor = 'Mallory' WHERE seq = 4",), "event 4 was changed"),
    "a changed time": (("UPDATE events SET at = '2026-03-02 13:00:00.000000' WHERE seq = 5",), "event 5 was changed"),
    "a changed detail": (("UPDATE events SET detail = NULL WHERE seq = 5",), "event 5 was changed"),
    "a broken detail": (("UPDATE events SET detail = '{' WHERE seq = 5",), "event 5 was changed"),
    "an unknown kind": (("UPDATE events SET kind = 'nothing' WHERE seq = 5",), "event 5 was changed"),
    "a missing event": (("DELETE FROM events WHERE seq = 4",), "event 4 is missing"),
    "missing events": (("DELETE FROM events WHERE seq IN (4, 5)",), "events 4 to 5 are missing"),
    "a missing first event": (("DELETE FROM events WHERE seq = 1",), "event 1 is missing"),
    "events in another order": (
        (
            "UPDATE events SET seq = 100 WHERE seq = 4",
            "UPDATE events SET seq = 4 WHERE seq = 5",
            "UPDATE events SET seq = 5 WHERE seq = 100",
        ),
        "event 4 does not follow event 3",
    ),
    "a cut tail": (("DELETE FROM events WHERE seq > 7",), "the chain ends at event 7, but event 9 was written"),
    "no events at all": (("DELETE FROM events",), "the chain ends at event 0, but event 9 was written"),
    "a lost head": (("DELETE FROM event_head",), "event 9 is the last cannot be told"),
    "a head set back": (("UPDATE event_head SET seq = 8",), "events up to 9 follow it"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_chain_names(what: str, url: str, chained: SqlStore) -> None:
    statements, said = TAMPERED[what]
    tamper(url, *statements)
    assert said in "\n".join(chained.verify_chain())


def test_a_last_event_that_was_changed_with_its_hash_is_found(url: str, chained: SqlStore) -> None:
    with chained.transaction() as tx:
        last = tx.events(after_seq=8)[0]
    forged = Event(EventKind.PURGED, last.event.at, "Mallory", detail=last.event.detail)
    digest = chain_hash(9, forged, last.previous_hash)
    tamper(url, f"UPDATE events SET actor = 'Mallory', hash = '{digest}' WHERE seq = 9")  # noqa: S608
    assert list(chained.verify_chain()) == ["event 9, the last one, was changed after it was written"]
