"""The store: one engine, and transactions that answer in desk words.

SQLite runs in WAL with synchronous=FULL (NORMAL loses committed rows with the power), every transaction
begins IMMEDIATE so that two writers wait instead of failing, and one thread at a time writes.
"""

import contextlib
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.errors import StorageFailed
from gateway.storage.chain import breaks
from gateway.storage.directory import RecipientRows
from gateway.storage.referrals import ReferralRows
from gateway.storage.review import ReviewRows
from gateway.storage.schema import upgrade
from gateway.storage.tasks import TaskRows
from gateway.storage.transmissions import TransmissionRows

_BUSY_TIMEOUT_MS = 30_000


class SqlTransaction(ReferralRows, RecipientRows, TransmissionRows, ReviewRows, TaskRows):
    """One unit of work on one connection; see `gateway.services.ports.Transaction`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class SqlStore:
    """Rows in SQLite or PostgreSQL, by URL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._one_writer = threading.RLock() if engine.dialect.name == "sqlite" else contextlib.nullcontext()

    @classmethod
    def open(cls, url: str) -> "SqlStore":
        """Connect and bring the schema up to date.

        Raises:
            StorageFailed: the database cannot be opened, or is newer than this program.
        """
        engine = _engine(url)
        try:
            upgrade(engine)
        except OperationalError as error:
            raise StorageFailed(
                f"the database {engine.url.render_as_string()} cannot be opened: {error.orig}"
            ) from error
        return cls(engine)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction, None, None]:
        """Begin; commit at the end of the block, roll back if it raises."""
        with self._one_writer, self._engine.begin() as connection:
            yield SqlTransaction(connection)

    def verify_chain(self) -> Iterator[str]:
        """Walk all events; yields one sentence for each break found."""
        with self._one_writer, self._engine.connect() as connection:
            yield from breaks(connection)


def _engine(url: str) -> Engine:
    if url in ("sqlite://", "sqlite:///:memory:"):
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """The driver must not open transactions by itself; `_begin` does."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
