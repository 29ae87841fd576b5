"""Accounts: made, changed and shut out. None is ever removed: its name stays that of what it did."""

from dataclasses import dataclass, replace

from gateway.domain.audit import NOBODY, AuditEntry, AuditKind
from gateway.domain.person import Person, Role, name_fault
from gateway.errors import NotFound, PersonRefused
from gateway.services.access.doors import Door, reopen
from gateway.services.access.passwords import Passwords, is_first_code, refuse_weak
from gateway.services.access.ports import AccessStore, AccessTransaction
from gateway.services.access.second_factor import without_second_factor
from gateway.services.ports import Clock


@dataclass(frozen=True, slots=True)
class By:
    """Who changes an account, and where they sit."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Use cases of accounts, each in one commit with its entry in the audit log."""

    store: AccessStore
    clock: Clock
    passwords: Passwords
    key: bytes

    def nobody_yet(self) -> bool:
        """Whether the first administrator is still to come."""
        with self.store.transaction() as tx:
            return not tx.has_people()

    def everybody(self) -> list[Person]:
        """All accounts by name."""
        with self.store.transaction() as tx:
            return tx.people()

    def begin(self, code: str, name: str, password: str, address: str) -> Person:
        """Make the first administrator, for whoever knows the clinic's first code.

        Raises:
            PersonRefused: the code is wrong, an account is there already, or name or password will not do.
        """
        with self.store.transaction() as tx:
            shut = Door("the first administrator", address).knock(tx, self.clock.now())
        if shut:
            raise PersonRefused("too many tries: wait a minute")
        if not is_first_code(self.key, code):
            self._note_refusal(By(NOBODY, address), "wrong first code")
            raise PersonRefused("this is not the first code: the command below tells it")
        person = self._new(name, Role.ADMINISTRATOR, password, must_change=False)
        with self.store.transaction() as tx:
            if tx.has_people():
                raise PersonRefused("somebody has an account already: log in, or ask the administrator")
            return self._added(tx, person, By(person.name, address), "first administrator")

    def add(self, name: str, role: Role, password: str, by: By, *, must_change: bool = True) -> Person:
        """A new account. Raises PersonRefused: name or password will not do, or the name is another's."""
        person = self._new(name, role, password, must_change=must_change)
        with self.store.transaction() as tx:
            return self._added(tx, person, by, f"role {role}")

    def set_role(self, name: str, role: Role, by: By) -> None:
        """Give another role. Raises PersonRefused for the last administrator's."""
        with self.store.transaction() as tx:
            person = known(tx, name)
            self._keep_an_administrator(tx, person, role)
            tx.save_person(replace(person, role=role))
            self._record(tx, AuditKind.ROLE_CHANGED, by, f"{person.name}: {person.role} to {role}")

    def disable(self, name: str, by: By) -> None:
        """Shut out, at once and everywhere. Raises PersonRefused for the last administrator."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            person = known(tx, name)
            self._keep_an_administrator(tx, person, None)
            tx.save_person(replace(person, is_disabled=True))
            tx.end_sessions(person.id, now)
            self._record(tx, AuditKind.PERSON_DISABLED, by, person.name)

    def enable(self, name: str, by: By) -> None:
        """Let in again, with the password they had."""
        with self.store.transaction() as tx:
            person = known(tx, name)
            tx.save_person(replace(person, is_disabled=False))
            self._record(tx, AuditKind.PERSON_ENABLED, by, person.name)

    def end_stays(self, name: str, by: By) -> None:
        """Log them out of every browser, for one who left a screen open somewhere; they may log in again."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            person = known(tx, name)
            tx.end_sessions(person.id, now)
            self._record(tx, AuditKind.STAYS_ENDED, by, person.name)

    def set_password(self, name: str, password: str, by: By) -> None:
        """Give a password that its owner must change; ends their stays and opens a door that wrong ones had shut."""
        refuse_weak(password, name)
        hashed, now = self.passwords.hash(password), self.clock.now()
        with self.store.transaction() as tx:
            person = known(tx, name)
            tx.save_person(replace(person, password_hash=hashed, must_change_password=True, has_password=True))
            tx.end_sessions(person.id, now)
            reopen(tx, person.name)
            self._record(tx, AuditKind.PASSWORD_CHANGED, by, f"{person.name}: set by another")

    def prove(self, person: Person, password: str, by: By) -> None:
        """Make sure that it is still they who sit there. Raises PersonRefused."""
        door = Door(person.name, by.address)
        with self.store.transaction() as tx:
            if door.knock(tx, self.clock.now()):
                raise PersonRefused("a wrong password was typed too often: wait a few minutes")
        if not self.passwords.is_right(person.password_hash, password):
            self._note_refusal(by, "wrong password for a change of their own account")
            raise PersonRefused("this is not your password")
        with self.store.transaction() as tx:
            door.forgive(tx)

    def change_own_password(self, person: Person, old: str, new: str, by: By, *, here: str) -> None:
        """Their own choice; every stay but the one `here` (its token's hash) ends.

        Raises:
            PersonRefused: the old one is wrong, or the new one will not do.
        """
        self.prove(person, old, by)
        if old == new:
            raise PersonRefused("this is the old password: choose another")
        refuse_weak(new, person.name)
        hashed, now = self.passwords.hash(new), self.clock.now()
        with self.store.transaction() as tx:
            tx.save_person(replace(tx.person(person.id), password_hash=hashed, must_change_password=False))
            tx.end_sessions(person.id, now, but=here)
            self._record(tx, AuditKind.PASSWORD_CHANGED, by, "their own")

    def reset_second_factor(self, name: str, by: By) -> None:
        """Take the second factor away, for one who lost it; ends their stays."""
        with self.store.transaction() as tx:
            person = known(tx, name)
            tx.save_person(without_second_factor(person))
            tx.keep_recovery_codes(person.id, ())
            tx.end_sessions(person.id, self.clock.now())
            self._record(tx, AuditKind.SECOND_FACTOR_REMOVED, by, person.name)

    def _new(self, name: str, role: Role, password: str, *, must_change: bool) -> Person:
        plain = " ".join(name.split())
        if fault := name_fault(plain):
            raise PersonRefused(fault)
        refuse_weak(password, plain)
        hashed = self.passwords.hash(password)
        return Person(0, plain, role, hashed, self.clock.now(), must_change_password=must_change)

    def _added(self, tx: AccessTransaction, person: Person, by: By, how: str) -> Person:
        if tx.person_named(person.name):
            raise PersonRefused(f"somebody is called {person.name} already: a name stays its owner's for good")
        added = tx.add_person(person)
        self._record(tx, AuditKind.PERSON_ADDED, by, f"{person.name}: {how}")
        return added

    def _keep_an_administrator(self, tx: AccessTransaction, person: Person, becomes: Role | None) -> None:
        others = [p for p in tx.people() if p.role is Role.ADMINISTRATOR and not p.is_disabled and p.id != person.id]
        if person.role is Role.ADMINISTRATOR and becomes is not Role.ADMINISTRATOR and not others:
            raise PersonRefused(f"{person.name} is the only administrator: make another one first")

    def _note_refusal(self, by: By, detail: str) -> None:
        with self.store.transaction() as tx:
            self._record(tx, AuditKind.NOT_LET_IN, by, detail)

    def _record(self, tx: AccessTransaction, kind: AuditKind, by: By, detail: str) -> None:
        tx.record(AuditEntry(kind, self.clock.now(), by.name, by.address, detail=detail))


def known(tx: AccessTransaction, name: str) -> Person:
    """Who has this name. Raises NotFound."""
    person = tx.person_named(name)
    if person is None:
        raise NotFound(f"nobody is called {name}: `referloop person list` names everybody")
    return person
