"""The tables. A value that is asked about has a column; the rest of a frozen value lies beside it as JSON."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect


class Utc(TypeDecorator[datetime]):
    """Aware times in, aware UTC times out; a naive time is a bug and is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To naive UTC for the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time reached the store")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """To aware UTC for the caller."""
        return value.replace(tzinfo=UTC) if value is not None else None


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

recipients = Table(
    "recipients",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name_key", String, nullable=False, index=True),
    Column("organization_key", String, nullable=False, index=True),
    Column("fax", String, nullable=False, index=True),
    Column("email", String, nullable=False, index=True),
    Column("value", Text, nullable=False),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(8), nullable=False, unique=True),
    Column("origin", String, nullable=False),
    Column("external_id", String, nullable=False),
    Column("recipient_id", ForeignKey("recipients.id"), nullable=False, index=True),
    Column("family_key", String, nullable=False, index=True),
    Column("family_start", String, nullable=False, index=True),
    Column("given_key", String, nullable=False),
    Column("birth_date", Date, nullable=False, index=True),
    Column("mrn", String, nullable=False, index=True),
    Column("phone", String, nullable=False, index=True),
    Column("intake", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("status_since", Utc, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("version", Integer, nullable=False),
    Column("clock", String),
    Column("clock_started_at", Utc),
    Column("rung", Integer, nullable=False),
    Column("due_at", Utc),
    Column("requests_sent", Integer, nullable=False),
    Column("sent_at", Utc),
    Column("appointment_at", Utc),
    Column("paused_until", Utc),
    Column("escalated_at", Utc),
    Column("closed_at", Utc),
    UniqueConstraint("origin", "external_id"),
    Index("ix_referrals_due", "due_at", "status"),
    Index("ix_referrals_status", "status", "id"),
)

transmissions = Table(
    "transmissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("purpose", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("destination", String, nullable=False, index=True),
    Column("key", String, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("next_attempt_at", Utc),
    Column("attempts", Integer, nullable=False),
    Column("dials", Integer, nullable=False),
    Column("packet_sha256", String, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("pages_confirmed", Integer, nullable=False),
    Column("carrier", String, nullable=False),
    Column("carrier_reference", String, nullable=False),
    Column("cause", Text, nullable=False),
    Column("is_simulated", Boolean, nullable=False),
    Column("submitted_at", Utc),
    Column("ended_at", Utc),
    Column("lease_until", Utc),
    UniqueConstraint("referral_id", "ordinal"),
    Index("ix_transmissions_state", "state", "next_attempt_at"),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", String, nullable=False, unique=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size_bytes", Integer, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("duplicate_of", ForeignKey("arrivals.id")),
    Column("media_type", String, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("lease_until", Utc),
    Column("reading", Text),
    Column("purged_at", Utc),
    Index("ix_arrivals_state", "state", "id"),
)

parts = Table(
    "parts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arrival_id", ForeignKey("arrivals.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("pages", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("settled_by", String, nullable=False),
    Column("settled_at", Utc),
    Column("evidence", Text, nullable=False),
    UniqueConstraint("arrival_id", "place"),
    Index("ix_parts_state", "state", "id"),
)

filings = Table(
    "filings",
    metadata,
    Column("part_id", ForeignKey("parts.id"), primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True, index=True),
)

candidates = Table(
    "candidates",
    metadata,
    Column("part_id", ForeignKey("parts.id"), primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True, index=True),
    Column("rank", Integer, nullable=False),
    Column("posterior", Float, nullable=False),
    Column("findings", Text, nullable=False),
    Column("against", Text, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("done_at", Utc, index=True),
    Column("done_by", String, nullable=False),
)

places = Table(
    "places",
    metadata,
    Column("source", String, primary_key=True),
    Column("value", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor", String, nullable=False),
    Column("referral_id", Integer, index=True),
    Column("arrival_id", Integer, index=True),
    Column("part_id", Integer, index=True),
    Column("transmission_id", Integer, index=True),
    Column("recipient_id", Integer),
    Column("detail", Text),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

event_head = Table(
    "event_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
