"""Who is named twice within a programme: an index on lists and entered people, and pairs that may hold a list's row.

The table of pairs is made anew: nothing has ever been written to it.

Revision: 0027, after 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("batch_row", "confirmation"):
        op.add_column(table, sa.Column("person_index", sa.String(length=64), nullable=True))
        op.create_index(op.f(f"ix_{table}_person_index"), table, ["person_index"])
    op.drop_table("duplicate")
    op.create_table(
        "duplicate",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("first_id", sa.String(length=32), nullable=False),
        sa.Column("second_id", sa.String(length=32), nullable=False),
        sa.Column("first_unit_id", sa.String(length=32), nullable=False),
        sa.Column("second_unit_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("dropped_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["first_unit_id"], ["unit.id"], name=op.f("fk_duplicate_first_unit_id_unit")),
        sa.ForeignKeyConstraint(["second_unit_id"], ["unit.id"], name=op.f("fk_duplicate_second_unit_id_unit")),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_duplicate_settled_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate")),
        sa.UniqueConstraint("first_id", "second_id", name="uq_duplicate"),
    )
    op.create_index(op.f("ix_duplicate_second_id"), "duplicate", ["second_id"])
    op.create_index(op.f("ix_duplicate_dropped_id"), "duplicate", ["dropped_id"])
    op.create_index("ix_duplicate_open", "duplicate", ["programme", "state"])


def downgrade() -> None:
    op.drop_table("duplicate")
    op.create_table(
        "duplicate",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("first_id", sa.String(length=32), nullable=False),
        sa.Column("second_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], ["application.id"], name=op.f(f"fk_duplicate_{name}_application"), ondelete="CASCADE"
            )
            for name in ("first_id", "second_id")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_duplicate_settled_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate")),
        sa.UniqueConstraint("first_id", "second_id", name="uq_duplicate"),
    )
    op.create_index(op.f("ix_duplicate_second_id"), "duplicate", ["second_id"])
    op.create_index(op.f("ix_duplicate_state"), "duplicate", ["state"])
    for table in ("confirmation", "batch_row"):
        op.drop_index(op.f(f"ix_{table}_person_index"), table_name=table)
        op.drop_column(table, "person_index")
