"""Rows of recipients: saving, finding by name, number and words. A merged row leads to its heir."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update

from gateway.domain.directory import FaxStanding, Recipient, fax_standing
from gateway.domain.event import ChainedEvent, Event, EventKind
from gateway.errors import NotFound
from gateway.services.directory_questions import Found, Shown, Sought
from gateway.storage.chain import EventRows, chained
from gateway.storage.tables import events, recipients
from gateway.storage.values import RECIPIENT
from gateway.storage.words import folded_words

_FEWEST_DIGITS = 4  # from here on digits are a piece of a number, whatever stands between them
_STANDS = recipients.c.merged_into.is_(None)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def search_columns(value: str) -> dict[str, str]:
    """What an entry, as JSON, is found by."""
    entry = RECIPIENT.validate_json(value)
    said = (entry.name, entry.organization, entry.specialty, entry.city, entry.address, entry.email, entry.npi)
    numbers = (number.removeprefix("+") for number in (entry.fax, entry.phone))
    return {
        "npi": entry.npi,
        "searched": " ".join((*folded_words(" ".join(said)), *numbers)),
        "fax_standing": fax_standing(entry).value,
    }


def columns_of(recipient: Recipient) -> dict[str, Any]:
    """All columns of a recipient but its id."""
    value = RECIPIENT.dump_json(recipient).decode()
    return {
        "name_key": _key(recipient.name),
        "organization_key": _key(recipient.organization),
        "fax": recipient.fax,
        "email": recipient.email.casefold(),
        "value": value,
        "merged_into": recipient.merged_into or None,
    } | search_columns(value)


def recipient_of(row: Row[Any]) -> Recipient:
    """A recipient from its row."""
    return replace(RECIPIENT.validate_json(row.value), id=row.id)


class RecipientRows(EventRows):
    """The directory of one transaction's connection."""

    def save_recipient(self, recipient: Recipient, event: Event) -> Recipient:
        """Insert (id 0) or update, with its event."""
        stored = recipient
        if recipient.id:
            done = self._connection.execute(
                update(recipients).where(recipients.c.id == recipient.id).values(**columns_of(recipient))
            )
            if done.rowcount != 1:
                raise NotFound(f"nobody in the directory has id {recipient.id}")
        else:
            new_id = self._insert(insert(recipients).values(**columns_of(recipient)))
            stored = replace(recipient, id=new_id)
        self.append(replace(event, recipient_id=stored.id))
        return stored

    def recipient(self, recipient_id: int) -> Recipient:
        """By id, also one that was merged. Raises NotFound."""
        row = self._connection.execute(select(recipients).where(recipients.c.id == recipient_id)).one_or_none()
        if row is None:
            raise NotFound(f"nobody in the directory has id {recipient_id}")
        return recipient_of(row)

    def heir_of(self, recipient_id: int) -> Recipient:
        """By id; of one that was merged, the entry that stands for it. Raises NotFound."""
        found = self.recipient(recipient_id)
        while found.merged_into:
            found = self.recipient(found.merged_into)
        return found

    def recipient_named(self, name: str) -> Recipient | None:
        """By name or organization, exact but for case and spaces; the name first, and who stands for itself."""
        key = _key(name)
        if not key:
            return None
        query = (
            select(recipients.c.id)
            .where(or_(recipients.c.name_key == key, recipients.c.organization_key == key))
            .order_by(recipients.c.merged_into.is_not(None), recipients.c.name_key != key, recipients.c.id)
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else self.heir_of(found)

    def recipients(self) -> list[Recipient]:
        """All that stand for themselves, by name."""
        query = select(recipients).where(_STANDS).order_by(recipients.c.name_key)
        return [recipient_of(row) for row in self._connection.execute(query)]

    def recipients_reached_at(self, destination: str) -> list[Recipient]:
        """Whose fax number or address this is, or was before a merge."""
        if not destination:
            return []
        query = select(recipients).where(
            or_(recipients.c.fax == destination, recipients.c.email == destination.casefold())
        )
        found = [recipient_of(row) for row in self._connection.execute(query)]
        heirs = {heir.id: heir for heir in (self.heir_of(one.id) if one.merged_into else one for one in found)}
        return list(heirs.values())

    def recipients_sought(self, sought: Sought, offset: int = 0, limit: int = 50) -> Found:
        """By name."""
        condition = [*_holds(_wanted(sought.words)), *_shown(sought.shown)]
        total = self._connection.execute(select(func.count()).select_from(recipients).where(*condition)).scalar() or 0
        page = (
            select(recipients)
            .where(*condition)
            .order_by(recipients.c.name_key, recipients.c.id)
            .offset(offset)
            .limit(limit)
        )
        return Found(tuple(recipient_of(row) for row in self._connection.execute(page)), total)

    def fax_standings(self) -> dict[FaxStanding, int]:
        """How many entries of each there are."""
        query = select(recipients.c.fax_standing, func.count()).where(_STANDS).group_by(recipients.c.fax_standing)
        return {FaxStanding(row[0]): row[1] for row in self._connection.execute(query)}

    def recipient_history(self, recipient_id: int, limit: int = 50) -> list[ChainedEvent]:
        """Events of the entry itself, newest first; not those of its referrals."""
        kinds = [kind.value for kind in _OWN_KINDS]
        query = (
            select(events)
            .where(events.c.recipient_id == recipient_id, events.c.kind.in_(kinds))
            .order_by(events.c.seq.desc())
            .limit(limit)
        )
        return [chained(row) for row in self._connection.execute(query)]


_OWN_KINDS = (
    EventKind.RECIPIENT_SAVED,
    EventKind.RECIPIENT_MERGED,
    EventKind.RECIPIENT_PARTED,
    EventKind.NUMBER_CONFIRMED,
    EventKind.NUMBER_SET_ASIDE,
)


def _wanted(words: str) -> tuple[str, ...]:
    """The words of a search; what is mostly a number is looked for by its digits alone."""
    digits = "".join(char for char in words if char.isdecimal())
    if len(digits) >= _FEWEST_DIGITS and not any(char.isalpha() for char in words):
        return (digits.removeprefix("1") if len(digits) == 11 else digits,)
    return folded_words(words, 12)


def _holds(words: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """That an entry, or one that was merged into it, holds every word."""
    if not words:
        return []
    former = recipients.alias()
    own = and_(*(recipients.c.searched.contains(word, autoescape=True) for word in words))
    theirs = and_(*(former.c.searched.contains(word, autoescape=True) for word in words))
    return [
        or_(own, recipients.c.id.in_(select(former.c.merged_into).where(former.c.merged_into.is_not(None), theirs)))
    ]


def _shown(shown: Shown) -> list[ColumnElement[bool]]:
    match shown:
        case Shown.ALL:
            return [_STANDS]
        case Shown.UNCONFIRMED:
            return [_STANDS, recipients.c.fax_standing == FaxStanding.UNCONFIRMED.value]
        case Shown.SET_ASIDE:
            return [_STANDS, recipients.c.fax_standing == FaxStanding.SET_ASIDE.value]
        case Shown.MERGED:
            return [recipients.c.merged_into.is_not(None)]
