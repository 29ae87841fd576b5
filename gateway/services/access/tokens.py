"""Tokens for programs: made and revoked by administrators, told once, and proved at every request of the HTTP API."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

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
_NEVER = datetime.max.replace(tzinfo=UTC)
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
class Wanted:
    """A token to make."""

    name: str
    role: Role
    scopes: frozenset[Scope]
    days: int

    def checked(self) -> "Wanted":
        """With its name as it is kept. Raises PersonRefused for what no token can be."""
        plain = " ".join(self.name.split())
        fault = token_name_fault(plain) or scopes_fault(self.scopes, self.role)
        if not fault and not 1 <= self.days <= LONGEST_DAYS:
            fault = f"a token is good for 1 to {LONGEST_DAYS} days: choose a number between"
        if fault:
            raise PersonRefused(fault)
        return replace(self, name=plain)


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
        wanted = Wanted(name, role, frozenset(scopes), days).checked()
        with self.store.transaction() as tx:
            if maker_id is not None and not tx.person(maker_id).role.allows(role):
                raise PersonRefused("a token has no higher role than whoever makes it: choose a lower one")
            return self._added(tx, wanted, by, maker_id)

    def hand_on(self, maker: ApiToken, wanted: Wanted, by: By) -> tuple[ApiToken, str]:
        """As `add`, for a program: what it makes may no more than itself, ends no later, and hangs on the same person.

        Raises:
            PersonRefused: as `add`, and for a role or a scope that the maker has not got just now.
        """
        wanted = wanted.checked()
        with self.store.transaction() as tx:
            bearer = _bearer_now(tx, maker.id, self.clock.now())
            if bearer is None or not bearer.role.allows(wanted.role):
                raise PersonRefused("a token has no higher role than the one that makes it: choose a lower one")
            if beyond := sorted(scope for scope in wanted.scopes if not bearer.may(scope)):
                raise PersonRefused(f"a token hands on no scope that it has not got itself: leave {beyond[0]} out")
            return self._added(tx, wanted, by, bearer.token.maker_id, no_later_than=bearer.token.expires_at)

    def _added(
        self,
        tx: AccessTransaction,
        wanted: Wanted,
        by: By,
        maker_id: int | None,
        *,
        no_later_than: datetime = _NEVER,
    ) -> tuple[ApiToken, str]:
        secret, now = _MARK + secrets.token_urlsafe(32), self.clock.now()
        if any(name_key(one.name) == name_key(wanted.name) for one in tx.tokens()):
            raise PersonRefused(f"a token is called {wanted.name} already: a name stays its token's for good")
        token = ApiToken(
            id=0,
            name=wanted.name,
            prefix=secret[:_PREFIX],
            secret_hash=hash_of_drawn(secret),
            role=wanted.role,
            scopes=wanted.scopes,
            made_by=by.name,
            maker_id=maker_id,
            made_at=now,
            expires_at=min(now + timedelta(days=wanted.days), no_later_than),
        )
        added = tx.add_token(token)
        detail = (
            f"{token.name}: role {token.role}, {', '.join(sorted(token.scopes))}, until {token.expires_at:%Y-%m-%d}"
        )
        tx.record(AuditEntry(AuditKind.TOKEN_ADDED, now, by.name, by.address, detail=detail))
        return added, secret

    def revoke(self, name: str, by: By) -> ApiToken:
        """It opens nothing any more, at once; what it made neither. Raises NotFound."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            every = tx.tokens()
            token = next((one for one in every if name_key(one.name) == name_key(name)), None)
            if token is None:
                raise NotFound(f"no token is called {name}: `referloop token list` names them all")
            for one in (token, *_made_by(token, every)):
                if one.revoked_at is None:
                    tx.revoke_token(one.id, now, by.name)
                    tx.record(AuditEntry(AuditKind.TOKEN_REVOKED, now, by.name, by.address, detail=one.name))
            return next(one for one in tx.tokens() if one.id == token.id)

    def now(self, token_id: int) -> Bearer | None:
        """What a token that was shown some time ago may do by now; None if nothing. It does not count as used."""
        with self.store.transaction() as tx:
            return _bearer_now(tx, token_id, self.clock.now())

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


def _made_by(maker: ApiToken, every: Collection[ApiToken]) -> list[ApiToken]:
    """What a token made, and what that made; a token's name stays its own for good."""
    own = [one for one in every if one.made_by == maker.actor]
    return own + [further for one in own for further in _made_by(one, every)]


def _bearer_now(tx: AccessTransaction, token_id: int, now: datetime) -> Bearer | None:
    token = next((one for one in tx.tokens() if one.id == token_id), None)
    role = _role_now(tx, token, now) if token else None
    return Bearer(token, role) if token and role else None


def _role_now(tx: AccessTransaction, token: ApiToken, now: datetime) -> Role | None:
    """What the token may as of now; None if nothing."""
    if token.state(now) != "in force":
        return None
    if token.maker_id is None:
        return token.role
    maker = tx.person(token.maker_id)
    return None if maker.is_disabled else lower_of(token.role, maker.role)
