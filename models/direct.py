"""A writing transaction on the driver's own connection: what a unit of work is until somebody needs the session.

The session, its connection, their states and events cost a tenth of a millisecond a transaction, and most turns of a
conversation send nothing through them. So the transaction is begun and committed here, `models.statements` sends in
it, and the session joins it, with the same connection, the first time that anything asks it for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Engine
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from models import write_queue

_KEY = "bole.direct"
BEGUN = "bole.begun"  # in the info of a connection: the BEGIN that SQLAlchemy is about to ask for has been sent


class Direct:
    """One transaction. A connection of the pool is held from `begin` to `end`."""

    __slots__ = ("_connection", "_driver", "_engine", "_execute", "_heard", "_pooled", "dialect")

    def __init__(self, engine: Engine) -> None:
        """Raises what SQLAlchemy raises where there is no connection."""
        self._engine = engine
        self.dialect = engine.dialect
        try:
            self._pooled: PoolProxiedConnection = engine.raw_connection()
        except self.dialect.loaded_dbapi.Error as exc:
            raise known(self.dialect, "", exc, gone=False) from exc
        self._driver = cast(Any, self._pooled.dbapi_connection)
        self._execute = self._driver.execute
        self._connection: Connection | None = None
        self._heard = bool(engine.dispatch.before_cursor_execute)

    def begin(self) -> None:
        """As a writer, on SQLite; PostgreSQL's driver begins with the first statement."""
        if self.dialect.name == "sqlite":
            write_queue.begin(self._driver, lambda: self.send(write_queue.BEGIN))

    @property
    def connection(self) -> Connection:
        """The same transaction as SQLAlchemy's, for the session."""
        if self._connection is None:
            self._pooled.info[BEGUN] = True
            self._connection = Connection(self._engine, self._pooled)
        return self._connection

    def send(self, sql: str, parameters: Any = ()) -> DBAPICursor:
        """Send it; raises what SQLAlchemy raises."""
        if self._heard:
            tell(self.connection, None, sql, parameters)
        try:
            return cast(DBAPICursor, self._execute(sql, parameters))
        except self.dialect.loaded_dbapi.Error as exc:
            raise self._known(sql, exc) from exc

    def commit(self) -> None:
        try:
            self._driver.commit()
        except self.dialect.loaded_dbapi.Error as exc:
            raise self._known("", exc) from exc

    def end(self, *, committed: bool) -> None:
        """Give the connection back; what is not committed is undone."""
        self._pooled.info.pop(BEGUN, None)
        if committed:
            cast(Any, self._pooled)._close_special(transaction_reset=True)
        else:
            self._pooled.close()  # the pool rolls back

    def _known(self, sql: str, exc: Exception) -> Exception:
        gone = self.dialect.is_disconnect(exc, cast(DBAPIConnection, self._driver), None)  # type: ignore[arg-type]
        if gone:
            self._pooled.invalidate(exc)
        return known(self.dialect, sql, exc, gone=gone)


@contextmanager
def begun(session: Session, engine: Engine) -> Iterator[None]:
    """A writing transaction that `session`, in none so far, joins where it is needed; committed at the end."""
    direct, committed = Direct(engine), False
    session.info[_KEY] = direct
    try:
        direct.begin()
        yield
        if session.in_transaction() or not session._is_clean():
            session.commit()
        direct.commit()
        committed = True
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info[_KEY]
        direct.end(committed=committed)


def of(session: Session) -> Direct | None:
    """The transaction of this kind that is under way."""
    return cast("Direct | None", session.info.get(_KEY))


def dialect(session: Session) -> Dialect:
    """What the session's database speaks."""
    transaction = of(session)
    return session.get_bind().dialect if transaction is None else transaction.dialect


def tell(connection: Connection, cursor: Any, sql: str, parameters: Any) -> None:
    """Who counts or logs statements hears of it."""
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, sql, parameters, None, False)


def known(speaks: Dialect, sql: str, exc: Exception, *, gone: bool) -> Exception:
    """The driver's error as SQLAlchemy's, without what was sent."""
    return DBAPIError.instance(
        sql, None, exc, speaks.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=gone, dialect=speaks
    )
