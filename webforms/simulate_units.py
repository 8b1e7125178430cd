"""What invented units fill in: about invented people, and in their own tables. Nothing here knows a notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from models.application import queries, rounds
from models.extensions import db
from models.office import unit_counts, unit_entries, unit_tables
from models.office.tables import UnitRow
from models.office.unit_table_saving import fill
from models.office.unit_tables import Place
from models.programme import unit_rows
from models.programme.pack import Pack, UnitColumn, UnitField
from models.unit_of_work import unit_of_work
from webforms.simulate_people import Person, person

_FORGOTTEN = 0.15  # of people about whom the unit has not filled anything in yet
_BLANK = 0.3  # of cells that may be blank
_WORDS = ("年度考核优秀", "年度考核合格", "完成年度任务", "样例评价")
_SENTENCES = ("样例：参加高级研修班，承担重点项目。", "样例：带教青年骨干，充实项目一线。", "样例：到设计岗位锻炼。")
_CELLS = (
    (("单位",), ("样例机械制造有限公司", "样例电力设计院", "样例检测中心")),
    (("学历",), ("大学本科", "研究生")),
    (("职称",), ("工程师", "高级工程师", "正高级工程师")),
    (("岗位",), ("总工程师", "工艺主管", "电气设计")),
    (("院校",), ("样例大学", "样例理工大学")),
    (("代码",), ("080601", "080203", "082901")),
    (("类别",), ("工学", "艺术学")),
    (("专业",), ("电气工程", "材料成型", "安全工程", "工艺美术")),
    (("地区", "行业"), ("机械", "电力电气", "安全")),
)


def fill_unit_fields(application_id: str, random: Random, on: date) -> int:
    """Fill in everything that the unit is asked for about this person, or nothing at all; how many fields."""
    if random.random() < _FORGOTTEN:
        return 0
    with unit_of_work() as session:
        view = queries.view(application_id)
        values = {entry.field.id: _value(entry.field, random, on) for entry in unit_entries.entries(session, view)}
        unit_entries.fill(session, view, values)
    db.session.remove()
    return len(values)


def fill_unit_tables(pack: Pack, units: Sequence[str], seed: int, on: date) -> int:
    """Fill in the tables of the units (codes; empty: all) that have none yet; how many rows."""
    if not pack.workbooks.unit_tables:
        return 0
    written = 0
    with unit_of_work() as session:
        intake = rounds.require_open(pack.slug, on)
        known = session.scalars(select(UnitRow).where(UnitRow.programme == pack.slug).order_by(UnitRow.code))
        for unit in [one for one in known if not units or one.code in units]:
            for table in pack.workbooks.unit_tables:
                for part in [option.value for option in unit_tables.parts(pack, table)] or [""]:
                    place = Place(pack, table, intake, unit, part)
                    random = Random(f"{seed}:{unit.code}:{table.id}:{part}")  # noqa: S311 - repeatable, nothing secret
                    if not unit_tables.stored_rows(session, place):
                        rows = _rows(place, random, on)
                        fill(session, place, rows)
                        written += len(rows)
    db.session.remove()
    return written


def _rows(place: Place, random: Random, on: date) -> list[dict[str, Any]]:
    """Numbers for the unit's own row (for all rows where no row has a unit); a few rows of other tables."""
    table = place.table
    if not table.rows:
        return [_row(place, random, on) for _ in range(random.randrange(1, 5))]
    suggested = unit_counts.suggested(db.session(), place)
    rows = []
    for number in range(len(table.rows)):
        mine = not table.row_units or table.row_units[number] == place.unit.code
        counted = suggested[number] if number < len(suggested) else {}
        row = _row(place, random, on) if mine else {}
        rows.append(
            {name: value + counted.get(name, 0) if isinstance(value, int) else value for name, value in row.items()}
        )
    return rows


def _row(place: Place, random: Random, on: date) -> dict[str, Any]:
    people: dict[str, Person] = {}
    row: dict[str, Any] = {}
    for column in unit_rows.typed_columns(place.table):
        if not column.required and column.kind != "number" and random.random() < _BLANK:
            continue
        if column.kind == "id_number" or "姓名" in column.header:
            somebody = people.setdefault(column.group, person(random, random.randrange(10_000_000), on))
            row[column.id] = somebody.id_number if column.kind == "id_number" else somebody.name
        else:
            row[column.id] = _cell(column, random, on)
    return row


def _cell(column: UnitColumn, random: Random, on: date) -> Any:
    if column.kind == "choice":
        return random.choice(column.options).value
    if column.kind == "number":
        least = column.at_least or 0
        return random.randint(least, column.at_most if column.at_most is not None else least + 30)
    if column.kind == "date":
        return (on - timedelta(days=random.randrange(30, 900))).isoformat()
    words = next((some for heads, some in _CELLS if any(head in column.header for head in heads)), ("样例内容",))
    return random.choice(words)[: column.max_length]


def _value(field: UnitField, random: Random, on: date) -> Any:
    if field.kind == "choice":
        return random.choice(field.options).value
    if field.kind == "yes_no":
        return random.random() < 0.5
    if field.kind == "number":
        return random.randrange(1, 11)
    if field.kind in ("date", "month"):
        day = (on - timedelta(days=random.randrange(30, 900))).isoformat()
        return day if field.kind == "date" else day[:7]
    return random.choice(_SENTENCES if field.kind == "long_text" else _WORDS)[: field.max_length]
