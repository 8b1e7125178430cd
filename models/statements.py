"""Statements of the path that every message and every saved answer takes: compiled once, then sent as they stand.

SQLAlchemy's own way costs ten times what such a statement itself does: looking it up among the compiled ones, wrapping
its parameters and rows. Here this is done once a dialect; types still convert what goes in and comes out, in the
session's own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import JSON, BindParameter, Date, Executable, LargeBinary
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from models import direct, json_text

_CONNECTION = "bole.connection"  # of the session's transaction, at hand until it ends: asking the session is dear
_Convert = Callable[[Any], Any] | None
_Conversions = tuple[tuple[int, Callable[[Any], Any]], ...]  # by place
Row = tuple[Any, ...]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement as one dialect sends it."""

    sql: str
    parameters: Callable[[Values], Any]  # what it sends, of what is given
    goes_in: Mapping[str, Callable[[Any], Any]]  # how that is converted, by name
    comes_out: _Conversions


class Statement:
    """One statement without a variable part (no ``IN`` of a list). What the session still holds is flushed before."""

    def __init__(self, made: Executable | Callable[[str], Executable]) -> None:
        """`made`: the statement, or what makes it for a dialect's name."""
        self._made = made
        self._ready: dict[str, _Ready] = {}

    def rows(self, session: Session, given: Values) -> Sequence[Row]:
        """All rows, as the driver gives them: `converted` makes values of one."""
        return self._sent(session, given).fetchall()

    def run(self, session: Session, given: Values) -> int:
        """Send what gives no rows; how many rows it concerned."""
        return self._sent(session, given).rowcount

    def as_sent(self, session: Session, name: str, value: Any) -> Any:
        """A value as the driver is given it under this name, and gives it back."""
        convert = self._of(direct.dialect(session)).goes_in.get(name)
        return value if convert is None else convert(value)

    def converted(self, session: Session, row: Sequence[Any]) -> list[Any]:
        """The values of a row."""
        values = list(row)
        for place, convert in self._of(direct.dialect(session)).comes_out:
            values[place] = convert(values[place])
        return values

    def value(self, session: Session, place: int, raw: Any) -> Any:
        """The value of one column of a row."""
        for at, convert in self._of(direct.dialect(session)).comes_out:
            if at == place:
                return convert(raw)
        return raw

    def _sent(self, session: Session, given: Values) -> DBAPICursor:
        if session._transaction is not None and not session._is_clean():  # in none, it holds nothing to be flushed
            session.flush()
        transaction: direct.Direct | None = session.info.get(direct.KEY)
        if transaction is not None:
            ready = self._ready.get(transaction.dialect.name) or self._of(transaction.dialect)
            return transaction.send(ready.sql, ready.parameters(given))
        connection: Connection | None = session.info.get(_CONNECTION)
        if connection is None or connection.closed:
            connection = session.info[_CONNECTION] = session.connection()
        ready = self._of(connection.dialect)
        return send(connection, ready.sql, ready.parameters(given))

    def _of(self, dialect: Dialect) -> _Ready:
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = self._compiled(dialect)
        return ready

    def _compiled(self, dialect: Dialect) -> _Ready:
        made = self._made if isinstance(self._made, Executable) else self._made(dialect.name)
        compiled = cast(SQLCompiler, made.compile(dialect=dialect))  # type: ignore[attr-defined]
        named = {name: bound for bound, name in compiled.bind_names.items()}
        names = tuple((compiled.positiontup if compiled.positional else named) or ())
        usual = {name: _usual(bound, dialect) for name, bound in named.items() if not bound.required}
        given = [
            (place, _going_in(named[name].type, dialect))
            for place, name in enumerate(names)
            if not (named[name].unique and name in usual)
        ]
        selected = enumerate(getattr(made, "selected_columns", ()))
        found = [(place, _coming_out(column.type, dialect)) for place, column in selected]
        return _Ready(
            sql=compiled.string,
            parameters=_parameters(
                names,
                usual,
                tuple((place, convert) for place, convert in given if convert is not None),
                positional=compiled.positional,
            ),
            goes_in={names[place]: convert for place, convert in given if convert is not None},
            comes_out=tuple((place, convert) for place, convert in found if convert is not None),
        )


def _parameters(
    names: tuple[str, ...], usual: Values, goes_in: _Conversions, *, positional: bool
) -> Callable[[Values], Any]:
    """Takes what a statement sends, by these names in this order, out of what is given; `usual`: what need not be."""
    taken = _taken(names)
    if positional and not usual and not goes_in:
        return taken

    def parameters(given: Values) -> Any:
        values = list(taken({**usual, **given} if usual else given))
        for place, convert in goes_in:
            values[place] = convert(values[place])
        return values if positional else dict(zip(names, values, strict=True))

    return parameters


def _taken(names: tuple[str, ...]) -> Callable[[Values], Row]:
    if len(names) > 1:
        return itemgetter(*names)
    if not names:
        return lambda given: ()
    (name,) = names
    return lambda given: (given[name],)


def send(connection: Connection, sql: str, parameters: Any = ()) -> DBAPICursor:
    """Send it through the driver alone; raises what SQLAlchemy raises. A connection that is gone is used no more."""
    cursor = connection.connection.cursor()
    direct.tell(connection, cursor, sql, parameters)
    dialect = connection.dialect
    try:
        cursor.execute(sql, parameters)
    except dialect.loaded_dbapi.Error as exc:
        gone = dialect.is_disconnect(exc, connection.connection, None)
        if gone:
            connection.invalidate(exc)
        raise direct.known(dialect, sql, exc, gone=gone) from exc
    return cursor


def _usual(bound: BindParameter[Any], dialect: Dialect) -> Any:
    """What is sent where nothing is given; nobody can give anything for a literal, so that is converted here."""
    value = bound.effective_value
    convert = _going_in(bound.type, dialect) if bound.unique else None
    return value if convert is None else convert(value)


def _going_in(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    if dialect.name == "sqlite":  # as SQLAlchemy's types, which format a day by a pattern, wrap bytes, expect JSON.NULL
        if isinstance(kind, Date):
            return _day_text
        if isinstance(kind, LargeBinary):
            return None
        if isinstance(kind, JSON) and not kind.none_as_null:
            return json_text.ascii_dumps
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _day_text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _json_value(value: Any) -> Any:
    return json_text.loads(value) if isinstance(value, str) else value  # SQLite keeps a bare number as one


def _coming_out(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    if dialect.name == "sqlite" and isinstance(kind, JSON):
        return _json_value
    return kind.dialect_impl(dialect).result_processor(dialect, None)
