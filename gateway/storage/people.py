"""Rows of accounts and their recovery codes."""

from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from gateway.domain.person import Person, Role, name_key
from gateway.errors import NotFound
from gateway.storage.access_tables import identities, people, recovery_codes
from gateway.storage.chain import EventRows


class PeopleRows(EventRows):
    """Accounts of one transaction's connection."""

    def has_people(self) -> bool:
        """Whether any account was ever made."""
        return self._connection.execute(select(people.c.id).limit(1)).first() is not None

    def people(self) -> list[Person]:
        """All, by name, shut out ones too."""
        return [_person_of(row) for row in self._connection.execute(select(people).order_by(people.c.name_key))]

    def person(self, person_id: int) -> Person:
        """By id. Raises NotFound."""
        row = self._connection.execute(select(people).where(people.c.id == person_id)).one_or_none()
        if row is None:
            raise NotFound(f"nobody has the account {person_id}")
        return _person_of(row)

    def person_named(self, name: str) -> Person | None:
        """By the name they type; case and spaces do not matter."""
        row = self._connection.execute(select(people).where(people.c.name_key == name_key(name))).one_or_none()
        return _person_of(row) if row else None

    def add_person(self, person: Person) -> Person:
        """A new account; the id is given here. The caller has checked `person_named`."""
        return replace(person, id=self._insert(insert(people).values(_columns(person))))

    def save_person(self, person: Person) -> None:
        """Write back everything but id and name."""
        self._connection.execute(update(people).where(people.c.id == person.id).values(_columns(person)))

    def keep_recovery_codes(self, person_id: int, code_hashes: Iterable[str]) -> None:
        """These in place of those kept before."""
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person_id))
        for code_hash in code_hashes:
            self._connection.execute(insert(recovery_codes).values(person_id=person_id, code_hash=code_hash))

    def spend_recovery_code(self, person_id: int, code_hash: str) -> bool:
        """Whether it was kept; it is no longer."""
        spent = delete(recovery_codes).where(
            recovery_codes.c.person_id == person_id, recovery_codes.c.code_hash == code_hash
        )
        return self._connection.execute(spent).rowcount == 1

    def recovery_codes_left(self, person_id: int) -> int:
        """How many can still be used."""
        query = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.person_id == person_id)
        return self._connection.execute(query).scalar() or 0

    def person_known_as(self, issuer: str, subject: str) -> Person | None:
        """By what an identity provider calls them."""
        theirs = (identities.c.issuer == issuer, identities.c.subject == subject)
        query = select(people).join(identities, identities.c.person_id == people.c.id).where(*theirs)
        row = self._connection.execute(query).one_or_none()
        return _person_of(row) if row else None

    def link_identity(self, person_id: int, issuer: str, subject: str, at: datetime) -> None:
        """From now on they are known by it."""
        values = {"issuer": issuer, "subject": subject, "person_id": person_id, "linked_at": at}
        self._connection.execute(insert(identities).values(values))

    def identities_of(self, person_id: int) -> list[str]:
        """The issuers that a person comes by."""
        query = select(identities.c.issuer).where(identities.c.person_id == person_id).order_by(identities.c.linked_at)
        return list(self._connection.execute(query).scalars())


def _columns(person: Person) -> dict[str, Any]:
    columns = asdict(person) | {"role": person.role.value, "name_key": name_key(person.name)}
    del columns["id"]
    return columns


def _person_of(row: Row[Any]) -> Person:
    columns: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(Person)}
    columns["role"] = Role(row.role)
    return Person(**columns)
