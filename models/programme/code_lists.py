"""Code lists of a pack folder: CSV files under ``codes/``, one option a line.

The columns are ``value, zh, en`` and optionally ``group_zh, group_en, parent, clause, hint_zh, hint_en, gb``.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.errors import PackError
from models.programme.pack import Option

Folder = Path | zipfile.Path
Codes = dict[str, tuple[Option, ...]]
NEEDED = ("value", "zh", "en")
OPTIONAL = ("group_zh", "group_en", "parent", "clause", "hint_zh", "hint_en", "gb")
_RESERVED = frozenset({"unsure", ""})


def files(folder: Folder, suffix: str) -> Iterator[Folder]:
    """The files with this ending, by name; none where there is no such folder."""
    if folder.is_dir():
        yield from sorted((f for f in folder.iterdir() if f.name.endswith(suffix)), key=lambda file: file.name)


def code_lists(folder: Folder) -> Codes:
    """The code lists of a folder, by name; PackError where one is wrong."""
    return {file.stem: _code_list(file) for file in files(folder, ".csv")}


def _code_list(file: Folder) -> tuple[Option, ...]:
    name = f"codes/{file.name}"
    try:
        with file.open("r", encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            header = list(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise PackError(name, "", f"not a valid CSV file: {exc}") from exc
    _check_header(name, header)
    options = tuple(_option(name, line, row) for line, row in rows)
    if not options:
        raise PackError(name, "", "the list is empty")
    return options


def _check_header(name: str, header: list[str]) -> None:
    if len(set(header)) != len(header):
        raise PackError(name, "line 1", "a column is named twice")
    if missing := set(NEEDED) - set(header):
        raise PackError(name, "line 1", f"the columns {', '.join(sorted(missing))} are missing")
    if unknown := set(header) - {*NEEDED, *OPTIONAL}:
        raise PackError(name, "line 1", f"unknown columns {', '.join(sorted(unknown))}")


def _option(name: str, line: int, row: Mapping[str | None, Any]) -> Option:
    if None in row or any(value is None for value in row.values()):
        raise PackError(name, f"line {line}", "the line does not have as many values as the header")
    if row["value"] in _RESERVED:
        raise PackError(name, f"line {line}", f"the value {row['value']!r} is reserved")
    hint = {"zh": row.get("hint_zh", ""), "en": row.get("hint_en", "")}
    data = {
        "value": row["value"],
        "label": {"zh": row["zh"], "en": row["en"]},
        "hint": hint if any(hint.values()) else None,
        "parent": row.get("parent", ""),
        "group": row.get("group_zh", ""),
        "group_en": row.get("group_en", ""),
        "clause": row.get("clause", ""),
        "gb": row.get("gb", ""),
    }
    try:
        return Option.model_validate(data)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise PackError(name, f"line {line} {'.'.join(map(str, first['loc']))}", first["msg"]) from exc
