"""The tables of accounts, stays and the audit log, in the same database as the clinic's rows."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

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
    Column("has_password", Boolean, nullable=False),
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

identities = Table(
    "identities",
    metadata,
    Column("issuer", Words, primary_key=True),
    Column("subject", Words, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("linked_at", Utc, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    Column("prefix", String, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("role", String, nullable=False),
    Column("scopes", String, nullable=False),
    Column("made_by", Words, nullable=False),
    Column("maker_id", ForeignKey("people.id")),
    Column("made_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
    Column("revoked_by", Words, nullable=False),
    UniqueConstraint("secret_hash", name="uq_api_tokens_secret_hash"),
)

api_answers = Table(
    "api_answers",
    metadata,
    Column("token_id", ForeignKey("api_tokens.id"), primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("asked_hash", String(64), nullable=False),
    Column("asked_at", Utc, nullable=False, index=True),
    Column("status", Integer),
    Column("headers", Words, nullable=False),
    Column("body", Words, nullable=False),
)
