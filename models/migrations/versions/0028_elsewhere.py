"""Who has applied in two programmes: which offices compare with each other, and what each of them sees.

Revision: 0028, after 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparison",
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_comparison_staff_id_staff")),
        sa.PrimaryKeyConstraint("programme", "other", name=op.f("pk_comparison")),
    )
    op.create_table(
        "elsewhere",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("other_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], ["application.id"], name=op.f(f"fk_elsewhere_{name}_application"), ondelete="CASCADE"
            )
            for name in ("application_id", "other_id")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_elsewhere_settled_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elsewhere")),
        sa.UniqueConstraint("application_id", "other_id", name="uq_elsewhere"),
    )
    op.create_index(op.f("ix_elsewhere_other_id"), "elsewhere", ["other_id"])
    op.create_index("ix_elsewhere_open", "elsewhere", ["programme", "state"])


def downgrade() -> None:
    op.drop_table("elsewhere")
    op.drop_table("comparison")
