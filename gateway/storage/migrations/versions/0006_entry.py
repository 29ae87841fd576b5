"""Filling in referrals by hand, and a directory that is searched and merged."""

import sqlalchemy as sa
from alembic import op

from gateway.errors import StorageFailed
from gateway.storage.directory import search_columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; every entry of the directory is found by the words it holds."""
    op.add_column("recipients", sa.Column("npi", sa.Text(), nullable=False, server_default=""))
    op.add_column("recipients", sa.Column("searched", sa.Text(), nullable=False, server_default=""))
    op.add_column("recipients", sa.Column("fax_standing", sa.String(), nullable=False, server_default=""))
    op.add_column("recipients", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_index("ix_recipients_npi", "recipients", ["npi"])
    op.create_index("ix_recipients_merged_into", "recipients", ["merged_into"])
    op.create_index("ix_events_recipient_id", "events", ["recipient_id"])
    _make_sheets()
    _make_merges()
    recipients = sa.table("recipients", sa.column("id"), *(sa.column(name) for name in ("value", *_FILLED)))
    connection = op.get_bind()
    for row in connection.execute(sa.select(recipients.c.id, recipients.c.value)).all():
        filled = {name: value for name, value in search_columns(row.value).items() if name in _FILLED}
        connection.execute(sa.update(recipients).where(recipients.c.id == row.id).values(**filled))


_FILLED = ("npi", "searched", "fax_standing")


def _make_sheets() -> None:
    op.create_table(
        "intake_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(8), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("discarded_at", sa.DateTime(), nullable=True),
        sa.Column("referral_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name="fk_intake_sheets_referral_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intake_sheets"),
        sa.UniqueConstraint("number", name="uq_intake_sheets_number"),
    )
    op.create_index("ix_intake_sheets_saved_at", "intake_sheets", ["saved_at"])
    op.create_table(
        "sheet_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["intake_sheets.id"], name="fk_sheet_files_sheet_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sheet_files"),
    )
    op.create_index("ix_sheet_files_sheet_id", "sheet_files", ["sheet_id"])
    op.create_index("ix_sheet_files_sha256", "sheet_files", ["sha256"])


def _make_merges() -> None:
    op.create_table(
        "recipient_merges",
        sa.Column("retired_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("filled", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["retired_id"], ["recipients.id"], name="fk_recipient_merges_retired_id"),
        sa.ForeignKeyConstraint(["kept_id"], ["recipients.id"], name="fk_recipient_merges_kept_id"),
        sa.PrimaryKeyConstraint("retired_id", name="pk_recipient_merges"),
    )
    op.create_index("ix_recipient_merges_kept_id", "recipient_merges", ["kept_id"])
    op.create_table(
        "merged_referrals",
        sa.Column("retired_id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["retired_id"], ["recipients.id"], name="fk_merged_referrals_retired_id"),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name="fk_merged_referrals_referral_id"),
        sa.PrimaryKeyConstraint("retired_id", "referral_id", name="pk_merged_referrals"),
    )
    op.create_index("ix_merged_referrals_referral_id", "merged_referrals", ["referral_id"])


def downgrade() -> None:
    """Not offered: an older Referloop goes with the backup."""
    raise StorageFailed("there is no way down from revision 0006: go back with the backup")
