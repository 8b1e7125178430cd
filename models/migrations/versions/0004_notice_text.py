"""The office may import the text of its notice, to read it beside the pack.

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import models.extensions

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_text",
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        sa.Column("imported_at", models.extensions.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["imported_by"], ["staff.id"], name=op.f("fk_notice_text_imported_by_staff")),
        sa.PrimaryKeyConstraint("programme", name=op.f("pk_notice_text")),
    )


def downgrade() -> None:
    op.drop_table("notice_text")
