"""What a chat carries besides the application that is talked about there.

Revision: 0026, after 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carried",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_carried_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_carried_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "application_id", name=op.f("pk_carried")),
    )
    op.create_index(op.f("ix_carried_application_id"), "carried", ["application_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_carried_application_id"), table_name="carried")
    op.drop_table("carried")
