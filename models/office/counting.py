"""Numbers about what somebody reaches, asked of the database together. Queries come scoped, from `models.office.scope`
and what is built on it; nothing here widens or narrows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, false, func, literal, select
from sqlalchemy.orm import Session

_NOWHERE: Any = select(literal(1)).where(false()).whereclause


def together(session: Session, queries: Mapping[str, Select[Any]]) -> dict[str, int]:
    """How many rows each query has, by its name, in one statement; none with a limit or grouped. What its scope leaves
    empty is not asked for."""
    found = dict.fromkeys(queries, 0)
    asked = {name: query for name, query in queries.items() if not _is_empty(query)}
    if asked:
        counts = (_number(query).scalar_subquery().label(name) for name, query in asked.items())
        found |= dict(session.execute(select(*counts)).mappings().one())
    return found


def number(session: Session, query: Select[Any]) -> int:
    """How many rows one such query has."""
    return session.scalar(_number(query)) or 0


def _is_empty(query: Select[Any]) -> bool:
    return query.whereclause is not None and query.whereclause.compare(_NOWHERE)


def _number(query: Select[Any]) -> Select[int]:
    return query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
