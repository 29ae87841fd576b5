"""The board and the work list: owners, what is filtered and sorted by, snoozed tasks, filters that people keep."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed
from gateway.storage.tables import BOARD, referrals
from gateway.storage.values import board_columns, referral_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
_BATCH = 1000
_OLD = [
    "id", "number", "intake", "status", "status_since", "created_at", "version", "clock", "clock_started_at", "rung",
    "due_at", "requests_sent", "sent_at", "appointment_at", "paused_until", "escalated_at", "closed_at", "owner",
]  # fmt: skip


def upgrade() -> None:
    """Go forward; what is there already gets its keys from its own row."""
    op.add_column("referrals", sa.Column("owner", sa.Text(), nullable=False, server_default=""))
    op.add_column("referrals", sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.add_column("referrals", sa.Column("board_rank", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("referrals", sa.Column("look_at", sa.DateTime(), nullable=True))
    for name in ("urgency", "specialty_key", "patient_key"):
        op.add_column("referrals", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("tasks", sa.Column("snoozed_until", sa.DateTime(), nullable=True))
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filters"),
        sa.UniqueConstraint("person", "name", name="uq_saved_filters_person"),
    )
    _fill(op.get_bind())
    op.create_index("ix_referrals_board", "referrals", list(BOARD))
    op.create_index("ix_referrals_served", "referrals", ["is_open", "specialty_key", "recipient_id"])


def _fill(connection: sa.Connection) -> None:
    last = 0
    old = sa.select(*[referrals.c[name] for name in _OLD]).order_by(referrals.c.id).limit(_BATCH)
    change = referrals.update().where(referrals.c.id == sa.bindparam("of"))
    while rows := connection.execute(old.where(referrals.c.id > last)).all():
        connection.execute(change, [{"of": row.id, **board_columns(referral_of(row))} for row in rows])
        last = rows[-1].id


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0005: go back with the backup")
