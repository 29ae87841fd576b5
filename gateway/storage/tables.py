"""The tables. A value that is asked about has a column; the rest of a frozen value lies beside it as JSON."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
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
    text,
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


class Words(TypeDecorator[str]):
    """Text from outside, such as the database takes it: no NUL, and half characters written out.

    A file name of broken bytes or a NUL in a PDF's text is a reason to look, never to lose a document.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Cleaned; what is asked for is cleaned alike, so that it is found again."""
        return value if value is None else storable(value)


def storable(text: str) -> str:
    """The text without NUL (PostgreSQL takes none) and without lone surrogates (UTF-8 has none)."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "backslashreplace").decode()


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BOARD = (
    "is_open", "board_rank", "look_at", "id", "status", "clock", "urgency", "due_at", "owner", "specialty_key",
    "recipient_id", "number", "patient_key",
)  # fmt: skip
"""The board's order, and behind it all it narrows by: no row is fetched that is not shown."""

recipients = Table(
    "recipients",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name_key", Words, nullable=False, index=True),
    Column("organization_key", Words, nullable=False, index=True),
    Column("fax", Words, nullable=False, index=True),
    Column("email", Words, nullable=False, index=True),
    Column("value", Words, nullable=False),
    Column("npi", Words, nullable=False, server_default="", index=True),
    Column("searched", Words, nullable=False, server_default=""),
    Column("fax_standing", String, nullable=False, server_default=""),
    Column("merged_into", Integer, index=True),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(8), nullable=False, unique=True),
    Column("origin", Words, nullable=False),
    Column("external_id", Words, nullable=False),
    Column("recipient_id", ForeignKey("recipients.id"), nullable=False, index=True),
    Column("intake", Words, nullable=False),
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
    Column("owner", Words, nullable=False, server_default=""),
    # What the board filters and sorts by, taken from the rest of the row: see board_columns in values.py.
    Column("is_open", Boolean, nullable=False, server_default=text("true")),
    Column("board_rank", Integer, nullable=False, server_default="1"),
    Column("look_at", Utc),
    Column("urgency", Words, nullable=False, server_default=""),
    Column("specialty_key", Words, nullable=False, server_default=""),
    Column("patient_key", Words, nullable=False, server_default=""),
    UniqueConstraint("origin", "external_id"),
    Index("ix_referrals_due", "due_at", "status"),
    Index("ix_referrals_status", "status", "id"),
    Index("ix_referrals_board", *BOARD),
    Index("ix_referrals_served", "is_open", "specialty_key", "recipient_id"),
)

referral_keys = Table(
    "referral_keys",
    metadata,
    Column("key", Words, primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True, index=True),
)

attachments = Table(
    "attachments",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True, index=True),
)

transmissions = Table(
    "transmissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("purpose", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("destination", Words, nullable=False, index=True),
    Column("key", Words, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("requested_by", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("next_attempt_at", Utc),
    Column("attempts", Integer, nullable=False),
    Column("dials", Integer, nullable=False),
    Column("packet_sha256", String, nullable=False, index=True),
    Column("pages", Integer, nullable=False),
    Column("pages_confirmed", Integer, nullable=False),
    Column("carrier", Words, nullable=False),
    Column("carrier_reference", Words, nullable=False),
    Column("cause", Words, nullable=False),
    Column("is_simulated", Boolean, nullable=False),
    Column("submitted_at", Utc),
    Column("ended_at", Utc),
    Column("lease_until", Utc),
    UniqueConstraint("referral_id", "ordinal"),
    Index("ix_transmissions_state", "state", "next_attempt_at"),
    Index("ix_transmissions_submitted", "submitted_at", "channel"),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Words, nullable=False, unique=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size_bytes", Integer, nullable=False),
    Column("envelope", Words, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("duplicate_of", ForeignKey("arrivals.id")),
    Column("media_type", Words, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("error", Words, nullable=False),
    Column("lease_until", Utc),
    Column("reading", Text),
    Column("purged_at", Utc),
    Column("channel", String, nullable=False, server_default=""),
    Column("infection", Words, nullable=False, server_default=""),
    Index("ix_arrivals_state", "state", "id"),
    Index("ix_arrivals_received", "received_at", "channel"),
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
    Column("reason", Words, nullable=False),
    Column("settled_by", Words, nullable=False),
    Column("settled_at", Utc),
    Column("evidence", Words, nullable=False),
    Column("fingerprint", Words, nullable=False, server_default=""),
    Column("like_part", Integer),
    Column("queued_at", Utc),
    Column("arrangement_id", Integer),
    UniqueConstraint("arrival_id", "place"),
    Index("ix_parts_state", "state", "id"),
    Index("ix_parts_waiting", "state", "arrival_id", "place"),
    Index("ix_parts_settled", "state", "settled_at"),
)

arrangements = Table(
    "arrangements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arrival_id", ForeignKey("arrivals.id"), nullable=False),
    Column("part_ids", Text, nullable=False),
    Column("groups", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("asked_by", Words, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Utc),
    Column("ended_at", Utc, index=True),
    Column("new_ids", Text, nullable=False),
    Column("error", Words, nullable=False),
)

filings = Table(
    "filings",
    metadata,
    Column("part_id", ForeignKey("parts.id"), primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True, index=True),
    Column("effect", Words),
)

queue_marks = Table(
    "queue_marks",
    metadata,
    Column("item_id", Integer, primary_key=True, autoincrement=False),
    Column("assigned_to", Words, nullable=False, server_default=""),
    Column("label", Words, nullable=False, server_default=""),
    Column("held_by", Words, nullable=False, server_default=""),
    Column("held_until", Utc),
    Index("ix_queue_marks_assigned", "assigned_to", "item_id"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", Integer, nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("author", Words, nullable=False),
    Column("text", Words, nullable=False),
)

blocked_senders = Table(
    "blocked_senders",
    metadata,
    Column("sender", Words, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
)

candidates = Table(
    "candidates",
    metadata,
    Column("part_id", ForeignKey("parts.id"), primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True, index=True),
    Column("rank", Integer, nullable=False),
    Column("posterior", Float, nullable=False),
    Column("findings", Words, nullable=False),
    Column("against", Words, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("text", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("done_at", Utc, index=True),
    Column("done_by", Words, nullable=False),
    Column("snoozed_until", Utc),
    Index(
        "uq_tasks_open",
        "referral_id",
        "kind",
        unique=True,
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("query", Words, nullable=False),
    Column("list", Words, nullable=False, server_default="board"),
    UniqueConstraint("person", "list", "name"),
)

places = Table(
    "places",
    metadata,
    Column("source", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor", Words, nullable=False),
    Column("referral_id", Integer, index=True),
    Column("arrival_id", Integer, index=True),
    Column("part_id", Integer, index=True),
    Column("transmission_id", Integer, index=True),
    Column("recipient_id", Integer, index=True),
    Column("detail", Text),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_events_kind", "kind", "at"),
)

event_head = Table(
    "event_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
