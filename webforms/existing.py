"""The database of a data folder as a console command finds it: looked into where it is there, never made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, inspect
from sqlalchemy.orm import Session

from models.application.tables import PackVersion
from models.settings import Settings


@contextmanager
def database(settings: Settings) -> Iterator[Session | None]:
    """A session that only reads; None where there is no database yet, or one from before packs were published.

    Raises SQLAlchemyError where it cannot be opened.
    """
    if not settings.has_database:
        yield None
        return
    engine = create_engine(settings.sqlalchemy_url)
    try:
        if not inspect(engine).has_table(PackVersion.__tablename__):
            yield None
            return
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()
