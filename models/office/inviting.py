"""Many invited at once: a list as it is pasted from a table, read so that it can be looked at before it is done.

A line is a person. What its cells are is told from what is in them, in any order: an address has an @, a unit and a
role are known by their names, what is left is the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import accounts, letters, links, scope_accounts
from models.office.links import Made
from models.office.tables import Staff, UnitRow

MOST = 200  # people in a list
LONGEST = 40_000  # characters
_BETWEEN = re.compile(r"[\t,，;；、|]+|\s{2,}|\u3000+")
_HEADS = frozenset(
    {"姓名", "邮箱", "电子邮箱", "单位", "单位名称", "角色", "序号", "name", "e-mail", "email", "unit", "role"}
)


@dataclass(slots=True)
class Line:
    """A person in the list; `problem` is a wording key where they cannot be invited so, `params` fill it."""

    number: int
    name: str = ""
    email: str = ""
    unit: UnitRow | None = None
    roles: tuple[str, ...] = ()
    problem: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    def refuse(self, key: str, **params: Any) -> None:
        """Keep the first thing that is wrong."""
        if not self.problem:
            self.problem, self.params = key, params


@dataclass(frozen=True, slots=True)
class Done:
    """A person who was invited, with the link; or `line.problem` says what came between."""

    line: Line
    member: Staff | None
    made: Made | None


def read(
    admin: Staff, text: str, unit_id: str, roles: tuple[str, ...], names_of_roles: Mapping[str, str]
) -> list[Line]:
    """The people of a list; `unit_id` and `roles` for whom it says no other. `names_of_roles`: role by how it is
    written. Raises InvalidAnswer for an empty list and one that is too long."""
    rows = [cells for cells in map(_cells, text[: LONGEST + 1].splitlines()) if cells]
    rows = [cells for cells in rows if not {cell.lower() for cell in cells} <= _HEADS]
    if not rows:
        raise InvalidAnswer("office.list_empty")
    if len(rows) > MOST or len(text) > LONGEST:
        raise InvalidAnswer("office.list_long", most=MOST)
    units = list(db.session.scalars(scope_accounts.units(admin)))
    by_name = _by_name(units)
    chosen = next((unit for unit in units if unit.id == unit_id), None)
    lines = [_line(number, cells, by_name, names_of_roles) for number, cells in enumerate(rows, start=1)]
    for line in lines:
        line.unit, line.roles = line.unit or chosen, line.roles or roles
        _judge(admin, line)
    _find_taken(lines)
    return lines


def _by_name(units: list[UnitRow]) -> dict[str, UnitRow]:
    """Units by what they are called; a name that two of them have is nobody's."""
    named: dict[str, set[str]] = {}
    for unit in units:
        for name in (unit.code, unit.name, unit.name_en):
            named.setdefault(name.strip().lower(), set()).add(unit.id)
    of = {unit.id: unit for unit in units}
    return {name: of[min(ids)] for name, ids in named.items() if name and len(ids) == 1}


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _BETWEEN.split(row.strip()) if cell.strip()]


def _line(number: int, cells: list[str], units: Mapping[str, UnitRow], roles: Mapping[str, str]) -> Line:
    line, left = Line(number), []
    for cell in cells:
        known = cell.lower()
        if "@" in cell and not line.email:
            line.email = cell
        elif known in units and line.unit is None:
            line.unit = units[known]
        elif known in roles:
            line.roles = (*line.roles, roles[known])
        elif not (cell.isdecimal() and len(cell) <= 4):  # its number in the list
            left.append(cell)
    line.name = left[0] if left else ""
    if len(left) > 1:
        line.refuse("office.list_unknown", text=left[1][:60])
    return line


def _judge(admin: Staff, line: Line) -> None:
    if line.email:
        try:
            line.email = letters.address(line.email).lower()
        except InvalidAnswer as wrong:
            line.refuse(wrong.key)
    if not line.name and not line.email:
        line.refuse("office.list_nobody")
    if len(line.name) > accounts.LONGEST_NAME:
        line.refuse("office.display_name")
    if line.unit is None:
        line.refuse("office.unit_unknown")
    elif line.unit.closed_at is not None:
        line.refuse("office.unit_closed")
    elif not {*line.roles} <= {*scope_accounts.grantable(admin, line.unit)}:
        line.refuse("office.role_for_office")
    if not line.roles:
        line.refuse("office.role_missing")


def _find_taken(lines: list[Line]) -> None:
    """Addresses that have an account, or come twice."""
    wanted = [line.email for line in lines if line.email]
    found = select(func.lower(Staff.email)).where(or_(func.lower(Staff.email).in_(wanted), Staff.username.in_(wanted)))
    seen = set(db.session.scalars(found))
    for line in lines:
        if line.email and line.email in seen:
            line.refuse("office.email_taken")
        seen.add(line.email)


def invite(admin: Staff, lines: list[Line]) -> Iterator[Done]:
    """Invite those of the list with whom nothing is wrong, each in a transaction of its own: what was done stays done.
    Whoever cannot be invited any more is told by their line."""
    for line in lines:
        if line.problem or line.unit is None:
            continue
        of = {"email": line.email, "name": line.name}
        try:
            yield Done(line, *accounts.invite(admin, unit_id=line.unit.id, roles=line.roles, **of))
        except InvalidAnswer as wrong:
            db.session.rollback()
            line.refuse(wrong.key, **wrong.params)
            yield Done(line, None, None)


def to_hand_over(done: Done) -> str:
    """The link, where no letter carries it."""
    if done.made is None or done.member is None:
        return ""
    mailed = letters.is_sent() and accounts.address_of(done.member)
    return "" if mailed else links.url(links.token_of(done.made.seed))
