"""Versions of a programme come into force one after another, some of them again: counted, not timed.

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pack_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE pack_version SET turn = (SELECT count(*) FROM pack_version AS earlier"
        " WHERE earlier.programme = pack_version.programme AND earlier.current_since <= pack_version.current_since)"
    )
    with op.batch_alter_table("pack_version", schema=None) as batch_op:
        batch_op.alter_column("turn", existing_type=sa.Integer(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("pack_version", schema=None) as batch_op:
        batch_op.drop_column("turn")
