"""Rows of stays, of failures to get in, and of what was typed after a stay was over."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select, update

from gateway.domain.session import Draft, Session
from gateway.services.access.ports import Failures
from gateway.storage.access_tables import drafts, failures, sessions
from gateway.storage.chain import EventRows

_FIELDS: TypeAdapter[tuple[tuple[str, str], ...]] = TypeAdapter(tuple[tuple[str, str], ...])


class SessionRows(EventRows):
    """Stays, failures and drafts of one transaction's connection."""

    def start_session(self, session: Session) -> None:
        """A new stay."""
        self._connection.execute(insert(sessions).values(asdict(session)))

    def session(self, token_hash: str) -> Session | None:
        """One that was not forgotten yet, over or not."""
        row = self._connection.execute(select(sessions).where(sessions.c.token_hash == token_hash)).one_or_none()
        return Session(*row) if row else None

    def touch_session(self, token_hash: str, at: datetime) -> None:
        """The person is there."""
        self._connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=at))

    def end_sessions(self, person_id: int, at: datetime, *, but: str = "") -> None:
        """End every stay of a person, except the one with this hash."""
        theirs = (sessions.c.person_id == person_id, sessions.c.token_hash != but, sessions.c.ended_at.is_(None))
        self._connection.execute(update(sessions).where(*theirs).values(ended_at=at))

    def end_session(self, token_hash: str, at: datetime) -> None:
        """End one stay."""
        self._connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(ended_at=at))

    def forget_sessions(self, started_before: datetime) -> None:
        """Drop rows of stays that began before then."""
        self._connection.execute(delete(sessions).where(sessions.c.started_at < started_before))

    def failures(self, subject: str) -> Failures:
        """In a row, of one subject (a hash)."""
        query = select(failures.c.count, failures.c.last_at).where(failures.c.subject == subject)
        row = self._connection.execute(query).one_or_none()
        return Failures(*row) if row else Failures()

    def keep_failures(self, subject: str, kept: Failures) -> None:
        """Write back; none is no row."""
        self._connection.execute(delete(failures).where(failures.c.subject == subject))
        if kept.count:
            self._connection.execute(insert(failures).values(subject=subject, count=kept.count, last_at=kept.last_at))

    def keep_draft(self, person_id: int, path: str, fields: Iterable[tuple[str, str]], at: datetime) -> None:
        """What was typed, for when the person is back."""
        typed = _FIELDS.dump_json(tuple(fields)).decode()
        self._connection.execute(insert(drafts).values(person_id=person_id, path=path, fields=typed, kept_at=at))

    def drafts_of(self, person_id: int) -> list[Draft]:
        """Oldest first."""
        query = select(drafts).where(drafts.c.person_id == person_id).order_by(drafts.c.id)
        return [
            Draft(row.id, row.person_id, row.path, _FIELDS.validate_json(row.fields), row.kept_at)
            for row in self._connection.execute(query)
        ]

    def drop_draft(self, draft_id: int) -> None:
        """Sent, or thrown away."""
        self._connection.execute(delete(drafts).where(drafts.c.id == draft_id))

    def forget_drafts(self, kept_before: datetime) -> None:
        """Drop what nobody came back for."""
        self._connection.execute(delete(drafts).where(drafts.c.kept_at < kept_before))
