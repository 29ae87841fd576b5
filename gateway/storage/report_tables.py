"""The tables behind the reports: each referral's milestones, kept with every event that changes them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from gateway.storage.tables import Utc, Words, metadata

milestones = Table(
    "milestones",
    metadata,
    Column("referral_id", ForeignKey("referrals.id"), primary_key=True),
    Column("recipient_id", Integer, nullable=False),
    Column("specialty", Words, nullable=False),
    Column("urgency", Words, nullable=False),
    Column("service", String, nullable=False),
    Column("patient_key", Words, nullable=False),
    Column("ordered_at", Utc),
    Column("sent_at", Utc),
    Column("answer_by", Utc),
    Column("answered_at", Utc),
    Column("booked_at", Utc),
    Column("seen_at", Utc),
    Column("reported_at", Utc),
    Column("report_from", String, nullable=False),
    # Seconds from sending, so that every database sorts them alike.
    Column("answered_s", Integer),
    Column("booked_s", Integer),
    Column("seen_s", Integer),
    Column("reported_s", Integer),
    Index("ix_milestones_ordered", "ordered_at"),
    Index("ix_milestones_sent", "sent_at"),
)
"""One row a referral. It says nothing that the events do not say: it can be made anew from them at any time."""
