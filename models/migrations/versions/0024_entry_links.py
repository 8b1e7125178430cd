"""Of a link by which an entered person confirms: the how-manyth it is, and how often a wrong number was given at it.

Revision: 0024, after 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("confirmation", sa.Column("serial", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("confirmation", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("confirmation", "tries")
    op.drop_column("confirmation", "serial")
