"""What invented units fill in: about invented people, by the kind of field. Nothing here knows a notice."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from models.application import queries
from models.extensions import db
from models.office import unit_entries
from models.programme.pack import UnitField
from models.unit_of_work import unit_of_work

_FORGOTTEN = 0.15  # of people about whom the unit has not filled anything in yet
_WORDS = ("年度考核优秀", "年度考核合格", "完成年度任务", "样例评价")
_SENTENCES = (
    "样例：参加高级研修班，承担重点项目。",
    "样例：带教青年技术骨干，充实项目一线。",
    "样例：安排到设计岗位锻炼。",
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
