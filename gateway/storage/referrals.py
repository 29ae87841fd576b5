"""Rows of referrals, and the questions asked about them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select, update

from gateway.domain.arrival import PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import OPEN, Intake, Referral, Status
from gateway.domain.transmission import TransmissionState
from gateway.errors import NotFound, StaleRow
from gateway.storage.chain import EventRows
from gateway.storage.keys import keys_of
from gateway.storage.milestones import keep_milestones
from gateway.storage.tables import attachments, candidates, parts, referral_keys, referrals, transmissions
from gateway.storage.values import referral_columns, referral_of

_OPEN = [status.value for status in OPEN]
_IN_THE_AIR = [
    state.value for state in (TransmissionState.INTENDED, TransmissionState.SENDING, TransmissionState.ACCEPTED)
]


class ReferralRows(EventRows):
    """Referrals of one transaction's connection."""

    def add_referral(self, intake: Intake, number: str, at: datetime, actor: str) -> Referral:
        """Open a referral in state ready (or draft), with its event."""
        status = Status.DRAFT if intake.is_draft else Status.READY
        referral = Referral(0, number, intake, status, at, at)
        new_id = self._insert(insert(referrals).values(**referral_columns(referral)))
        stored = replace(referral, id=new_id)
        self._keep_keys(stored)
        self.append(
            Event(
                EventKind.REFERRAL_OPENED,
                at,
                actor,
                referral_id=stored.id,
                recipient_id=intake.recipient_id,
                detail={"number": number, "origin": intake.origin, "urgency": intake.urgency, "status": status.value},
            )
        )
        return stored

    def referral(self, referral_id: int) -> Referral:
        """By id. Raises NotFound."""
        found = self._one(referrals.c.id == referral_id)
        if found is None:
            raise NotFound(f"there is no referral with id {referral_id}")
        return found

    def referral_numbered(self, number: str) -> Referral | None:
        """By its printed number, normalised."""
        return self._one(referrals.c.number == number)

    def referral_known_as(self, origin: str, external_id: str) -> Referral | None:
        """By the sender's own id."""
        return self._one(and_(referrals.c.origin == origin, referrals.c.external_id == external_id))

    def _one(self, condition: ColumnElement[bool]) -> Referral | None:
        row = self._connection.execute(select(referrals).where(condition)).one_or_none()
        return referral_of(row) if row else None

    def referrals(self, statuses: Iterable[Status] | None = None, limit: int = 1000) -> list[Referral]:
        """Newest first."""
        query = select(referrals).order_by(referrals.c.id.desc()).limit(limit)
        if statuses is not None:
            query = query.where(referrals.c.status.in_([status.value for status in statuses]))
        return [referral_of(row) for row in self._connection.execute(query)]

    def referrals_due(self, at: datetime, limit: int = 500) -> list[Referral]:
        """Open, due, not paused, and no part in review names them a candidate."""
        waits_in_review = exists(
            select(candidates.c.part_id)
            .join(parts, parts.c.id == candidates.c.part_id)
            .where(
                candidates.c.referral_id == referrals.c.id,
                parts.c.state.in_((PartState.REVIEW.value, PartState.ARRANGING.value)),
            )
        )
        query = (
            select(referrals)
            .where(
                referrals.c.due_at <= at,
                referrals.c.status.in_(_OPEN),
                or_(referrals.c.paused_until.is_(None), referrals.c.paused_until <= at),
                ~waits_in_review,
            )
            .order_by(referrals.c.due_at)
            .limit(limit)
        )
        return [referral_of(row) for row in self._connection.execute(query)]

    def referrals_ready(self, limit: int = 500) -> list[Referral]:
        """In state ready with no transmission in the air."""
        in_the_air = exists(
            select(transmissions.c.id).where(
                transmissions.c.referral_id == referrals.c.id, transmissions.c.state.in_(_IN_THE_AIR)
            )
        )
        query = (
            select(referrals)
            .where(referrals.c.status == Status.READY.value, ~in_the_air)
            .order_by(referrals.c.id)
            .limit(limit)
        )
        return [referral_of(row) for row in self._connection.execute(query)]

    def save_referral(self, referral: Referral, event: Event) -> Referral:
        """Write back if `version` is still what it was read as. Raises StaleRow."""
        later = replace(referral, version=referral.version + 1)
        before = self._connection.execute(select(referrals.c.intake).where(referrals.c.id == referral.id)).scalar()
        columns = referral_columns(later)
        done = self._connection.execute(
            update(referrals)
            .where(referrals.c.id == referral.id, referrals.c.version == referral.version)
            .values(**columns)
        )
        if done.rowcount != 1:
            raise StaleRow(f"referral {referral.number} was changed by someone else: reload it and try again")
        if columns["intake"] != before:
            self._connection.execute(delete(referral_keys).where(referral_keys.c.referral_id == referral.id))
            self._connection.execute(delete(attachments).where(attachments.c.referral_id == referral.id))
            self._keep_keys(later)
            keep_milestones(self._connection, later.id)
        self.append(event)
        return later

    def _keep_keys(self, referral: Referral) -> None:
        """By what the referral is found, and which bytes it needs."""
        keys = [{"key": key, "referral_id": referral.id} for key in sorted(keys_of(referral.intake.patient))]
        self._connection.execute(insert(referral_keys), keys)
        if held := {attachment.sha256 for attachment in referral.intake.attachments}:
            rows = [{"sha256": sha256, "referral_id": referral.id} for sha256 in sorted(held)]
            self._connection.execute(insert(attachments), rows)
