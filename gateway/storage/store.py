"""The store: one engine, and transactions that answer in desk words. One thread at a time has one."""

import contextlib
import threading
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from gateway.errors import StorageFailed
from gateway.storage.answering import AnsweringRows
from gateway.storage.api_tokens import TokenRows
from gateway.storage.auditing import AuditRows, audit_breaks
from gateway.storage.board import BoardRows
from gateway.storage.candidates import CandidateRows
from gateway.storage.certificates import CertificateRows
from gateway.storage.chain import breaks
from gateway.storage.dialled import DialledRows
from gateway.storage.engine import connect, is_in_memory, reading
from gateway.storage.filings import FilingRows
from gateway.storage.grants import GrantRows
from gateway.storage.long_lists import LongLists
from gateway.storage.marks import MarkRows
from gateway.storage.merging import MergeRows
from gateway.storage.people import PeopleRows
from gateway.storage.purging import PurgeRows
from gateway.storage.quarantine import QuarantineRows
from gateway.storage.queue_lists import QueueLists
from gateway.storage.rearranging import RearrangingRows
from gateway.storage.referrals import ReferralRows
from gateway.storage.report_loops import LoopRows
from gateway.storage.report_open import OpenLoopRows
from gateway.storage.report_turnaround import TurnaroundRows
from gateway.storage.report_volume import VolumeRows
from gateway.storage.review import ReviewRows
from gateway.storage.schema import upgrade
from gateway.storage.sessions import SessionRows
from gateway.storage.sheets import SheetRows
from gateway.storage.tasks import TaskRows
from gateway.storage.texts import TextRows
from gateway.storage.transmissions import TransmissionRows
from gateway.storage.twins import TwinRows
from gateway.storage.work import WorkRows


class SqlTransaction(
    ReferralRows,
    CandidateRows,
    MergeRows,
    AnsweringRows,
    SheetRows,
    TransmissionRows,
    RearrangingRows,
    FilingRows,
    GrantRows,
    ReviewRows,
    DialledRows,
    QueueLists,
    LongLists,
    TwinRows,
    PurgeRows,
    QuarantineRows,
    CertificateRows,
    TextRows,
    MarkRows,
    BoardRows,
    WorkRows,
    OpenLoopRows,
    TurnaroundRows,
    VolumeRows,
    LoopRows,
    TaskRows,
    PeopleRows,
    SessionRows,
    AuditRows,
    TokenRows,
):
    """One unit of work on one connection; see `Transaction` and `AccessTransaction` in `gateway.services`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class SqlStore:
    """Rows in SQLite or PostgreSQL, by URL. Several threads may use it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._one_writer = threading.Lock()
        self._of_thread = threading.local()

    @classmethod
    def open(cls, url: str) -> "SqlStore":
        """Connect and bring the schema up to date.

        Raises:
            StorageFailed: the database cannot be opened, or is newer than this program.
        """
        with contextlib.ExitStack() as unless_opened:
            try:
                engine = connect(url)
                unless_opened.callback(engine.dispose)
                upgrade(engine)
            except (SQLAlchemyError, OSError, ImportError) as error:
                raise StorageFailed(f"the database cannot be opened: {_in_short(error)}") from error
            unless_opened.pop_all()
        return cls(engine)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction, None, None]:
        """Begin; commit at the end of the block, roll back if it raises.

        Raises:
            StorageFailed: the database did not take it (full, damaged, gone): nothing of the block happened.
        """
        with self._alone(), _failures_named(), self._engine.begin() as connection:
            yield SqlTransaction(connection)

    @contextmanager
    def reading(self) -> Generator[SqlTransaction, None, None]:
        """One moment of the database, for pages: no writer waits for it, and nothing can be changed.

        Raises:
            StorageFailed: the database does not answer.
        """
        with self._beside(), _failures_named(), reading(self._engine) as connection:
            yield SqlTransaction(connection)

    def verify_chain(self) -> Iterator[str]:
        """Walk all events and the audit log; one sentence for each break found. Writers need not wait meanwhile."""
        with self._beside(), _failures_named(), reading(self._engine) as connection:
            found = [*breaks(connection), *audit_breaks(connection)]
        yield from found

    def _beside(self) -> AbstractContextManager[None]:
        """Readers have a connection of their own, except in memory, where all threads share one."""
        is_shared = self._engine.dialect.name == "sqlite" and is_in_memory(self._engine.url.database)
        return self._alone() if is_shared else contextlib.nullcontext()

    @contextmanager
    def _alone(self) -> Generator[None, None, None]:
        """One thread at a time; a transaction inside a transaction would wait for itself for ever."""
        if getattr(self._of_thread, "is_inside", False):
            raise RuntimeError("this thread is inside a transaction already: pass that one on")
        with self._one_writer:
            self._of_thread.is_inside = True
            try:
                yield
            finally:
                self._of_thread.is_inside = False


@contextmanager
def _failures_named() -> Generator[None, None, None]:
    """The database's failures in the house's words; a broken constraint stays a surprise, being a bug."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise StorageFailed(f"the database did not take it: {_in_short(error)}") from error


def _in_short(error: Exception) -> str:
    """The first line of what the driver said; never the statement, which holds patients' data."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return said.strip().partition("\n")[0]
