"""A message knows which application it was about, so that deleting that one reaches it later too.

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.add_column(sa.Column("application_id", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_inbound_application_id"), ["application_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_inbound_application_id_application"),
            "application",
            ["application_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.execute(
        "UPDATE inbound SET application_id ="
        " (SELECT application_id FROM conversation WHERE conversation.id = inbound.conversation_id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_inbound_application_id_application"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_inbound_application_id"))
        batch_op.drop_column("application_id")
