"""The tables of text messages, of who agreed to them, and of certificates that mail is locked and signed with."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from gateway.storage.tables import Utc, Words, metadata

text_messages = Table(
    "text_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), index=True),
    Column("audience", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("destination", Words, nullable=False, index=True),
    Column("language", String, nullable=False),
    Column("body", Words, nullable=False),
    Column("key", Words, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("requested_by", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("next_attempt_at", Utc),
    Column("expires_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("carrier_reference", Words, nullable=False, index=True),
    Column("cause", Words, nullable=False),
    Column("submitted_at", Utc),
    Column("ended_at", Utc),
    Column("lease_until", Utc),
    Index("ix_text_messages_state", "state", "next_attempt_at"),
)

text_consents = Table(
    "text_consents",
    metadata,
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True),
    Column("phone", Words, nullable=False, index=True),
    Column("language", String, nullable=False),
    Column("given_how", Words, nullable=False),
    Column("recorded_by", Words, nullable=False),
    Column("at", Utc, nullable=False),
    Column("withdrawn_at", Utc),
)

text_opt_outs = Table(
    "text_opt_outs",
    metadata,
    Column("phone", Words, primary_key=True),
    Column("at", Utc, nullable=False),
)

text_replies = Table(
    "text_replies",
    metadata,
    Column("carrier_reference", Words, primary_key=True),
    Column("phone", Words, nullable=False),
    Column("meaning", String, nullable=False),
    Column("at", Utc, nullable=False),
)

certificates = Table(
    "certificates",
    metadata,
    Column("address", Words, primary_key=True),
    Column("pem", Words, nullable=False),
    Column("not_after", Utc, nullable=False),
    Column("saved_by", Words, nullable=False),
    Column("saved_at", Utc, nullable=False),
)
