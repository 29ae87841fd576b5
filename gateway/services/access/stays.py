"""Stays at a browser: begun with a secret only the browser has, seen, and ended."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.audit import AuditEntry, AuditKind
from gateway.domain.person import Person
from gateway.domain.session import Draft, Limits, Session
from gateway.services.access.passwords import hash_of_drawn
from gateway.services.access.ports import AccessStore, AccessTransaction
from gateway.services.ports import Clock

_TOUCHED_EVERY = timedelta(seconds=20)  # a write a page would be one too many
_REMEMBERED = timedelta(days=2)  # an ended stay still tells whose typing came too late
_MOST_DRAFTS = 20  # of one person


@dataclass(frozen=True, slots=True)
class Guest:
    """Who holds a browser's secret, and whether the stay still stands."""

    person: Person
    session: Session
    is_over: bool


@dataclass(frozen=True, slots=True)
class Stays:
    """Use cases of a stay."""

    store: AccessStore
    clock: Clock
    limits: Limits

    def begin(self, tx: AccessTransaction, person: Person, *, is_whole: bool) -> str:
        """The browser's new secret; 32 random bytes, of which the hash is kept."""
        now = self.clock.now()
        secret = secrets.token_urlsafe(32)
        forgotten = now - self.limits.absolute - _REMEMBERED
        tx.forget_sessions(forgotten)
        tx.forget_drafts(forgotten)
        tx.start_session(Session(hash_of_drawn(secret), person.id, now, now, is_whole))
        return secret

    def guest(self, secret: str, *, is_by_itself: bool = False) -> Guest | None:
        """Whose secret this is, counted as seen now unless the page only refreshed by itself; None for a stranger's."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            session = tx.session(hash_of_drawn(secret))
            if session is None:
                return None
            person = tx.person(session.person_id)
            is_over = session.is_over(now, self.limits) or person.is_disabled
            if not (is_over or is_by_itself) and now - session.seen_at >= _TOUCHED_EVERY:
                tx.touch_session(session.token_hash, now)
            return Guest(person, session, is_over)

    def end(self, guest: Guest, address: str) -> None:
        """The person logs out."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            tx.end_session(guest.session.token_hash, now)
            tx.record(AuditEntry(AuditKind.LOGGED_OUT, now, guest.person.name, address))

    def keep_typed(self, guest: Guest, path: str, fields: list[tuple[str, str]]) -> None:
        """Keep what was sent after the stay was over."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            if len(tx.drafts_of(guest.person.id)) < _MOST_DRAFTS:
                tx.keep_draft(guest.person.id, path, fields, now)

    def typed(self, person: Person) -> list[Draft]:
        """What they sent too late, oldest first."""
        with self.store.transaction() as tx:
            return tx.drafts_of(person.id)

    def take_typed(self, person: Person, draft_id: int) -> Draft | None:
        """One of them, which is kept no longer; None if it is not theirs."""
        with self.store.transaction() as tx:
            found = next((draft for draft in tx.drafts_of(person.id) if draft.id == draft_id), None)
            if found:
                tx.drop_draft(found.id)
            return found
