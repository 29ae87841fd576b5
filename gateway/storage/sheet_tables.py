"""The tables of intake sheets, and of entries of the directory that were merged."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from gateway.storage.tables import Utc, Words, metadata

intake_sheets = Table(
    "intake_sheets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(8), nullable=False, unique=True),
    Column("fields", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("started_by", Words, nullable=False),
    Column("saved_at", Utc, nullable=False, index=True),
    Column("saved_by", Words, nullable=False),
    Column("discarded_at", Utc),
    Column("referral_id", ForeignKey("referrals.id")),
)

sheet_files = Table(
    "sheet_files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sheet_id", ForeignKey("intake_sheets.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("label", Words, nullable=False),
)

recipient_merges = Table(
    "recipient_merges",
    metadata,
    Column("retired_id", ForeignKey("recipients.id"), primary_key=True),
    Column("kept_id", ForeignKey("recipients.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("actor", Words, nullable=False),
    Column("filled", Words, nullable=False),
)

merged_referrals = Table(
    "merged_referrals",
    metadata,
    Column("retired_id", ForeignKey("recipients.id"), primary_key=True),
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True, index=True),
)
