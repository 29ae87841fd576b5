"""The tables a fresh database gets are those the code asks for, and a stranger's database is left alone."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from gateway.errors import StorageFailed
from gateway.services.board_questions import BoardFilter, Sort
from gateway.storage import words
from gateway.storage.engine import connect
from gateway.storage.schema import upgrade
from gateway.storage.store import SqlStore
from gateway.storage.tables import metadata
from gateway.storage.values import INTAKE, RECIPIENT
from tests.builders import NOON, a_patient, a_recipient, an_intake
from tests.contract.stores import NUMBERS, new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database's."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'rows.sqlite'}"
    return new_database(request.getfixturevalue("postgresql"))


@contextmanager
def beside_the_store(url: str) -> Generator[Connection, None, None]:
    engine = connect(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def is_declared(name: str | None, kind: str, _: object) -> bool:
    """The index of words is another kind of table on each database; searching tests it."""
    return kind != "table" or not (name or "").startswith(words.TABLE)


def test_migrations_lead_to_the_declared_tables(url: str) -> None:
    SqlStore.open(url).close()
    with beside_the_store(url) as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_declared})
        assert compare_metadata(context, metadata) == []


def test_two_that_start_at_once_on_an_empty_database_both_find_it_ready(url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        for store in pool.map(SqlStore.open, [url, url]):
            with store.transaction() as tx:
                assert tx.last_seq() == 0
            store.close()


def test_a_filled_database_of_the_first_schema_keeps_every_row_and_takes_new_ones(url: str) -> None:
    engine = connect(url)
    upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrivals (id, source_id, sha256, size_bytes, envelope, received_at, state, attempts,"
                " media_type, pages, error) VALUES (1, 's', 'x', 1, '{}', '2026-03-02 12:00:00', 'read', 1, '', 1, '')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO parts (id, arrival_id, place, pages, kind, state, reason, settled_by, evidence)"
                " VALUES (1, 1, 0, '[0]', 'consult_note', 'review', 'why', '', '{}')"
            )
        )
    engine.dispose()
    store = SqlStore.open(url)
    with store.transaction() as tx:
        old = tx.part(1)
        assert (old.reason, old.like_part) == ("why", None)
        assert tx.queue_part(old, "still waiting", (), "{}", NOON).reason == "still waiting"
        tx.keep_fingerprint(tx.part(1), '{"form": "x"}', None, "", NOON)
    store.close()


def test_a_database_from_a_newer_version_is_refused_with_what_to_do(url: str) -> None:
    SqlStore.open(url).close()
    with beside_the_store(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageFailed, match=r"9999.*install the newer version"):
        SqlStore.open(url)


def test_a_referral_older_than_the_board_is_found_on_it(url: str) -> None:
    engine = connect(url)
    upgrade(engine, "0004")
    old = {
        "intake": INTAKE.dump_json(an_intake(patient=a_patient(family="García"), urgency="urgent")).decode(),
        "recipient": RECIPIENT.dump_json(a_recipient()).decode(),
    }
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO recipients (id, name_key, organization_key, fax, email, value)"
                " VALUES (1, 'q', '', '', '', :recipient)"
            ),
            {"recipient": old["recipient"]},
        )
        for id_, status in ((1, "sent"), (2, "closed")):
            connection.execute(
                text(
                    "INSERT INTO referrals (id, number, origin, external_id, recipient_id, intake, status,"
                    " status_since, created_at, version, rung, due_at, requests_sent)"
                    " VALUES (:id, :number, 'cli', :external, 1, :intake, :status,"
                    " '2026-03-02 12:00:00', '2026-03-02 12:00:00', 1, 0, '2026-03-01 12:00:00', 1)"
                ),
                {
                    "id": id_,
                    "number": NUMBERS[id_],
                    "external": NUMBERS[id_],
                    "intake": old["intake"],
                    "status": status,
                },
            )
    engine.dispose()
    store = SqlStore.open(url)
    with store.reading() as tx:
        wanted = BoardFilter(urgencies=frozenset({"urgent"}), is_late=True, searched="garcia")
        (found,) = tx.board_page(wanted, Sort.ATTENTION, NOON, offset=0, limit=9)
        assert (found.number, found.owner) == (NUMBERS[1], "")
        assert tx.served().specialties == ("cardiology",)
    store.close()
