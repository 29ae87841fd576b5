"""What people saw and did, chained like events, so that a changed or removed entry shows. No secret, no patient."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditKind(StrEnum):
    """What a person did."""

    VIEWED = "viewed"
    ACTED = "acted"
    REFUSED = "refused"  # a page or action their role does not allow
    LOGGED_IN = "logged in"
    LOGGED_OUT = "logged out"
    NOT_LET_IN = "not let in"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - the name of an entry
    SECOND_FACTOR_SET = "second factor set"
    SECOND_FACTOR_REMOVED = "second factor removed"
    RECOVERY_CODE_USED = "recovery code used"
    PERSON_ADDED = "person added"
    PERSON_DISABLED = "person disabled"
    PERSON_ENABLED = "person enabled"
    STAYS_ENDED = "stays ended"  # by somebody else: every browser of that person must log in anew
    ROLE_CHANGED = "role changed"
    EXPORTED = "exported"
    TOKEN_ADDED = "token added"  # noqa: S105 - the name of an entry
    TOKEN_REVOKED = "token revoked"  # noqa: S105 - the name of an entry
    PERSON_LINKED = "person linked"  # with their account at the identity provider


REFRESH = "the page refreshed itself"
"""The detail of a view that nobody asked for just then."""

NOBODY = "somebody"
"""The actor where nobody is known. What was typed as a name is not recorded then: it may be a password."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One view or action. `actor` is a person's name, `address` where they sat."""

    kind: AuditKind
    at: datetime
    actor: str
    address: str = ""
    path: str = ""  # of the page, without its question
    referral: str = ""  # printed number
    item: int | None = None  # of the queue
    status: int | None = None  # what the page answered
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry as stored."""

    seq: int
    entry: AuditEntry
    previous_hash: str
    hash: str


def entry_hash(seq: int, entry: AuditEntry, previous_hash: str) -> str:
    """SHA-256 over the place, the hash before and every field of the entry, as sorted JSON."""
    body = {
        "seq": seq,
        "previous": previous_hash,
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "address": entry.address,
        "path": entry.path,
        "referral": entry.referral,
        "item": entry.item,
        "status": entry.status,
        "detail": entry.detail,
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
