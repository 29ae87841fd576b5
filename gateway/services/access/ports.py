"""What access asks of the store. The rows are beside the clinic's own, the questions are not."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.audit import AuditEntry, ChainedEntry
from gateway.domain.person import Person
from gateway.domain.session import Draft, Session
from gateway.services.access.token_questions import TokensTransaction


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong secrets in a row, with one name or from one address."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """Which entries are asked for; what is empty does not narrow."""

    actor: str = ""
    kind: str = ""
    referral: str = ""
    since: datetime | None = None
    until: datetime | None = None
    with_refreshes: bool = True
    before_seq: int | None = None
    limit: int = 100


class PeopleTransaction(Protocol):
    """Accounts of one transaction."""

    def has_people(self) -> bool:
        """Whether any account was ever made."""
        ...

    def people(self) -> list[Person]:
        """All, by name, shut out ones too."""
        ...

    def person(self, person_id: int) -> Person:
        """By id. Raises NotFound."""
        ...

    def person_named(self, name: str) -> Person | None:
        """By the name they type; case and spaces do not matter."""
        ...

    def add_person(self, person: Person) -> Person:
        """A new account; the id is given here. The caller has checked `person_named`."""
        ...

    def save_person(self, person: Person) -> None:
        """Write back everything but id and name."""
        ...

    def keep_recovery_codes(self, person_id: int, code_hashes: Iterable[str]) -> None:
        """These in place of those kept before."""
        ...

    def spend_recovery_code(self, person_id: int, code_hash: str) -> bool:
        """Whether it was kept; it is no longer."""
        ...

    def recovery_codes_left(self, person_id: int) -> int:
        """How many can still be used."""
        ...

    def person_known_as(self, issuer: str, subject: str) -> Person | None:
        """By what an identity provider calls them."""
        ...

    def link_identity(self, person_id: int, issuer: str, subject: str, at: datetime) -> None:
        """From now on they are known by it. The caller has checked `person_known_as`."""
        ...

    def identities_of(self, person_id: int) -> list[str]:
        """The issuers that a person comes by."""
        ...


class SessionsTransaction(Protocol):
    """Stays, failures to get in, and drafts of one transaction."""

    def start_session(self, session: Session) -> None:
        """A new stay."""
        ...

    def session(self, token_hash: str) -> Session | None:
        """One that was not forgotten yet, over or not."""
        ...

    def touch_session(self, token_hash: str, at: datetime) -> None:
        """The person is there."""
        ...

    def end_sessions(self, person_id: int, at: datetime, *, but: str = "") -> None:
        """End every stay of a person, except the one with this hash."""
        ...

    def end_session(self, token_hash: str, at: datetime) -> None:
        """End one stay."""
        ...

    def forget_sessions(self, started_before: datetime) -> None:
        """Drop rows of stays that began before then."""
        ...

    def failures(self, subject: str) -> Failures:
        """In a row, of one subject (a hash)."""
        ...

    def keep_failures(self, subject: str, kept: Failures) -> None:
        """Write back; none is no row."""
        ...

    def keep_draft(self, person_id: int, path: str, fields: Iterable[tuple[str, str]], at: datetime) -> None:
        """What was typed, for when the person is back."""
        ...

    def drafts_of(self, person_id: int) -> list[Draft]:
        """Oldest first."""
        ...

    def drop_draft(self, draft_id: int) -> None:
        """Sent, or thrown away."""
        ...

    def forget_drafts(self, kept_before: datetime) -> None:
        """Drop what nobody came back for."""
        ...


class AuditTransaction(Protocol):
    """The audit log of one transaction."""

    def record(self, entry: AuditEntry) -> None:
        """Append behind the last entry. Nothing changes or removes one."""
        ...

    def audit(self, question: AuditQuestion) -> list[ChainedEntry]:
        """The newest first."""
        ...


class AccessTransaction(PeopleTransaction, SessionsTransaction, AuditTransaction, TokensTransaction, Protocol):
    """Everything access asks, in one unit of work."""


class AccessStore(Protocol):
    """Where accounts, stays and the audit log lie."""

    def transaction(self) -> AbstractContextManager[AccessTransaction]:
        """Begin; commit at the end of the block, roll back if it raises."""
        ...
