"""Rows of text messages, of who agreed to them and who does not want them."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, insert, or_, select, update

from gateway.domain.event import Event
from gateway.domain.text_message import Audience, Reply, TextConsent, TextKind, TextMessage, TextState
from gateway.errors import NotFound, StaleRow
from gateway.storage.chain import EventRows
from gateway.storage.trust_tables import text_consents, text_messages, text_opt_outs, text_replies


class TextRows(EventRows):
    """Text messages, on one transaction's connection."""

    def intend_text(self, text: TextMessage, event: Event) -> TextMessage | None:
        """Keep it to be sent; None if one with its key is there already."""
        if self._connection.execute(select(exists().where(text_messages.c.key == text.key))).scalar():
            return None
        new_id = self._insert(insert(text_messages).values(**_columns(text)))
        self.append(event)
        return self.text(new_id)

    def text(self, text_id: int) -> TextMessage:
        """By id. Raises NotFound."""
        row = self._connection.execute(select(text_messages).where(text_messages.c.id == text_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no text message {text_id}")
        return _text(row)

    def texts_of(self, referral_id: int) -> list[TextMessage]:
        """Of one referral, oldest first."""
        query = select(text_messages).where(text_messages.c.referral_id == referral_id).order_by(text_messages.c.id)
        return [_text(row) for row in self._connection.execute(query)]

    def texts_due(self, at: datetime, limit: int = 50) -> list[TextMessage]:
        """Intended, their time has come, not leased."""
        free = or_(text_messages.c.lease_until.is_(None), text_messages.c.lease_until <= at)
        query = (
            select(text_messages)
            .where(text_messages.c.state == TextState.INTENDED.value, text_messages.c.next_attempt_at <= at, free)
            .order_by(text_messages.c.next_attempt_at, text_messages.c.id)
            .limit(limit)
        )
        return [_text(row) for row in self._connection.execute(query)]

    def texts_in(self, states: Iterable[TextState], limit: int = 500) -> list[TextMessage]:
        """In these states, oldest first."""
        wanted = [state.value for state in states]
        query = select(text_messages).where(text_messages.c.state.in_(wanted)).order_by(text_messages.c.id).limit(limit)
        return [_text(row) for row in self._connection.execute(query)]

    def text_under(self, carrier_reference: str) -> TextMessage | None:
        """The one that the carrier knows by this reference."""
        query = select(text_messages).where(text_messages.c.carrier_reference == carrier_reference).limit(1)
        row = self._connection.execute(query).one_or_none() if carrier_reference else None
        return _text(row) if row else None

    def lease_text(self, text_id: int, at: datetime, until: datetime) -> TextMessage | None:
        """Claim an intended one; None if somebody else has it."""
        free = or_(text_messages.c.lease_until.is_(None), text_messages.c.lease_until <= at)
        done = self._connection.execute(
            update(text_messages)
            .where(text_messages.c.id == text_id, text_messages.c.state == TextState.INTENDED.value, free)
            .values(lease_until=until)
        )
        return self.text(text_id) if done.rowcount == 1 else None

    def save_text(self, text: TextMessage, expected: TextState, event: Event | None) -> None:
        """Write back if its state is still `expected`. Raises StaleRow."""
        done = self._connection.execute(
            update(text_messages)
            .where(text_messages.c.id == text.id, text_messages.c.state == expected.value)
            .values(**_columns(text))
        )
        if done.rowcount != 1:
            raise StaleRow(f"text message {text.id} was changed by someone else first")
        if event is not None:
            self.append(event)

    def keep_consent(self, consent: TextConsent, event: Event) -> None:
        """The consent for its referral, in place of an earlier one."""
        self._connection.execute(delete(text_consents).where(text_consents.c.referral_id == consent.referral_id))
        self._connection.execute(insert(text_consents).values(**asdict(consent)))
        self.append(event)

    def text_consent(self, referral_id: int) -> TextConsent | None:
        """Whether the patient agreed, and how."""
        query = select(text_consents).where(text_consents.c.referral_id == referral_id)
        row = self._connection.execute(query).one_or_none()
        return _consent(row) if row else None

    def consents_of(self, phone: str) -> list[TextConsent]:
        """Every consent given for a number, newest first."""
        query = select(text_consents).where(text_consents.c.phone == phone).order_by(text_consents.c.at.desc())
        return [_consent(row) for row in self._connection.execute(query)]

    def has_opted_out(self, phone: str) -> bool:
        """Whether whoever has this number wants no message."""
        return bool(self._connection.execute(select(exists().where(text_opt_outs.c.phone == phone))).scalar())

    def opt_out(self, phone: str, at: datetime) -> None:
        """No message to this number any more."""
        if not self.has_opted_out(phone):
            self._connection.execute(insert(text_opt_outs).values(phone=phone, at=at))

    def opt_in(self, phone: str) -> None:
        """Messages to this number may go again."""
        self._connection.execute(delete(text_opt_outs).where(text_opt_outs.c.phone == phone))

    def keep_reply(self, carrier_reference: str, phone: str, meaning: Reply, at: datetime) -> bool:
        """Remember a received message; False if it was taken before."""
        known = select(exists().where(text_replies.c.carrier_reference == carrier_reference))
        if self._connection.execute(known).scalar():
            return False
        self._connection.execute(
            insert(text_replies).values(carrier_reference=carrier_reference, phone=phone, meaning=meaning.value, at=at)
        )
        return True


def _columns(text: TextMessage) -> dict[str, Any]:
    columns = asdict(text)
    del columns["id"]
    return columns | {name: columns[name].value for name in ("audience", "kind", "state")}


def _text(row: Row[Any]) -> TextMessage:
    columns: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(TextMessage)}
    columns["audience"], columns["kind"] = Audience(row.audience), TextKind(row.kind)
    columns["state"] = TextState(row.state)
    return TextMessage(**columns)


def _consent(row: Row[Any]) -> TextConsent:
    return TextConsent(**{field.name: getattr(row, field.name) for field in fields(TextConsent)})
