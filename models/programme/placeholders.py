"""What an office's own form of one person may hold in double braces: the form's cells, by name and by id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.programme.official import Cell, FormTable
from models.programme.pack import FormField, Pack

PHOTO = "照片"
_NAMED = {
    "seq": "序号",
    "category": "人才类型",
    "claim": "申报类型",
    "ladder": "人才层次",
    "clause": "依据条款",
    "unit_name": "单位名称",
    "opinion": "审核意见",
}
# Words of the template language and what it knows of a loop: no value may have their name.
_TAKEN = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "for",
        "loop",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "self",
    ]
)
_NO_WORD = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands in a form: `names` are all that may be written in the braces, the official one first; `source` is as
    in `Cell.source`. `columns` of a list of rows: for each column its names."""

    names: tuple[str, ...]
    source: str
    columns: tuple[tuple[str, ...], ...] = ()
    months: Literal["YYYY-MM", "YYYY.MM"] = "YYYY-MM"

    @property
    def photo(self) -> bool:
        """Whether the portrait stands there."""
        return self.source.startswith("document:")


def placeholders(pack: Pack) -> tuple[Placeholder, ...]:
    """Every placeholder of the person's form, in its order. LookupError where the programme has no such form.

    Where two cells have one heading, the later one is known by its id alone.
    """
    taken: set[str] = set(_TAKEN)
    found: dict[str, Placeholder] = {}
    for cell in _cells(pack.workbooks.person_form()):
        source = cell.source
        if source == "blank" or source in found:
            continue
        field = _field(pack, source)
        names = _free(_names(cell.header, source, field), taken)
        columns: tuple[tuple[str, ...], ...] = ()
        if source.startswith("rows:") and field is not None:
            inner: set[str] = set(_TAKEN)
            columns = tuple(_free([column.label.zh, column.id], inner) for column in field.columns)
        if names:
            found[source] = Placeholder(names, source, columns, cell.months)
    return tuple(found.values())


def _cells(form: FormTable) -> Iterator[Cell]:
    for block in form.blocks:
        yield from block.cells
    for row in (*form.above, *form.grid):
        for box in row:
            for source in box.sources:
                header = box.label if len(box.sources) == 1 else ""
                yield Cell(header=header, source=source, clause=box.clause)
    yield Cell(header="", source="opinion", clause="")


def _names(header: str, source: str, field: FormField | None) -> list[str]:
    kind, _, ident = source.partition(":")
    if kind == "document":
        return [PHOTO, "photo"]
    by_field = (field.official or field.label.zh) if field is not None else ""
    month = "_month" if kind == "month" else ""
    return [header or _NAMED.get(source, "") or by_field, f"{ident or kind}{month}"]


def _field(pack: Pack, source: str) -> FormField | None:
    kind, _, ident = source.partition(":")
    if kind not in ("field", "rows", "month"):
        return None
    return next((field for part in pack.form.sections for field in part.fields if field.id == ident), None)


def _free(wanted: list[str], taken: set[str]) -> tuple[str, ...]:
    """Those of `wanted` that nothing else has, as words of the template language."""
    names = [name for name in map(word, wanted) if name and name not in taken]
    taken.update(names)
    return tuple(dict.fromkeys(names))


def word(text: str) -> str:
    """`text` as a name of the template language: letters, digits and low lines, no digit in front."""
    plain = _NO_WORD.sub("", unicodedata.normalize("NFKC", text))
    plain = f"_{plain}" if plain[:1].isdigit() else plain
    return plain if plain.isidentifier() else ""
