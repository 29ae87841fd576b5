"""Filters that people keep, of the review queue too; those there are already are of the board."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; a name may be given once on each list."""
    with op.batch_alter_table("saved_filters") as table:
        table.add_column(sa.Column("list", sa.Text(), nullable=False, server_default="board"))
        table.drop_constraint("uq_saved_filters_person", type_="unique")
        table.create_unique_constraint("uq_saved_filters_person", ["person", "list", "name"])


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0012: go back with the backup")
