"""The reviewers' work: assignments, search, saved searches, bulk actions, exports.

Revision: 0017, after 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignment",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_assignment_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["staff.id"], name=op.f("fk_assignment_given_by_staff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_assignment_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_until"), ["until"], unique=False)
    op.create_table(
        "search_term",
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column(
            "term",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_search_term_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("programme", "term", "application_id", name=op.f("pk_search_term")),
    )
    with op.batch_alter_table("search_term", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_term_application_id"), ["application_id"], unique=False)
    op.create_table(
        "saved_search",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_saved_search_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("staff_id", "programme", "name", name="uq_saved_search"),
    )
    with op.batch_alter_table("saved_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_search_staff_id"), ["staff_id"], unique=False)
    op.create_table(
        "bulk_action",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_bulk_action_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_action")),
    )
    with op.batch_alter_table("bulk_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_action_programme"), ["programme"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulk_action_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulk_action_state"), ["state"], unique=False)
    op.create_table(
        "bulk_item",
        sa.Column("bulk_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_bulk_item_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bulk_id"], ["bulk_action.id"], name=op.f("fk_bulk_item_bulk_id_bulk_action"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bulk_id", "application_id", name=op.f("pk_bulk_item")),
    )
    with op.batch_alter_table("bulk_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_item_application_id"), ["application_id"], unique=False)
    op.create_table(
        "export_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_export_request_approved_by_staff")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_export_request_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_request")),
    )
    with op.batch_alter_table("export_request", schema=None) as batch_op:
        batch_op.create_index("ix_export_request_due", ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_request_programme"), ["programme"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_request_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_request_state"), ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("export_request")
    op.drop_table("bulk_item")
    op.drop_table("bulk_action")
    op.drop_table("saved_search")
    op.drop_table("search_term")
    op.drop_table("assignment")
