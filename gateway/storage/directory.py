"""Rows of recipients."""

from dataclasses import replace
from typing import Any

from sqlalchemy import insert, or_, select, update

from gateway.domain.directory import Recipient
from gateway.domain.event import Event
from gateway.errors import NotFound
from gateway.storage.chain import EventRows
from gateway.storage.tables import recipients
from gateway.storage.values import RECIPIENT


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _columns(recipient: Recipient) -> dict[str, Any]:
    return {
        "name_key": _key(recipient.name),
        "organization_key": _key(recipient.organization),
        "fax": recipient.fax,
        "email": recipient.email.casefold(),
        "value": RECIPIENT.dump_json(recipient).decode(),
    }


class RecipientRows(EventRows):
    """The directory of one transaction's connection."""

    def save_recipient(self, recipient: Recipient, event: Event) -> Recipient:
        """Insert (id 0) or update, with its event."""
        stored = recipient
        if recipient.id:
            done = self._connection.execute(
                update(recipients).where(recipients.c.id == recipient.id).values(**_columns(recipient))
            )
            if done.rowcount != 1:
                raise NotFound(f"nobody in the directory has id {recipient.id}")
        else:
            new_id = self._insert(insert(recipients).values(**_columns(recipient)))
            stored = replace(recipient, id=new_id)
        self.append(replace(event, recipient_id=stored.id))
        return stored

    def recipient(self, recipient_id: int) -> Recipient:
        """By id. Raises NotFound."""
        row = self._connection.execute(select(recipients).where(recipients.c.id == recipient_id)).one_or_none()
        if row is None:
            raise NotFound(f"nobody in the directory has id {recipient_id}")
        return replace(RECIPIENT.validate_json(row.value), id=row.id)

    def recipient_named(self, name: str) -> Recipient | None:
        """By name or organization, exact but for case and spaces; the name first."""
        key = _key(name)
        if not key:
            return None
        query = (
            select(recipients)
            .where(or_(recipients.c.name_key == key, recipients.c.organization_key == key))
            .order_by(recipients.c.name_key != key, recipients.c.id)
        )
        row = self._connection.execute(query).first()
        return replace(RECIPIENT.validate_json(row.value), id=row.id) if row else None

    def recipients(self) -> list[Recipient]:
        """All, by name."""
        rows = self._connection.execute(select(recipients).order_by(recipients.c.name_key))
        return [replace(RECIPIENT.validate_json(row.value), id=row.id) for row in rows]

    def recipients_reached_at(self, destination: str) -> list[Recipient]:
        """Whose fax number or address this is."""
        if not destination:
            return []
        query = select(recipients).where(
            or_(recipients.c.fax == destination, recipients.c.email == destination.casefold())
        )
        return [replace(RECIPIENT.validate_json(row.value), id=row.id) for row in self._connection.execute(query)]
