"""Tokens for programs: made and revoked by administrators, told once, and proved at every request of the HTTP API."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.audit import NOBODY, AuditEntry, AuditKind
from gateway.domain.person import Role, name_key
from gateway.domain.token import ApiToken, Scope, lower_of, scopes_fault, token_name_fault
from gateway.errors import NotFound, PersonRefused
from gateway.services.access.accounts import By
from gateway.services.access.doors import TokenDoor
from gateway.services.access.log_in import Shut, Wrong
from gateway.services.access.passwords import hash_of_drawn
from gateway.services.access.ports import AccessStore, AccessTransaction
from gateway.services.ports import Clock

LONGEST_DAYS = 730
_MARK = "rl_"  # so that a leaked one is recognised, by people and by scanners
_PREFIX = len(_MARK) + 6
_TOUCHED_EVERY = timedelta(minutes=1)  # a write a request would be one too many


@dataclass(frozen=True, slots=True)
class Bearer:
    """A program whose token was right; `role` is no higher than its maker's is now."""

    token: ApiToken
    role: Role

    def may(self, scope: Scope) -> bool:
        """Whether the token has the scope, and its role still allows it."""
        return scope in self.token.scopes and self.role.allows(scope.needs)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Use cases of tokens."""

    store: AccessStore
    clock: Clock

    def everyone(self) -> list[ApiToken]:
        """All, the newest first."""
        with self.store.transaction() as tx:
            return tx.tokens()

    def add(
        self, name: str, role: Role, scopes: Collection[Scope], days: int, by: By, *, maker_id: int | None = None
    ) -> tuple[ApiToken, str]:
        """A new token and its secret, which is told this once. Without a maker it was made at the command line.

        Raises:
            PersonRefused: name, scopes, days or role will not do; the message says what to change.
        """
        plain = " ".join(name.split())
        fault = token_name_fault(plain) or scopes_fault(scopes, role)
        if not fault and not 1 <= days <= LONGEST_DAYS:
            fault = f"a token is good for 1 to {LONGEST_DAYS} days: choose a number between"
        if fault:
            raise PersonRefused(fault)
        secret, now = _MARK + secrets.token_urlsafe(32), self.clock.now()
        with self.store.transaction() as tx:
            if maker_id is not None and not tx.person(maker_id).role.allows(role):
                raise PersonRefused("a token has no higher role than whoever makes it: choose a lower one")
            if any(name_key(one.name) == name_key(plain) for one in tx.tokens()):
                raise PersonRefused(f"a token is called {plain} already: a name stays its token's for good")
            token = ApiToken(
                id=0,
                name=plain,
                prefix=secret[:_PREFIX],
                secret_hash=hash_of_drawn(secret),
                role=role,
                scopes=frozenset(scopes),
                made_by=by.name,
                maker_id=maker_id,
                made_at=now,
                expires_at=now + timedelta(days=days),
            )
            added = tx.add_token(token)
            detail = f"{plain}: role {role}, {', '.join(sorted(scopes))}, {days} days"
            tx.record(AuditEntry(AuditKind.TOKEN_ADDED, now, by.name, by.address, detail=detail))
        return added, secret

    def revoke(self, name: str, by: By) -> None:
        """It opens nothing any more, at once. Raises NotFound."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            token = next((one for one in tx.tokens() if name_key(one.name) == name_key(name)), None)
            if token is None:
                raise NotFound(f"no token is called {name}: `referloop token list` names them all")
            if token.revoked_at is None:
                tx.revoke_token(token.id, now, by.name)
                tx.record(AuditEntry(AuditKind.TOKEN_REVOKED, now, by.name, by.address, detail=token.name))

    def bearer(self, secret: str, address: str) -> Bearer | Wrong | Shut:
        """Whose token this is. Wrong ones shut the door for their address, each time for longer."""
        now, door = self.clock.now(), TokenDoor(address)
        with self.store.transaction() as tx:
            if until := door.shut_until(tx, now):
                return Shut(until)
            token = tx.token_hashed(hash_of_drawn(secret))
            role = _role_now(tx, token, now) if token else None
            if token is None or role is None:
                door.count(tx, now)
                who = token.actor if token else NOBODY
                why = f"token {token.state(now)}, or its maker is shut out" if token else "wrong token"
                tx.record(AuditEntry(AuditKind.NOT_LET_IN, now, who, address, detail=why))
                return Wrong()
            if token.used_at is None or now - token.used_at >= _TOUCHED_EVERY:
                tx.touch_token(token.id, now)
            return Bearer(token, role)


def _role_now(tx: AccessTransaction, token: ApiToken, now: datetime) -> Role | None:
    """What the token may as of now; None if nothing."""
    if token.state(now) != "in force":
        return None
    if token.maker_id is None:
        return token.role
    maker = tx.person(token.maker_id)
    return None if maker.is_disabled else lower_of(token.role, maker.role)
