"""Statements of the path that every message and every saved answer takes: compiled once, then sent as they stand.

SQLAlchemy's own way costs several times what such a statement itself does: looking it up among the compiled ones,
wrapping its parameters and rows. Here this is done once a dialect; types still convert what goes in and comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement as one dialect sends it."""

    sql: str
    binds: tuple[tuple[str, Any, _Convert], ...]  # in order: name, value where none is given, conversion
    positional: bool
    columns: tuple[_Convert, ...]

    def parameters(self, given: Values) -> Any:
        pairs = [(name, given.get(name, usual), convert) for name, usual, convert in self.binds]
        if self.positional:
            return tuple(value if convert is None else convert(value) for _, value, convert in pairs)
        return {name: value if convert is None else convert(value) for name, value, convert in pairs}


class Statement:
    """One statement without a variable part (no ``IN`` of a list). What the session still holds is flushed before."""

    def __init__(self, made: Executable | Callable[[str], Executable]) -> None:
        """`made`: the statement, or what makes it for a dialect's name."""
        self._made = made
        self._ready: dict[str, _Ready] = {}

    def rows(self, session: Session, given: Values) -> list[tuple[Any, ...]]:
        """All rows, as the driver gives them: `converted` makes values of one."""
        return [tuple(row) for row in self._sent(session, given).fetchall()]

    def run(self, session: Session, given: Values) -> int:
        """Send what gives no rows; how many rows it concerned."""
        return int(self._sent(session, given).rowcount)

    def converted(self, session: Session, row: Sequence[Any]) -> tuple[Any, ...]:
        """The values of a row."""
        columns = self._of(session.get_bind().dialect).columns
        return tuple(value if convert is None else convert(value) for value, convert in zip(row, columns, strict=True))

    def _sent(self, session: Session, given: Values) -> CursorResult[Any]:
        session.flush()
        connection = session.connection()
        ready = self._of(connection.dialect)
        return connection.exec_driver_sql(ready.sql, ready.parameters(given))

    def _of(self, dialect: Dialect) -> _Ready:
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = self._compiled(dialect)
        return ready

    def _compiled(self, dialect: Dialect) -> _Ready:
        made = self._made if isinstance(self._made, Executable) else self._made(dialect.name)
        compiled = cast(SQLCompiler, made.compile(dialect=dialect))  # type: ignore[attr-defined]
        named = {name: bound for bound, name in compiled.bind_names.items()}
        names = compiled.positiontup if compiled.positional else named
        binds = tuple((name, named[name].effective_value, _going_in(named[name].type, dialect)) for name in names or ())
        columns = tuple(getattr(made, "selected_columns", ()))
        return _Ready(
            compiled.string, binds, compiled.positional, tuple(_coming_out(column.type, dialect) for column in columns)
        )


def _going_in(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _coming_out(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
