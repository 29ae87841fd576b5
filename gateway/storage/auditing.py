"""The audit log: appending keeps its chain unbroken, verifying names every break. Nothing here changes an entry."""

from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from gateway.domain.audit import REFRESH, AuditEntry, AuditKind, ChainedEntry, entry_hash
from gateway.domain.event import GENESIS
from gateway.services.access.ports import AuditQuestion
from gateway.storage.access_tables import audit, audit_head
from gateway.storage.chain import EventRows
from gateway.storage.tables import storable


class AuditRows(EventRows):
    """The audit log of one transaction's connection."""

    def record(self, entry: AuditEntry) -> None:
        """Append behind the last entry; the head row moves with it, so that a cut tail shows."""
        kept = _as_kept(entry)
        head = self._connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one_or_none()
        seq, previous = (head.seq + 1, head.hash) if head else (1, GENESIS)
        own = entry_hash(seq, kept, previous)
        columns = asdict(kept) | {"kind": kept.kind.value}
        self._connection.execute(insert(audit).values(seq=seq, previous_hash=previous, hash=own, **columns))
        moved = update(audit_head) if head else insert(audit_head).values(id=1)
        self._connection.execute(moved.values(seq=seq, hash=own))

    def audit(self, question: AuditQuestion) -> list[ChainedEntry]:
        """The newest first."""
        query = select(audit).where(*_narrowing(question)).order_by(audit.c.seq.desc()).limit(question.limit)
        return [_chained(row) for row in self._connection.execute(query)]


def _narrowing(asked: AuditQuestion) -> Iterator[ColumnElement[bool]]:
    for column, wanted in (
        (audit.c.actor, asked.actor),
        (audit.c.kind, asked.kind),
        (audit.c.referral, asked.referral),
    ):
        if wanted:
            yield column == wanted
    if asked.since is not None:
        yield audit.c.at >= asked.since
    if asked.until is not None:
        yield audit.c.at < asked.until
    if asked.before_seq is not None:
        yield audit.c.seq < asked.before_seq
    if not asked.with_refreshes:
        yield audit.c.detail != REFRESH


def audit_breaks(connection: Connection) -> Iterator[str]:
    """One sentence for each break of the audit log's chain."""
    seq, previous = 0, GENESIS
    query = select(audit).order_by(audit.c.seq).execution_options(yield_per=5000)
    for row in connection.execute(query):
        if row.seq != seq + 1 or row.previous_hash != previous:
            yield f"audit entry {row.seq} does not follow entry {seq}: one was changed or removed"
        if not _is_sound(row):
            yield f"audit entry {row.seq} was changed after it was written"
        seq, previous = row.seq, row.hash
    head = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one_or_none()
    if (head.seq, head.hash) != (seq, previous) if head else seq:
        yield f"the audit log ends at entry {seq}, which is not the last one written"


def _is_sound(row: Row[Any]) -> bool:
    try:
        chained = _chained(row)
    except ValueError:
        return False
    return entry_hash(chained.seq, chained.entry, chained.previous_hash) == chained.hash


def _as_kept(entry: AuditEntry) -> AuditEntry:
    """What is hashed is what will be read again: UTC, and text such as the database keeps it."""
    words = {name: storable(getattr(entry, name)) for name in ("actor", "address", "path", "referral", "detail")}
    return replace(entry, at=entry.at.astimezone(UTC), **words)


def _chained(row: Row[Any]) -> ChainedEntry:
    columns: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(AuditEntry)}
    columns["kind"] = AuditKind(row.kind)
    return ChainedEntry(row.seq, AuditEntry(**columns), row.previous_hash, row.hash)
