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
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from models import write_queue

_KEY = "bole.direct"
BEGUN = "bole.begun"  # in the info of a connection: the BEGIN that SQLAlchemy is about to ask for has been sent


class Direct:
    """One transaction. It begins, with a connection of the pool, when something is sent: until then nobody waits."""

    __slots__ = ("_connection", "_driver", "_engine", "_execute", "_heard", "_pooled", "dialect")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._execute: Any = None
        self._connection: Connection | None = None
        self._heard = bool(engine.dispatch.before_cursor_execute)

    def _begin(self) -> PoolProxiedConnection:
        """As a writer, on SQLite; PostgreSQL's driver begins with the first statement."""
        try:
            self._pooled = pooled = self._engine.raw_connection()
        except self.dialect.loaded_dbapi.Error as exc:
            raise known(self.dialect, "", exc, gone=False) from exc
        self._driver = cast(Any, pooled.dbapi_connection)
        self._execute = self._driver.execute
        if self.dialect.name == "sqlite":
            try:
                write_queue.begin(self._driver, lambda: self.send(write_queue.BEGIN))
            except BaseException:  # somebody else writes for too long; whoever goes on all the same begins anew
                self.end(committed=False)
                self._pooled = self._driver = self._execute = self._connection = None
                raise
        return pooled

    @property
    def connection(self) -> Connection:
        """The same transaction as SQLAlchemy's, for the session."""
        if self._connection is None:
            pooled = self._pooled or self._begin()
            if self._connection is None:  # who listens may have asked for it meanwhile
                pooled.info[BEGUN] = True
                self._connection = Connection(self._engine, pooled)
        return self._connection

    def send(self, sql: str, parameters: Any = ()) -> DBAPICursor:
        """Send it; raises what SQLAlchemy raises."""
        if self._execute is None:
            self._begin()
        if self._heard:
            tell(self.connection, None, sql, parameters)
        try:
            return cast(DBAPICursor, self._execute(sql, parameters))
        except self.dialect.loaded_dbapi.Error as exc:
            raise self._known(sql, exc) from exc

    def commit(self) -> None:
        if self._pooled is None:
            return
        try:
            self._driver.commit()
        except self.dialect.loaded_dbapi.Error as exc:
            raise self._known("", exc) from exc

    def end(self, *, committed: bool) -> None:
        """Give the connection back; what is not committed is undone."""
        if self._pooled is None:
            return
        self._pooled.info.pop(BEGUN, None)
        if committed:
            cast(Any, self._pooled)._close_special(transaction_reset=True)
        else:
            self._pooled.close()  # the pool rolls back

    def _known(self, sql: str, exc: Exception) -> Exception:
        gone = self.dialect.is_disconnect(cast(Any, exc), self._driver, None)
        if gone and self._pooled is not None:
            self._pooled.invalidate(exc)
        return known(self.dialect, sql, exc, gone=gone)


@contextmanager
def begun(session: Session, engine: Engine) -> Iterator[None]:
    """A writing transaction that `session`, in none so far, joins where it is needed; committed at the end."""
    direct, committed = Direct(engine), False
    session.info[_KEY] = direct
    try:
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
