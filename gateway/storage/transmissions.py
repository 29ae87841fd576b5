"""Rows of the sending ledger. Every step is a compare-and-set on the row's state."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update

from config.vocabulary import Channel
from gateway.domain.event import Event, EventKind
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.errors import NotFound, StaleRow
from gateway.storage.chain import EventRows
from gateway.storage.tables import arrangements, arrivals, transmissions
from gateway.storage.values import transmission_columns, transmission_of


class TransmissionRows(EventRows):
    """Transmissions of one transaction's connection."""

    def intend_transmission(
        self,
        *,
        referral_id: int,
        purpose: Purpose,
        channel: Channel,
        destination: str,
        key: str,
        requested_by: str,
        at: datetime,
    ) -> Transmission:
        """Commit the intent, due at once, with its event; the same key again returns the first row."""
        if known := self.transmission_keyed(key):
            return known
        last = select(func.max(transmissions.c.ordinal)).where(transmissions.c.referral_id == referral_id)
        row = Transmission(
            id=0,
            referral_id=referral_id,
            ordinal=(self._connection.execute(last).scalar() or 0) + 1,
            purpose=purpose,
            channel=channel,
            destination=destination,
            key=key,
            state=TransmissionState.INTENDED,
            requested_by=requested_by,
            created_at=at,
            next_attempt_at=at,
        )
        new_id = self._insert(insert(transmissions).values(**transmission_columns(row)))
        stored = replace(row, id=new_id)
        self.append(
            Event(
                EventKind.TRANSMISSION_INTENDED,
                at,
                referral_id=referral_id,
                transmission_id=stored.id,
                detail={
                    "ordinal": stored.ordinal,
                    "purpose": purpose.value,
                    "channel": channel.value,
                    "to": destination,
                    "asked_by": requested_by,
                },
            )
        )
        return stored

    def transmission(self, transmission_id: int) -> Transmission:
        """By id. Raises NotFound."""
        row = self._connection.execute(select(transmissions).where(transmissions.c.id == transmission_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no transmission with id {transmission_id}")
        return transmission_of(row)

    def transmission_keyed(self, key: str) -> Transmission | None:
        """By idempotency key."""
        row = self._connection.execute(select(transmissions).where(transmissions.c.key == key)).one_or_none()
        return transmission_of(row) if row else None

    def transmissions_of(self, referral_id: int) -> list[Transmission]:
        """In order of ordinal."""
        query = select(transmissions).where(transmissions.c.referral_id == referral_id)
        return [transmission_of(row) for row in self._connection.execute(query.order_by(transmissions.c.ordinal))]

    def transmissions_due(self, at: datetime, channels: Iterable[Channel], limit: int = 100) -> list[Transmission]:
        """Intended for one of these channels, their time has come, nobody has them."""
        query = (
            select(transmissions)
            .where(
                transmissions.c.state == TransmissionState.INTENDED.value,
                transmissions.c.channel.in_([channel.value for channel in channels]),
                transmissions.c.next_attempt_at <= at,
                or_(transmissions.c.lease_until.is_(None), transmissions.c.lease_until <= at),
            )
            .order_by(transmissions.c.next_attempt_at)
            .limit(limit)
        )
        return [transmission_of(row) for row in self._connection.execute(query)]

    def transmissions_in(self, states: Iterable[TransmissionState], limit: int = 1000) -> list[Transmission]:
        """All in these states, oldest first."""
        wanted = [state.value for state in states]
        query = select(transmissions).where(transmissions.c.state.in_(wanted)).order_by(transmissions.c.id).limit(limit)
        return [transmission_of(row) for row in self._connection.execute(query)]

    def lease_transmission(self, transmission_id: int, at: datetime, until: datetime) -> Transmission | None:
        """Claim an intended row whose lease is free or over; None if someone else has it."""
        done = self._connection.execute(
            update(transmissions)
            .where(
                transmissions.c.id == transmission_id,
                transmissions.c.state == TransmissionState.INTENDED.value,
                or_(transmissions.c.lease_until.is_(None), transmissions.c.lease_until <= at),
            )
            .values(lease_until=until)
        )
        return self.transmission(transmission_id) if done.rowcount == 1 else None

    def save_transmission(
        self, transmission: Transmission, expected: TransmissionState, event: Event | None
    ) -> Transmission:
        """Write back if the row's state is still `expected`. Raises StaleRow."""
        done = self._connection.execute(
            update(transmissions)
            .where(transmissions.c.id == transmission.id, transmissions.c.state == expected.value)
            .values(**transmission_columns(transmission))
        )
        if done.rowcount != 1:
            raise StaleRow(f"transmission {transmission.id} is no longer {expected.value}: someone else was first")
        if event is not None:
            self.append(event)
        return transmission

    def release_leases(self) -> int:
        """Free every lease on transmissions and arrivals; only for the one process that starts alone."""
        freed = 0
        for table in (transmissions, arrivals, arrangements):
            freed += self._connection.execute(
                update(table).where(table.c.lease_until.is_not(None)).values(lease_until=None)
            ).rowcount
        return freed
