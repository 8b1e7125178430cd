"""Channels: what was sent and how it ended, tokens and cursors, reply windows, one-time codes, approved answers.

Revision: 0013, after 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("heard_at", moment, nullable=True))
        batch_op.add_column(sa.Column("pushes", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("blocked_at", moment, nullable=True))
        batch_op.add_column(sa.Column("bound_at", moment, nullable=True))
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.alter_column("pushes", server_default=None)
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("effect", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("application_id", sa.String(length=32), nullable=True),
        sa.Column("notice_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("error", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("not_before", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_delivery_{table}_id_{table}"), ondelete="CASCADE"
            )
            for table in ("conversation", "application", "notice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("effect", name=op.f("uq_delivery_effect")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        for column in ("conversation_id", "application_id", "notice_id"):
            batch_op.create_index(batch_op.f(f"ix_delivery_{column}"), [column], unique=False)
        batch_op.create_index("ix_delivery_receipt", ["channel", "external_id"], unique=False)
        batch_op.create_index("ix_delivery_state", ["state"], unique=False)
    op.create_table(
        "channel_state",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", "name", name=op.f("pk_channel_state")),
    )
    op.create_table(
        "link_code",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_link_code_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link_code")),
    )
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_code_application_id"), ["application_id"], unique=False)
    op.create_table(
        "approved_answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_en", sa.Text(), nullable=False),
        sa.Column("clause", sa.String(length=40), nullable=False),
        sa.Column("clause_hash", sa.String(length=64), nullable=False),
        sa.Column("enquiry_id", sa.String(length=32), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", moment, nullable=False),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiry.id"], name=op.f("fk_approved_answer_enquiry_id_enquiry"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_approved_answer_approved_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approved_answer")),
    )
    with op.batch_alter_table("approved_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approved_answer_programme"), ["programme"], unique=False)


def downgrade() -> None:
    for table in ("approved_answer", "link_code", "channel_state", "delivery"):
        op.drop_table(table)
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        for name in ("heard_at", "pushes", "blocked_at", "bound_at"):
            batch_op.drop_column(name)
