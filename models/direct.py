"""A writing transaction on the driver's own connection: what a unit of work is until somebody needs the session.

The session, its connection, their states and events cost a tenth of a millisecond a transaction, and most turns of a
conversation send nothing through them. So the transaction is begun and committed here, `models.statements` sends in
it, and the session joins it, with the same connection, the first time that anything asks it for one.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.pool.base import _ConnectionRecord

from models import write_queue
from models.pool import Pool

KEY = "bole.direct"  # in the info of a session: the transaction of this kind that is under way
BEGUN = "bole.begun"  # in the info of a connection: the BEGIN that SQLAlchemy is about to ask for has been sent


class Direct:
    """One transaction. It begins, with a connection of the pool, when something is sent: until then nobody waits."""

    __slots__ = ("_connection", "_driver", "_engine", "_execute", "_heard", "_pool", "_pooled", "_record", "dialect")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self._pool: Pool | None = None  # with `_record`, where the connection has no proxy around it
        self._record: _ConnectionRecord | None = None
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._execute: Any = None
        self._connection: Connection | None = None
        self._heard = bool(engine.dispatch.before_cursor_execute)

    def _begin(self) -> None:
        """As a writer, on SQLite; PostgreSQL's driver begins with the first statement."""
        writes_at_once = self.dialect.name == "sqlite"
        try:
            self._connect(writes_at_once)
        except self.dialect.loaded_dbapi.Error as exc:
            raise known(self.dialect, "", exc, gone=False) from exc
        self._execute = self._driver.execute
        if writes_at_once:
            try:
                write_queue.begin(self._driver, partial(self.send, write_queue.BEGIN))
            except BaseException:  # somebody else writes for too long; whoever goes on all the same begins anew
                self.end(committed=False)
                self._pool = self._record = self._pooled = self._driver = self._execute = self._connection = None
                raise

    def _connect(self, bare: bool) -> None:
        pool = self._engine.pool
        if bare and isinstance(pool, Pool):
            self._pool, self._record = pool, pool.take()
            self._driver = self._record.dbapi_connection
        else:
            self._pooled = self._engine.raw_connection()
            self._driver = self._pooled.dbapi_connection

    def _proxied(self) -> PoolProxiedConnection:
        """The connection as the pool hands it out."""
        if self._pooled is None:
            if self._pool is None or self._record is None:
                raise RuntimeError("the transaction has not begun")
            self._pooled = self._pool.proxied(self._record)
        return self._pooled

    @property
    def connection(self) -> Connection:
        """The same transaction as SQLAlchemy's, for the session."""
        if self._connection is None:
            if self._execute is None:
                self._begin()
            if self._connection is None:  # who listens may have asked for it meanwhile
                pooled = self._proxied()
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
            cursor: DBAPICursor = self._execute(sql, parameters)
        except self.dialect.loaded_dbapi.Error as exc:
            raise self._known(sql, exc) from exc
        return cursor

    def commit(self) -> None:
        """What was sent stays; nothing where nothing was."""
        if self._execute is None:
            return
        try:
            self._driver.commit()
        except self.dialect.loaded_dbapi.Error as exc:
            raise self._known("", exc) from exc

    def end(self, *, committed: bool) -> None:
        """Give the connection back; what is not committed is undone."""
        if self._driver is None:
            return
        if committed and self._pooled is None and self._pool is not None and self._record is not None:
            self._pool.give(self._record)
            return
        pooled: Any = self._proxied()
        pooled.info.pop(BEGUN, None)
        if committed:
            pooled._close_special(transaction_reset=True)
        else:
            pooled.close()  # the pool rolls back

    def _known(self, sql: str, exc: Any) -> Exception:
        gone = self.dialect.is_disconnect(exc, self._driver, None)
        if gone:
            self._proxied().invalidate(exc)
        return known(self.dialect, sql, exc, gone=gone)


def of(session: Session) -> Direct | None:
    """The transaction of this kind that is under way."""
    found: Direct | None = session.info.get(KEY)
    return found


def dialect(session: Session) -> Dialect:
    """What the session's database speaks."""
    transaction: Direct | None = session.info.get(KEY)
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
