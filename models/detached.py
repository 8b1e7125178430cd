"""Objects of tables that belong to no session, made of a row: read, and written by statements of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy.orm.attributes import instance_dict, manager_of_class

Kind = TypeVar("Kind")


def change(of: object, **values: Any) -> None:
    """Set values of such an object, without what SQLAlchemy notes down of a change that it would write."""
    instance_dict(of).update(values)


def made(kind: type[Kind], values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Kind:
    """An object with these values, without what SQLAlchemy does when one is constructed."""
    found: Kind = manager_of_class(kind).new_instance()
    instance_dict(found).update(values)
    return found
