"""Tokens of programs that use the HTTP API: what each may do, and until when. Pure; the secret is known by its hash."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from gateway.domain.person import Role, name_fault


class Scope(StrEnum):
    """One thing a token may do."""

    REFERRALS_READ = "referrals:read"  # tasks too
    REFERRALS_WRITE = "referrals:write"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_SETTLE = "documents:settle"  # also bring them in
    DIRECTORY_READ = "directory:read"
    DIRECTORY_WRITE = "directory:write"
    DIRECTORY_MERGE = "directory:merge"
    FIGURES_READ = "figures:read"  # health and counts; nothing of any patient
    REPORTS_READ = "reports:read"  # with the referrals behind each number
    AUDIT_READ = "audit:read"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    TOKENS_READ = "tokens:read"
    TOKENS_WRITE = "tokens:write"  # never more than its own

    @property
    def needs(self) -> Role:
        """The role that may do on the pages what this scope lets a token do."""
        return _NEEDS[self]


_NEEDS = {
    Scope.REFERRALS_READ: Role.VIEWER,
    Scope.REFERRALS_WRITE: Role.STAFF,
    Scope.DOCUMENTS_READ: Role.VIEWER,
    Scope.DOCUMENTS_SETTLE: Role.STAFF,
    Scope.DIRECTORY_READ: Role.VIEWER,
    Scope.DIRECTORY_WRITE: Role.STAFF,
    Scope.DIRECTORY_MERGE: Role.MANAGER,
    Scope.FIGURES_READ: Role.VIEWER,
    Scope.REPORTS_READ: Role.MANAGER,
    Scope.AUDIT_READ: Role.MANAGER,
    Scope.PEOPLE_READ: Role.ADMINISTRATOR,
    Scope.PEOPLE_WRITE: Role.ADMINISTRATOR,
    Scope.TOKENS_READ: Role.ADMINISTRATOR,
    Scope.TOKENS_WRITE: Role.ADMINISTRATOR,
}


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token. `prefix` is the secret's beginning, by which people recognise it."""

    id: int
    name: str
    prefix: str
    secret_hash: str
    role: Role
    scopes: frozenset[Scope]
    made_by: str
    maker_id: int | None  # of the person who made it on a page; None from the command line
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""

    @property
    def actor(self) -> str:
        """The name its deeds stand under: no person's, for those hold no brackets."""
        return f"{self.name} (token)"

    def state(self, now: datetime) -> Literal["in force", "expired", "revoked"]:
        """Whether it opens anything."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= now else "in force"


def lower_of(one: Role, other: Role) -> Role:
    """The role that may less."""
    return one if other.allows(one) else other


def scopes_fault(scopes: Iterable[Scope], role: Role) -> str:
    """Why a token of this role cannot have these scopes, or nothing."""
    chosen = list(scopes)
    if not chosen:
        return "a token without a scope may do nothing: choose at least one"
    beyond = [scope for scope in chosen if not role.allows(scope.needs)]
    if beyond:
        return (
            f"the scope {beyond[0]} needs the role {beyond[0].needs}: give the token that role, or leave the scope out"
        )
    return ""


def token_name_fault(name: str) -> str:
    """Why a token cannot be called so, or nothing."""
    return name_fault(name)
