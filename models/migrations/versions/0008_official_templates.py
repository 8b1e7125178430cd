"""The office may upload a table that a unit really uses, to be filled instead of the drawn one.

Revision: 0008, after 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import models.extensions

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_IN_USE = sa.text("state = 'in_use'")


def upgrade() -> None:
    op.create_table(
        "official_template",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=80), nullable=False),
        sa.Column("wanted", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("layout", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("trial", sa.JSON(), nullable=False),
        sa.Column("trial_key", sa.String(length=120), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", models.extensions.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.Integer(), nullable=True),
        sa.Column("used_at", models.extensions.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by"], ["staff.id"], name=op.f("fk_official_template_uploaded_by_staff")),
        sa.ForeignKeyConstraint(["used_by"], ["staff.id"], name=op.f("fk_official_template_used_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_template")),
    )
    op.create_index(op.f("ix_official_template_programme"), "official_template", ["programme"])
    op.create_index(
        "uq_official_template_in_use",
        "official_template",
        ["programme", "kind"],
        unique=True,
        sqlite_where=_IN_USE,
        postgresql_where=_IN_USE,
    )


def downgrade() -> None:
    op.drop_table("official_template")
