"""Grants to read and send mail without a password, sealed."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; nobody has a grant yet."""
    op.create_table(
        "mail_grants",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("account", name="pk_mail_grants"),
    )


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0011: go back with the backup")
