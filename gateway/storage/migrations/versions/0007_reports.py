"""Reports and arranging as work: milestones, when a part began to wait, arrangements that were asked for."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed
from gateway.storage.milestones import fill_milestones

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; what the events of before do not say (the policy's time, whose report it was) stays unknown."""
    _milestones()
    op.add_column("parts", sa.Column("queued_at", sa.DateTime(), nullable=True))
    op.add_column("parts", sa.Column("arrangement_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE parts SET queued_at = (SELECT max(events.at) FROM events"
        " WHERE events.part_id = parts.id AND events.kind = 'part_queued')"
    )
    op.create_index("ix_arrivals_received", "arrivals", ["received_at", "channel"])
    op.create_index("ix_transmissions_submitted", "transmissions", ["submitted_at", "channel"])
    op.create_index("ix_events_kind", "events", ["kind", "at"])
    op.create_table(
        "arrangements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("arrival_id", sa.Integer(), nullable=False),
        sa.Column("part_ids", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("new_ids", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arrangements"),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrivals.id"], name="fk_arrangements_arrival_id"),
    )
    op.create_index("ix_arrangements_ended_at", "arrangements", ["ended_at"])


def _milestones() -> None:
    op.create_table(
        "milestones",
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("patient_key", sa.Text(), nullable=False),
        *(
            sa.Column(f"{name}_at" if name != "answer" else "answer_by", sa.DateTime(), nullable=True)
            for name in ("ordered", "sent", "answer", "answered", "booked", "seen", "reported")
        ),
        sa.Column("report_from", sa.String(), nullable=False),
        *(sa.Column(f"{name}_s", sa.Integer(), nullable=True) for name in ("answered", "booked", "seen", "reported")),
        sa.PrimaryKeyConstraint("referral_id", name="pk_milestones"),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name="fk_milestones_referral_id"),
    )
    op.create_index("ix_milestones_ordered", "milestones", ["ordered_at"])
    op.create_index("ix_milestones_sent", "milestones", ["sent_at"])
    fill_milestones(op.get_bind())


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0007: go back with the backup")
