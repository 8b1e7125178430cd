"""Objects of tables that belong to no session, made of a row: read, and written by statements of their own.

They are of the table's class, without what SQLAlchemy puts around each attribute of it to notice reading and writing:
each message reads a hundred of them. So no session can take one in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy.orm import DeclarativeBase, Session

from models.statements import Statement, Values

Kind = TypeVar("Kind", bound=DeclarativeBase)


class _NotRead:
    """An attribute that the object does not have; one that it has is found before this."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        raise AttributeError(f"{owner.__name__}.{self._name} was not read")


@cache
def _plain(kind: type[DeclarativeBase]) -> Any:
    names = [attribute.key for attribute in kind.__mapper__.attrs]
    body = {"__abstract__": True, "__module__": kind.__module__, **{name: _NotRead() for name in names}}
    return type(kind.__name__, (kind,), body)


def change(of: object, **values: Any) -> None:
    """Set values of such an object."""
    vars(of).update(values)


def made(kind: type[Kind], values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Kind:
    """An object with these values."""
    found: Kind = object.__new__(_plain(kind))
    vars(found).update(values)
    return found


def read(session: Session, kind: type[Kind], statement: Statement, given: Values) -> tuple[Kind, ...]:
    """The rows of a statement that selects the table's columns, all and in their order, as such objects."""
    names = kind.__table__.columns.keys()
    rows = statement.rows(session, given)
    return tuple(made(kind, zip(names, statement.converted(session, row), strict=True)) for row in rows)


def copied(of: Kind, **changed: Any) -> Kind:
    """Another such object with the same values, but for these."""
    found: Kind = object.__new__(type(of))
    vars(found).update({**vars(of), **changed})
    return found
