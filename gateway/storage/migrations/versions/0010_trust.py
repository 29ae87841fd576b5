"""What comes in infected, text messages and the consent to them, and certificates of mail addresses."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; nothing was scanned, nobody agreed to anything, and there is no certificate."""
    op.add_column("arrivals", sa.Column("infection", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "text_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("carrier_reference", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_messages")),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_text_messages_referral_id")),
        sa.UniqueConstraint("key", name=op.f("uq_text_messages_key")),
    )
    op.create_index("ix_text_messages_referral_id", "text_messages", ["referral_id"])
    op.create_index("ix_text_messages_destination", "text_messages", ["destination"])
    op.create_index("ix_text_messages_carrier_reference", "text_messages", ["carrier_reference"])
    op.create_index("ix_text_messages_state", "text_messages", ["state", "next_attempt_at"])
    op.create_table(
        "text_consents",
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("given_how", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_text_consents")),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_text_consents_referral_id")),
    )
    op.create_index("ix_text_consents_phone", "text_consents", ["phone"])
    op.create_table(
        "text_opt_outs",
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_text_opt_outs")),
    )
    op.create_table(
        "text_replies",
        sa.Column("carrier_reference", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("carrier_reference", name=op.f("pk_text_replies")),
    )
    op.create_table(
        "certificates",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("not_after", sa.DateTime(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_certificates")),
    )


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0010: go back with the backup")
