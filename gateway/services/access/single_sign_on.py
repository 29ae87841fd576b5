"""Coming in with an account at the clinic's identity provider: linked by issuer and subject, made on the first log-in.

The provider says who it is and its groups give the role, each time anew. Who is shut out here stays out.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from gateway.domain.audit import NOBODY, AuditEntry, AuditKind
from gateway.domain.person import Person, Role, name_fault
from gateway.errors import PersonRefused
from gateway.services.access.accounts import By, known
from gateway.services.access.log_in import LetIn
from gateway.services.access.passwords import Passwords
from gateway.services.access.ports import AccessStore, AccessTransaction
from gateway.services.access.sealing import Seal
from gateway.services.access.stays import Stays
from gateway.services.ports import Clock

_PATIENCE = timedelta(minutes=10)
_ABOUT = "one way to the provider and back"


@dataclass(frozen=True, slots=True)
class Asked:
    """One way to the provider and back, as the browser carries it along, sealed."""

    state: str
    nonce: str
    verifier: str
    onward: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is, by the provider's signed word."""

    issuer: str
    subject: str
    name: str
    email: str
    is_email_verified: bool
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom the clinic lets in by the provider's word: groups to roles, and domains of mail addresses."""

    roles: Mapping[Role, frozenset[str]]
    domains: frozenset[str] = frozenset()

    def role(self, claims: Claims) -> Role | None:
        """The highest role that a group gives; None for nobody of ours."""
        domain = claims.email.rpartition("@")[2].lower()
        if self.domains and not (claims.is_email_verified and domain in self.domains):
            return None
        return next((role for role in reversed(Role) if self.roles.get(role, frozenset()) & claims.groups), None)


class IdentityProvider(Protocol):
    """The clinic's identity provider. Each raises ProviderFailed: it does not answer, or its word does not hold."""

    async def way_in(self, asked: Asked, back: str) -> str:
        """Where the browser goes to log in there."""
        ...

    async def claims(self, code: str, asked: Asked, back: str) -> Claims:
        """Who came back with this code, once signature, audience, time and nonce hold."""
        ...

    async def way_out(self, back: str) -> str:
        """Where the browser goes to log out there; empty if it has no such place."""
        ...


def seal_of_ways(key: bytes) -> Seal:
    """The seal on what a browser carries to the provider and back, made of the clinic's key."""
    return Seal(key, "single sign-on")


_ASKED: TypeAdapter[Asked] = TypeAdapter(Asked)


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """Use cases of coming in by the provider."""

    store: AccessStore
    clock: Clock
    stays: Stays
    passwords: Passwords
    seal: Seal
    admission: Admission

    def ask(self, onward: str) -> tuple[Asked, str]:
        """A new way there and back, and what the browser keeps of it meanwhile."""
        drawn = [secrets.token_urlsafe(32) for _ in range(3)]
        asked = Asked(*drawn, onward=onward, at=self.clock.now())
        return asked, self.seal.close(_ASKED.dump_json(asked).decode(), _ABOUT)

    def asked(self, kept: str, state: str) -> Asked | None:
        """The way this browser was on; None if it was on none, on another, or for too long."""
        text = self.seal.open(kept, _ABOUT)
        try:
            asked = _ASKED.validate_json(text or "")
        except ValidationError:
            return None
        is_this = secrets.compare_digest(asked.state.encode(), state.encode("utf-8", "replace"))
        return asked if is_this and self.clock.now() - asked.at < _PATIENCE else None

    def enter(self, claims: Claims, address: str) -> LetIn:
        """Let them in, with the role their groups give; an account is made on the first log-in.

        Raises:
            PersonRefused: no group of theirs gives a role, they are shut out, or their name is another's here.
        """
        role = self.admission.role(claims)
        made = None if self._known(claims) or role is None else self._newcomer(claims, role)
        with self.store.transaction() as tx:
            person = tx.person_known_as(claims.issuer, claims.subject)
            fault = _fault(person, role, claims, made, tx)
            if fault or role is None:
                who = person.name if person else NOBODY
                tx.record(AuditEntry(AuditKind.NOT_LET_IN, self.clock.now(), who, address, detail=f"provider: {fault}"))
            else:
                entered = (
                    self._with_role(tx, person, role, address) if person else self._added(tx, made, claims, address)
                )
                tx.record(
                    AuditEntry(AuditKind.LOGGED_IN, self.clock.now(), entered.name, address, detail="by the provider")
                )
                return LetIn(self.stays.begin(tx, entered, is_whole=True), is_whole=True)
        raise PersonRefused(fault)

    def refused(self, why: str, address: str) -> None:
        """Somebody came back from the provider and was not let in: for the audit log."""
        with self.store.transaction() as tx:
            tx.record(AuditEntry(AuditKind.NOT_LET_IN, self.clock.now(), NOBODY, address, detail=f"provider: {why}"))

    def _known(self, claims: Claims) -> bool:
        with self.store.transaction() as tx:
            return tx.person_known_as(claims.issuer, claims.subject) is not None

    def _newcomer(self, claims: Claims, role: Role) -> Person | None:
        """Their account; its password nobody knows. None if their name will not do."""
        name = " ".join(claims.name.split())[:40].strip()
        if name_fault(name):
            return None
        hashed = self.passwords.hash(secrets.token_urlsafe(32))
        return Person(0, name, role, hashed, self.clock.now(), has_password=False)

    def _added(self, tx: AccessTransaction, made: Person | None, claims: Claims, address: str) -> Person:
        if made is None:
            raise PersonRefused("their name at the provider will not do here")
        now, person = self.clock.now(), tx.add_person(made)
        tx.link_identity(person.id, claims.issuer, claims.subject, now)
        detail = f"{person.name}: role {person.role}, by the provider"
        tx.record(AuditEntry(AuditKind.PERSON_ADDED, now, person.name, address, detail=detail))
        return person

    def _with_role(self, tx: AccessTransaction, person: Person, role: Role, address: str) -> Person:
        """With the role the groups give now; the last administrator keeps theirs."""
        others = [one for one in tx.people() if one.id != person.id and not one.is_disabled]
        is_last = person.role is Role.ADMINISTRATOR and not any(one.role is Role.ADMINISTRATOR for one in others)
        if role is person.role or is_last:
            return person
        changed = replace(person, role=role)
        tx.save_person(changed)
        detail = f"{person.name}: {person.role} to {role}, by the provider"
        tx.record(AuditEntry(AuditKind.ROLE_CHANGED, self.clock.now(), person.name, address, detail=detail))
        return changed


def _fault(person: Person | None, role: Role | None, claims: Claims, made: Person | None, tx: AccessTransaction) -> str:
    """Why they are not let in, or nothing."""
    if role is None:
        return "no group of yours at the provider may use this: ask the administrator"
    if person is not None:
        return "your account here is shut out: ask an administrator" if person.is_disabled else ""
    if made is None:
        return "your name at the provider will not do here: ask the administrator"
    if tx.person_named(made.name):
        return f"somebody is called {made.name} here already: if it is you, an administrator links the two"
    return ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider calls somebody."""

    issuer: str
    subject: str


def link_person(store: AccessStore, clock: Clock, name: str, identity: Identity, by: By) -> Person:
    """Make somebody with an account here known to the provider's word too. Raises NotFound, PersonRefused."""
    now = clock.now()
    with store.transaction() as tx:
        person = known(tx, name)
        if other := tx.person_known_as(identity.issuer, identity.subject):
            raise PersonRefused(f"this subject is {other.name}'s already: check it with the provider")
        tx.link_identity(person.id, identity.issuer, identity.subject, now)
        detail = f"{person.name}: {identity.subject}"
        tx.record(AuditEntry(AuditKind.PERSON_LINKED, now, by.name, by.address, detail=detail))
        return person
