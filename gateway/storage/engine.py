"""Connections: the one place that knows which database it is.

SQLite runs in WAL with synchronous=FULL (NORMAL loses committed rows with the power), and every transaction
begins IMMEDIATE, so that two writers wait instead of failing halfway. PostgreSQL takes one lock a transaction to
the same end: events form one chain, which has one end to append to.
"""

import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_TIMEOUT_MS = 30_000
_CHAIN_LOCK = 0x5265_6665_7262  # any number that nobody else in the database locks
_ONLY_READS = "referloop_only_reads"


def connect(url: str) -> Engine:
    """An engine on which `begin` means what the store needs; nothing is opened yet but a private file.

    Its errors name no parameters: they are patients' names.
    """
    where = make_url(url)
    if where.get_backend_name() == "postgresql":
        engine = create_engine(where, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "begin", _begin_on_postgresql)
        return engine
    if is_in_memory(where.database):
        engine = create_engine(
            where, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        _make_private(Path(str(where.database)))
        engine = create_engine(where, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def is_in_memory(database: str | None) -> bool:
    """Whether SQLite keeps it in memory: then all threads share one connection."""
    return database in (None, "", ":memory:")


def reading(engine: Engine) -> Connection:
    """A connection that sees one moment of the database and keeps no writer waiting."""
    connection = engine.connect().execution_options(**{_ONLY_READS: True})
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _make_private(path: Path) -> None:
    """Patients' data: SQLite gives its WAL and shared memory the rights of the database file."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.close(handle)


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """The driver must not open transactions by itself; `_begin_on_sqlite` does."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    _write_ahead(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Switch a new database to WAL. For this one change SQLite does not wait for a lock, whatever its timeout."""
    patience = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_on_sqlite(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get(_ONLY_READS, False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _begin_on_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get(_ONLY_READS, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK})")
