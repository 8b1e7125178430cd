"""The tables of keys in docs/packs.md: what they list comes out of the models, what a key means is written by hand.

    .venv/bin/python tests/support/pack_keys.py

brings the tables up to date and leaves every meaning as it is; a new key waits for its meaning, and a test says so.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from models.programme import reading
from models.programme.pack import FactKind, FieldKind, Op, Text

PAGE = Path(__file__).parents[2] / "docs" / "packs.md"
MARK = re.compile(r"<!-- keys: (\w+) -->\n(?:\|.*\n)*")
HEAD = "| key | takes | needed | meaning |\n|---|---|---|---|\n"
WAITS = "…"
PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    date: "date",
    Text: "sentence",
}
NAMED = {Op: "operator", FactKind: "kind of fact", FieldKind: "kind of field"}  # each has a table of its own
Row = tuple[str, str, str]


def models() -> dict[str, type[BaseModel]]:
    """Every table that a pack's files may hold, by the name of its model; a sentence in two languages is none."""
    found: dict[str, type[BaseModel]] = {}
    todo = list((reading.NEEDED | reading.OPTIONAL).values())
    while todo:
        model = todo.pop(0)
        if model is not Text and model.__name__ not in found:
            found[model.__name__] = model
            todo += [part for info in model.model_fields.values() for part in parts(info.annotation)]
    return found


def parts(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from parts(inner)


def rows(model: type[BaseModel]) -> list[Row]:
    """Key, what it takes, and whether it is needed (else its default), as the table says them."""
    return [(f"`{key}`", takes(info.annotation), needed(info)) for key, info in model.model_fields.items()]


def takes(annotation: Any) -> str:
    """What may be written for a key, in words."""
    origin, inner = get_origin(annotation), [part for part in get_args(annotation) if part is not type(None)]
    if annotation in NAMED:
        return NAMED[annotation]
    if origin is Annotated:
        return takes(inner[0])
    if origin is Literal:
        return "one of " + ", ".join(f"`{value}`" for value in inner if value)
    if origin in (Union, types.UnionType):
        return _either(inner)
    if origin is tuple:
        items = [part for part in inner if part is not Ellipsis]
        return _several(takes(items[0])) if Ellipsis in inner else " and ".join(takes(part) for part in items)
    if annotation in PLAIN:
        return PLAIN[annotation]
    return f"table ({annotation.__name__})"


def _either(inner: list[Any]) -> str:
    if {str, int, bool, date} <= set(inner):  # whatever the fact or field can be
        rest = [part for part in inner if part not in (str, int, bool, date)]
        return "value" + ", or list of values" * bool(rest)
    return " or ".join(dict.fromkeys(takes(part) for part in inner))


def _several(one: str) -> str:
    if one.startswith("table ("):
        return one.replace("table", "tables", 1)
    return f"list of {one}s" if one in PLAIN.values() else f"list of {one}"


def needed(info: FieldInfo) -> str:
    """``yes``, or ``no`` with the value that counts where nothing is written."""
    if info.is_required():
        return "yes"
    default = info.default if info.default is not PydanticUndefined else None
    if default in (None, "", (), False) or isinstance(default, BaseModel):
        return "no"
    shown = "true" if default is True else list(default) if isinstance(default, tuple) else default
    return f"no: `{shown}`"


def written(page: str) -> dict[str, dict[str, tuple[str, str, str]]]:
    """The tables of the page: model → key → (takes, needed, meaning)."""
    found: dict[str, dict[str, tuple[str, str, str]]] = {}
    for match in MARK.finditer(page):
        lines = [line.strip().strip("|").split(" | ") for line in match[0].splitlines()[3:]]
        found[match[1]] = {
            cells[0].strip(): (cells[1].strip(), cells[2].strip(), " | ".join(cells[3:]).strip()) for cells in lines
        }
    return found


def up_to_date(page: str) -> str:
    """The page with every table listing the keys of its model, meanings kept."""
    known, tables = models(), written(page)

    def table(match: re.Match[str]) -> str:
        meanings = {key: meaning for key, (_, _, meaning) in tables[match[1]].items()}
        lines = [
            f"| {key} | {what} | {need} | {meanings.get(key, WAITS)} |" for key, what, need in rows(known[match[1]])
        ]
        return f"<!-- keys: {match[1]} -->\n{HEAD}" + "\n".join(lines) + "\n"

    return MARK.sub(table, page)


if __name__ == "__main__":
    PAGE.write_text(up_to_date(PAGE.read_text("utf-8")), "utf-8")
    sys.exit(0)
