"""A round may take applications all year: it then has no closing day.

SQLite's table is not made anew, as alembic would: applications refer to it. Its column is.

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NEVER = "'9999-12-31'"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _column_anew("DATE")
    else:
        op.alter_column("round", "closes", existing_type=sa.Date(), nullable=True)


def downgrade() -> None:
    op.execute(f"UPDATE round SET closes = {_NEVER} WHERE closes IS NULL")  # noqa: S608 - a constant
    if op.get_bind().dialect.name == "sqlite":
        _column_anew(f"DATE NOT NULL DEFAULT {_NEVER}")
    else:
        op.alter_column("round", "closes", existing_type=sa.Date(), nullable=False)


def _column_anew(kind: str) -> None:
    op.execute(f"ALTER TABLE round ADD COLUMN closes_anew {kind}")
    op.execute("UPDATE round SET closes_anew = closes")
    op.execute("ALTER TABLE round DROP COLUMN closes")
    op.execute("ALTER TABLE round RENAME COLUMN closes_anew TO closes")
