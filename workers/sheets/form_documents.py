"""The people's forms filled into the office's own form in Word: one document a person, in one .zip.

A template is code until shown not to be, so a child without any key fills it (`workers.document_child`); here are only
the values that it gets and what comes back.
"""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from models.errors import BoleError
from models.office.workbook_data import Record, UnitRecords, safe_name
from models.programme.official import Cell
from models.programme.pack import FormField, Pack
from models.programme.placeholders import Placeholder, placeholders
from workers import limited
from workers.sheets.forms import Portraits
from workers.sheets.grid_values import value_of
from workers.sheets.package import write_entry
from workers.sheets.portrait import photo_mm
from workers.sheets.text import clean
from workers.sheets.values import Source, cell_value, row_values, spec_of

_START, _EACH = 4, 3  # seconds of processor time for a child and for a person in it: what a trial allows, use allows
AT_ONCE = 20  # people a child fills
_CHILD = Path(__file__).parent.parent / "document_child.py"
_BY_GRID = ("month", "opinion", "unit_name")


class Refused(BoleError):
    """The template cannot be filled; the key is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person's values by every name, and the portrait as a small JPEG (or nothing)."""

    values: Mapping[str, Any] = field(repr=False)
    photo: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """What a child gave back: the names that always and that under a condition stand in the template, those it does not
    know, and a document a person unless there are such."""

    used: tuple[str, ...]
    sometimes: tuple[str, ...]
    unknown: tuple[str, ...]
    documents: tuple[bytes, ...] = field(repr=False)


def fill_forms(pack: Pack, template: bytes, unit: UnitRecords, portraits: Portraits) -> bytes:
    """A .zip of one document a person. Same records: same bytes. Refused, ChildBroken: it cannot be filled."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for start in range(0, len(unit.records), AT_ONCE):
            records = unit.records[start : start + AT_ONCE]
            people = [
                Person(values_of(pack, record, unit.unit_name, number), portraits(record) or b"")
                for number, record in enumerate(records, start=start + 1)
            ]
            made = render(pack, template, people)
            for number, (record, document) in enumerate(zip(records, made.documents, strict=True), start=start + 1):
                name = safe_name(str(record.answers.get("field:name") or ""), 40)
                write_entry(target, f"{number:03d} {name}.docx", document, zipfile.ZIP_STORED)
    return out.getvalue()


def values_of(pack: Pack, record: Record, unit_name: str, number: int) -> dict[str, Any]:
    """What each placeholder shows of the person: text, or a list of rows by column; the photo comes by itself."""
    found: dict[str, Any] = {}
    for each in placeholders(pack):
        value = "" if each.photo else _value(pack, each, record, unit_name, number)
        found |= dict.fromkeys(each.names, value)
    return found


def _value(pack: Pack, each: Placeholder, record: Record, unit_name: str, number: int) -> Any:
    cell = Cell(header=each.names[0], source=each.source, clause="", months=each.months)
    source = Source(pack, cell)
    if source.kind in _BY_GRID:
        return clean(value_of(pack, each.source, record, unit_name))
    if source.kind != "rows":
        value = cell_value(pack, cell, source, record, number)
        return "" if value is None else clean(str(value))
    if not isinstance(source.spec, FormField):
        return []
    rows = row_values(source.spec, record.answers.get(source.answer_key), spec_of(source, record))
    return [
        {name: clean(text) for names, text in zip(each.columns, row, strict=True) for name in names} for row in rows
    ]


def render(pack: Pack, template: bytes, people: Sequence[Person]) -> Made:
    """`template` filled for `people` in a limited child. Raises Refused or ChildBroken, nothing else of its making."""
    known = placeholders(pack)
    order = {
        "template": base64.b64encode(template).decode(),
        "known": {
            name: [one for names in each.columns for one in names] if each.columns else None
            for each in known
            for name in each.names
        },
        "photos": [name for each in known if each.photo for name in each.names],
        "people": [{"values": one.values, "photo": base64.b64encode(one.photo).decode()} for one in people],
        "mm": photo_mm(pack),
    }
    found = limited.ask((str(_CHILD),), json.dumps(order).encode(), _START + _EACH * len(people))
    if "documents" not in found:
        raise Refused(found.get("refused", "template.form_too_heavy"))
    documents = tuple(base64.b64decode(one) for one in found["documents"])
    return Made(tuple(found["used"]), tuple(found["sometimes"]), tuple(found["unknown"]), documents)
