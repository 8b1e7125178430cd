"""Invented people for a trial fill: each answer is a valid one of its kind, and every text says that it is a sample."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.office.workbook_data import Record, UnitRecords
from models.programme import idnumber
from models.programme.official import UnitTable
from models.programme.pack import Column, Fact, FormField, Pack, UnitColumn, UnitField

SAMPLE = "样例"
_NAMES = ("样例甲", "样例乙")
_REGION = "430401"  # of a city's own districts together: nobody's number begins so
_BORN = date(1990, 1, 1)


def sample_unit(pack: Pack, count: int, kind: str) -> UnitRecords:
    """`count` invented people of an invented unit, who stand in table `kind`, or as many rows that it has typed."""
    unit_table = next((table for table in pack.workbooks.unit_tables if table.id == kind), None)
    return UnitRecords(
        programme=pack.slug,
        round_id="",
        round_name=f"{SAMPLE}批次",
        unit_id="",
        unit_code="",
        unit_name=f"{SAMPLE}单位",
        records=tuple(_record(pack, number, kind) for number in range(count)) if unit_table is None else (),
        unit_rows={} if unit_table is None else {kind: tuple(_row(unit_table, number) for number in range(count))},
    )


def _record(pack: Pack, number: int, kind: str) -> Record:
    specs: dict[str, Fact | FormField] = {f"fact:{fact.id}": fact for fact in pack.eligibility.facts}
    specs |= {f"fact:{fact.id}": fact for fact in pack.routing.facts}
    specs |= {f"field:{field.id}": field for part in pack.form.sections for field in part.fields}
    answers = {key: _answer(spec, number) for key, spec in specs.items()}
    answers["field:name"] = _NAMES[number % 2]
    claims = [claim.id for claim in pack.eligibility.claims()]
    answers["claim"] = tuple(claims[:1])
    return Record(
        application_id=f"{SAMPLE}{number}",
        receipt=f"BL-{SAMPLE}",
        status="submitted",
        categories=tuple(category.id for category in pack.eligibility.categories[:1]),
        answers=answers,
        stands_in=frozenset({kind}),
        unit_name=f"{SAMPLE}单位",
        unit_values={field.id: _answer(field, number) for field in pack.form.unit_fields},
    )


def _answer(spec: Fact | FormField | UnitField | Column, number: int) -> Any:
    kind = spec.kind
    if kind == "rows":
        return [{column.id: _answer(column, number) for column in getattr(spec, "columns", ())}]
    if kind == "choices":
        return [option.value for option in spec.options[:2]]
    if spec.options:
        return spec.options[number % len(spec.options)].value
    known = {
        "id_number": _id_number(number),
        "phone": f"139000000{number % 100:02d}",
        "date": _BORN.isoformat(),
        "month": f"{_BORN:%Y-%m}",
        "yes_no": number % 2 == 0,
        "number": number + 1,
        "sex": ("male", "female")[number % 2],
    }
    return known.get(kind, SAMPLE)


def _id_number(number: int) -> str:
    return idnumber.make(_REGION, _BORN, number % 999 + 1)


def _row(table: UnitTable, number: int) -> dict[str, Any]:
    return {column.id: _typed(column, number) for column in table.columns if not column.sum_of}


def _typed(column: UnitColumn, number: int) -> Any:
    if column.options:
        return column.options[number % len(column.options)].value
    known: dict[str, Any] = {"number": number + 1, "date": _BORN.isoformat(), "id_number": _id_number(number)}
    return known.get(column.kind, SAMPLE)
