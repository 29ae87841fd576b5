"""Parts keep a fingerprint, and which earlier part they are likely the same paper as."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; what was read before has no fingerprint and is like nothing."""
    op.add_column("parts", sa.Column("fingerprint", sa.Text(), nullable=False, server_default=""))
    op.add_column("parts", sa.Column("like_part", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0002: go back with the backup")
