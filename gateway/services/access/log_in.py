"""Coming in: a name with its password, and where there is one the second factor."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.audit import NOBODY, AuditEntry, AuditKind
from gateway.domain.person import Person, Role
from gateway.services.access.doors import Door
from gateway.services.access.passwords import Passwords, hash_of_drawn
from gateway.services.access.ports import AccessStore, AccessTransaction
from gateway.services.access.sealing import Seal
from gateway.services.access.second_factor import code_step, opened, plain_code
from gateway.services.access.stays import Guest, Stays
from gateway.services.ports import Clock


@dataclass(frozen=True, slots=True)
class LetIn:
    """The browser's secret; the code of the second factor is still asked for unless `is_whole`."""

    secret: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """Name, password or code is wrong; which is not told."""


@dataclass(frozen=True, slots=True)
class Shut:
    """Nothing is tried before `until`."""

    until: datetime


Outcome = LetIn | Wrong | Shut


@dataclass(frozen=True, slots=True)
class LogIn:
    """Use cases of coming in."""

    store: AccessStore
    clock: Clock
    passwords: Passwords
    stays: Stays
    seal: Seal
    only_administrators: bool = False  # the others come by the identity provider

    def with_password(self, name: str, password: str, address: str) -> Outcome:
        """The first step, as slow for an unknown name as for a known one."""
        now, door = self.clock.now(), Door(name, address)
        with self.store.transaction() as tx:
            if until := door.knock(tx, now):
                return Shut(until)
            person = tx.person_named(name)
        known = person if person and self._may_try(person) else None
        is_right = self.passwords.is_right(known.password_hash if known else None, password)
        newer = self.passwords.hash(password) if known and is_right and self._is_outdated(known) else ""
        with self.store.transaction() as tx:
            if known is None or not is_right:
                who = person.name if person else NOBODY
                tx.record(AuditEntry(AuditKind.NOT_LET_IN, now, who, address, detail="wrong name or password"))
                return Wrong()
            if newer:
                tx.save_person(replace(tx.person(known.id), password_hash=newer))
            return self._past_password(tx, door, known)

    def with_code(self, guest: Guest, typed: str, address: str) -> Outcome:
        """The second step: a code of the authenticator app, or a recovery code."""
        now, door = self.clock.now(), Door(guest.person.name, address)
        with self.store.transaction() as tx:
            if until := door.knock(tx, now):
                return Shut(until)
            person = tx.person(guest.person.id)
            if not self._is_right_code(tx, person, typed, address):
                detail = "wrong code of the second factor"
                tx.record(AuditEntry(AuditKind.NOT_LET_IN, now, person.name, address, detail=detail))
                return Wrong()
            tx.end_session(guest.session.token_hash, now)
            return self._enter(tx, door, person)

    def _past_password(self, tx: AccessTransaction, door: Door, person: Person) -> LetIn:
        if not person.has_second_factor:
            return self._enter(tx, door, person)
        door.forgive(tx)  # and no more: wrong codes count on, however often the password is right
        return LetIn(self.stays.begin(tx, person, is_whole=False), is_whole=False)

    def _enter(self, tx: AccessTransaction, door: Door, person: Person) -> LetIn:
        door.open(tx)
        tx.record(AuditEntry(AuditKind.LOGGED_IN, self.clock.now(), person.name, door.address))
        return LetIn(self.stays.begin(tx, person, is_whole=True), is_whole=True)

    def _may_try(self, person: Person) -> bool:
        is_meant = person.role is Role.ADMINISTRATOR or not self.only_administrators
        return person.has_password and is_meant and not person.is_disabled

    def _is_outdated(self, person: Person) -> bool:
        return self.passwords.is_outdated(person.password_hash)

    def _is_right_code(self, tx: AccessTransaction, person: Person, typed: str, address: str) -> bool:
        now, secret = self.clock.now(), opened(self.seal, person, person.totp_secret)
        if step := code_step(secret, typed, now, after=person.totp_used_step):
            tx.save_person(replace(person, totp_used_step=step))
            return True
        if tx.spend_recovery_code(person.id, hash_of_drawn(plain_code(typed))):
            left = f"{tx.recovery_codes_left(person.id)} left"
            tx.record(AuditEntry(AuditKind.RECOVERY_CODE_USED, now, person.name, address, detail=left))
            return True
        return False
