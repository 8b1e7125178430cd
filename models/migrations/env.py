"""Alembic's environment, run by Flask-Migrate inside an app: the app's engine, the metadata of all tables."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

import models.application.channel_tables
import models.application.tables
import models.office.batch_tables
import models.office.chain_tables
import models.office.day_tables
import models.office.edition_tables
import models.office.figure_tables
import models.office.inbox_tables
import models.office.review_tables
import models.office.tables  # noqa: F401 - registers the tables
from models.extensions import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column type as the plain SQL type, so that an old migration does not depend on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations on the app's engine, or on the connection that was handed over."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        _migrate(connection)


def _migrate(connection: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
