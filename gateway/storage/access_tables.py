"""The tables of accounts, stays and the audit log, in the same database as the clinic's rows."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

from gateway.storage.tables import Utc, Words, metadata

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("totp_secret", String, nullable=False),
    Column("totp_used_step", Integer, nullable=False),
    Column("totp_offered", String, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("started_at", Utc, nullable=False, index=True),
    Column("seen_at", Utc, nullable=False),
    Column("is_whole", Boolean, nullable=False),
    Column("ended_at", Utc),
)

failures = Table(
    "failures",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Utc, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("path", Words, nullable=False),
    Column("fields", Words, nullable=False),
    Column("kept_at", Utc, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("at", Utc, nullable=False, index=True),
    Column("actor", Words, nullable=False, index=True),
    Column("address", Words, nullable=False),
    Column("path", Words, nullable=False),
    Column("referral", Words, nullable=False, index=True),
    Column("item", Integer),
    Column("status", Integer),
    Column("detail", Words, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
