"""Referrals found by all keys of their patient; what their attachments hold is never purged; one open task a kind."""

import sqlalchemy as sa
from alembic import op
from pydantic import TypeAdapter

from gateway.domain.referral import Intake
from gateway.errors import StorageFailed
from gateway.storage.keys import keys_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BATCH = 500
_OLD_INDEXES = ("birth_date", "family_key", "family_start", "mrn", "phone")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "referral_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_referral_keys_referral_id")),
        sa.PrimaryKeyConstraint("key", "referral_id", name=op.f("pk_referral_keys")),
    )
    op.create_index(op.f("ix_referral_keys_referral_id"), "referral_keys", ["referral_id"])
    op.create_table(
        "attachments",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_attachments_referral_id")),
        sa.PrimaryKeyConstraint("sha256", "referral_id", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_referral_id"), "attachments", ["referral_id"])
    _fill(op.get_bind())
    for column in _OLD_INDEXES:
        op.drop_index(op.f(f"ix_referrals_{column}"), "referrals")
    for column in (*_OLD_INDEXES, "given_key"):
        op.drop_column("referrals", column)
    op.create_index(op.f("ix_transmissions_packet_sha256"), "transmissions", ["packet_sha256"])
    is_open = sa.text("done_at IS NULL")
    op.create_index(
        "uq_tasks_open", "tasks", ["referral_id", "kind"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )


def _fill(connection: sa.Connection) -> None:
    """Keys and attachments of the referrals that are there, from what their intake says."""
    intakes: TypeAdapter[Intake] = TypeAdapter(Intake)
    seen = 0
    after = sa.text("SELECT id, intake FROM referrals WHERE id > :seen ORDER BY id LIMIT :batch")
    while rows := connection.execute(after, {"seen": seen, "batch": _BATCH}).all():
        seen = rows[-1].id
        opened = [(row.id, intakes.validate_json(row.intake)) for row in rows]
        keys = [{"key": key, "id": id_} for id_, intake in opened for key in keys_of(intake.patient)]
        connection.execute(sa.text("INSERT INTO referral_keys (key, referral_id) VALUES (:key, :id)"), keys)
        held = [{"sha256": sha256, "id": id_} for id_, i in opened for sha256 in {a.sha256 for a in i.attachments}]
        if held:
            connection.execute(sa.text("INSERT INTO attachments (sha256, referral_id) VALUES (:sha256, :id)"), held)


def downgrade() -> None:
    """Not possible: the columns that went are not kept anywhere in their old form."""
    raise StorageFailed("there is no way back to revision 0001: restore the backup taken before the upgrade")
