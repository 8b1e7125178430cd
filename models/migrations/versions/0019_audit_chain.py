"""The audit is a chain: each line has a place and a digest over itself and the line before, and the database refuses to
change or delete one. Older lines take their places with the next line that is written.

Whoever makes this table anew (a batch alteration on SQLite) has to make the triggers anew.

Revision: 0019, after 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END",
    "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit WHEN OLD.seq IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END",
)
POSTGRES = (
    "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF TG_OP = 'UPDATE' AND OLD.seq IS NULL THEN RETURN NEW; END IF;"
    " RAISE EXCEPTION 'the audit is append only'; END $$",
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
)


def upgrade() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seq", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.alter_column("digest", server_default=None)
        batch_op.create_unique_constraint(batch_op.f("uq_audit_seq"), ["seq"])
        batch_op.create_index(batch_op.f("ix_audit_subject"), ["subject"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("audit_unchanged", "audit_stays"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER audit_stays ON audit")
        op.execute("DROP FUNCTION audit_append_only")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_subject"))
        batch_op.drop_constraint(batch_op.f("uq_audit_seq"), type_="unique")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_column("digest")
        batch_op.drop_column("seq")
