"""The review desk: marks, holds, notes and blocked senders; what a filing changed; the words of every part."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed
from gateway.storage.words import create_words, index_readings

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; what was filed before has no kept effect, and taking it back leaves its referral where it is."""
    op.add_column("arrivals", sa.Column("channel", sa.String(), nullable=False, server_default=""))
    op.add_column("filings", sa.Column("effect", sa.Text(), nullable=True))
    op.create_index("ix_parts_waiting", "parts", ["state", "arrival_id", "place"])
    op.create_index("ix_parts_settled", "parts", ["state", "settled_at"])
    op.create_table(
        "queue_marks",
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=False, server_default=""),
        sa.Column("label", sa.Text(), nullable=False, server_default=""),
        sa.Column("held_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("held_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", name="pk_queue_marks"),
    )
    op.create_index("ix_queue_marks_assigned", "queue_marks", ["assigned_to", "item_id"])
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_item_id", "notes", ["item_id"])
    op.create_table(
        "blocked_senders",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sender", name="pk_blocked_senders"),
    )
    connection = op.get_bind()
    said = "json_extract(envelope, '$.channel')"
    if connection.dialect.name == "postgresql":
        said = "envelope::json ->> 'channel'"
    op.execute(f"UPDATE arrivals SET channel = coalesce({said}, '')")  # noqa: S608 - no value of anybody's in it
    create_words(connection)
    index_readings(connection)


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0004: go back with the backup")
