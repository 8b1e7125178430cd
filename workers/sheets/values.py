"""From a pack's `Cell.source` to what stands in the cell, and to the list a clerk may choose from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.eligibility.verdict import UNSURE
from models.office.workbook_data import Record
from models.programme import fields
from models.programme.pack import Category, Cell, Column, Fact, FormField, Option, Pack, UnitField
from workers.sheets.text import width

UNSURE_TEXT = "不确定"
_UNDECIDED = "（待认定）"
TICKED, EMPTY = "☑", "□"
_SEPARATOR = "、"
_YES_NO = ("是", "否")
_MULTIPLE = ("choices",)
_MONTH = re.compile(r"\d{4}-\d{2}")

Spec = Fact | FormField | UnitField


@dataclass(frozen=True, slots=True)
class CodeList:
    """The values a column offers. `strict`: nothing else may be typed (one value a cell)."""

    name: str
    values: tuple[str, ...]
    strict: bool


class Source:
    """A parsed `Cell.source`: `kind` before the colon, `key` after it, and the field or fact it names."""

    def __init__(self, pack: Pack, cell: Cell) -> None:
        self.kind, _, self.key = cell.source.partition(":")
        self.spec: Spec | None = _spec(pack, self.kind, self.key)

    @property
    def answer_key(self) -> str:
        """Under which key the answer is stored."""
        return f"field:{self.key}" if self.kind == "rows" else f"{self.kind}:{self.key}"


def _spec(pack: Pack, kind: str, key: str) -> Spec | None:
    if kind in ("field", "rows"):
        return next((f for s in pack.form.sections for f in s.fields if f.id == key), None)
    if kind == "fact":
        return next((f for f in (*pack.eligibility.facts, *pack.routing.facts) if f.id == key), None)
    if kind == "unit_field":
        return next((f for f in pack.form.unit_fields if f.id == key), None)
    return None


def cell_value(pack: Pack, cell: Cell, source: Source, record: Record, number: int) -> str | int | None:
    """What a one-cell source shows for `record`; rows become lines, several choices are joined by 、."""
    if source.kind == "seq":
        return number
    if source.kind == "claim":
        given = record.answers.get("claim")
        named = {claim.id: claim.name.zh for claim in pack.eligibility.claims()}
        return UNSURE_TEXT if given == UNSURE else _SEPARATOR.join(named[c] for c in given or () if c in named)
    if source.kind == "category":
        return _SEPARATOR.join(name for name, has in categories(pack, record) if has)
    if source.kind == "ladder":
        return _SEPARATOR.join(name for name, has in ladders(pack, record) if has)
    if source.kind == "clause":
        return _SEPARATOR.join(record.clauses)
    if source.kind == "unit_name":
        return record.unit_name
    if source.kind == "document":
        return "见采集表" if record.portrait else None
    value, spec = record.answers.get(source.answer_key), spec_of(source, record)
    if source.kind == "unit_field":
        value = record.unit_values.get(source.key)
    if source.kind == "rows":
        return "\n".join("  ".join(filter(None, row)) for row in row_values(spec, value)) or None
    shown = answer_value(spec, value)
    if cell.months == "YYYY.MM" and isinstance(shown, str) and _MONTH.fullmatch(shown):
        return shown.replace("-", ".")
    return shown


def spec_of(source: Source, record: Record) -> Spec | None:
    """The field or fact as the record's own version has it: an option that is gone since keeps its name."""
    own = _spec(record.pack, source.kind, source.key) if record.pack is not None else None
    return own or source.spec


def answer_value(spec: Spec | None, value: Any) -> str | int | None:
    """One answer as a cell shows it. An answer not given is an empty cell, 「不确定」 says so."""
    if spec is None or value is None:
        return None
    if value == UNSURE:
        return UNSURE_TEXT
    return fields.to_cell(spec, value)


def row_values(spec: Spec | None, value: Any, own: Spec | None = None) -> list[list[str]]:
    """A rows answer as text, one list a row in the order of the columns of `spec`; `own` is the field as the record's
    version has it."""
    if not isinstance(spec, FormField) or not isinstance(value, (list, tuple)):
        return []
    judged = {column.id: column for column in own.columns} if isinstance(own, FormField) else {}
    columns = [judged.get(column.id, column) for column in spec.columns]
    return [[_column_text(column, row) for column in columns] for row in value if isinstance(row, Mapping)]


def _column_text(column: Column, row: Mapping[str, Any]) -> str:
    value = row.get(column.id)
    if value is None or value == "":
        return ""
    shown = fields.to_cell(column, value)
    return "" if shown is None else str(shown)


def categories(pack: Pack, record: Record) -> list[tuple[str, bool]]:
    """Every category of the pack in its order, and whether the record counts under it; after them those that the
    record counts under by its own version alone. A tier that people have yet to grant says so."""
    named = [(_named(c, record), c.id in record.categories) for c in pack.eligibility.categories]
    known = {c.id for c in pack.eligibility.categories}
    older = record.pack.eligibility.categories if record.pack is not None else ()
    return named + [(c.name.zh, True) for c in older if c.id in record.categories and c.id not in known]


def _named(category: Category, record: Record) -> str:
    return f"{category.name.zh}{_UNDECIDED}" if category.id in record.undecided else category.name.zh


def ladders(pack: Pack, record: Record) -> list[tuple[str, bool]]:
    """Every ladder of the pack in its order, and whether the record counts under one of its tiers."""
    return [
        (ladder.name.zh, any(name in record.categories for name in ladder.categories))
        for ladder in pack.eligibility.ladders
    ]


def ticked(choices: Iterable[tuple[str, bool]], columns: float, *, empty: str = EMPTY) -> str:
    """Boxes in front of each choice, as the paper form has them; a box is never parted from its name at a line end."""
    out, used = "", 0.0
    for name, has in choices:
        part = f"{TICKED if has else empty}{name}"
        gap = "　" if out else ""
        if out and used + width(gap + part) > columns:
            gap, used = "\n", 0.0
        out += gap + part
        used += width(gap + part)
    return out


def code_list(pack: Pack, cell: Cell, source: Source) -> CodeList | None:
    """The drop-down of a cell: its own `codes`, else the options of its field or fact; None where text is free."""
    if source.kind == "claim":
        return CodeList("claim", tuple(c.name.zh for c in pack.eligibility.claims()), strict=False)
    if source.kind == "category":
        return CodeList("category", tuple(c.name.zh for c in pack.eligibility.categories), strict=False)
    if source.kind == "ladder":
        return CodeList("ladder", tuple(ladder.name.zh for ladder in pack.eligibility.ladders), strict=False)
    options = pack.codes.get(cell.codes, ()) if cell.codes else ()
    spec = source.spec
    if not options and spec is not None:
        options = spec.options
    strict = spec is None or spec.kind not in _MULTIPLE
    if options:
        return CodeList(cell.codes or source.answer_key, _labels(options, spec), strict)
    if spec is not None and spec.kind == "yes_no":
        return CodeList("yes_no", _YES_NO, strict=True)
    return None


def _labels(options: tuple[Option, ...], spec: Spec | None) -> tuple[str, ...]:
    labels = [o.label.zh for o in options]
    if isinstance(spec, Fact) and spec.unsure:
        labels.append(UNSURE_TEXT)
    return tuple(dict.fromkeys(labels))
