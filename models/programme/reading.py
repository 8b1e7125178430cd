"""Reading the files of a pack folder one by one: TOML into typed parts, with every fault named by file, key and reason.

`loader` makes the whole pack of them and stops at the first fault; `todo` gathers them all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.errors import PackError
from models.programme import unfilled
from models.programme.code_lists import Codes, Folder
from models.programme.pack import (
    Afterwards,
    Clauses,
    Documents,
    Eligibility,
    Form,
    Programme,
    Routing,
    Scoring,
    Selection,
    Workbooks,
)

# In the order in which a pack is written. `messages` has no model: it is a tree of sentences.
NEEDED: dict[str, type[BaseModel]] = {
    "clauses": Clauses,
    "programme": Programme,
    "eligibility": Eligibility,
    "form": Form,
    "documents": Documents,
    "routing": Routing,
    "workbooks": Workbooks,
}
OPTIONAL: dict[str, type[BaseModel]] = {"selection": Selection, "scoring": Scoring, "afterwards": Afterwards}
MESSAGES = "messages"
_PLAINLY = {"missing": "is missing", "extra_forbidden": "there is no such key here; look at its spelling"}


def read(folder: Folder, name: str) -> dict[str, Any]:
    """A file as TOML. PackError where it is missing or not valid."""
    file = folder / f"{name}.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as exc:
        raise PackError(file.name, "", "the file is missing") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise PackError(file.name, "", f"not valid TOML: {exc}") from exc


def parse(folder: Folder, name: str, codes: Codes) -> Any:
    """The typed content of a file; PackError at its first fault, saying how many more there are."""
    part, found = _checked(folder, name, codes)
    if found:
        first, more = found[0], len(found) - 1
        raise PackError(first.file, first.key, first.reason + (f" (and {more} more)" if more else ""))
    return part


def faults(folder: Folder, name: str, codes: Codes) -> list[PackError]:
    """Every fault of a file by itself, in its order: what is missing, unknown, of the wrong kind, or still 待填."""
    try:
        return _checked(folder, name, codes)[1]
    except PackError as error:
        return [error]


def _checked(folder: Folder, name: str, codes: Codes) -> tuple[BaseModel | None, list[PackError]]:
    model, file = (NEEDED | OPTIONAL)[name], f"{name}.toml"
    data = _resolve(read(folder, name), codes, file, ())
    try:
        part = model.model_validate(data)
    except ValidationError as exc:
        return None, list(_faults(data, model, file, exc.errors()))
    return part, list(_faults(data, model, file, ()))


def _faults(
    data: Any, model: type[BaseModel], file: str, invalid: Iterable[ErrorDetails]
) -> Iterator[PackError]:  # fmt: skip
    found: dict[unfilled.Location, str] = dict.fromkeys(unfilled.places(data), unfilled.REASON)
    for error in invalid:
        found.setdefault(error["loc"], _PLAINLY.get(error["type"], error["msg"]))
    order = {key: index for index, key in enumerate(model.model_fields)}
    for location in sorted(found, key=lambda place: _rank(place, order)):
        yield PackError(file, spell(data, location), found[location])


def _rank(location: Sequence[str | int], order: Mapping[str, int]) -> tuple[int, int]:
    """By the table's order of top-level keys, then by place in a list; otherwise as they were found."""
    number = location[1] if len(location) > 1 and isinstance(location[1], int) else -1
    return order.get(str(location[0]), len(order)), number


def spell(data: Any, location: Sequence[str | int]) -> str:
    """``conditions[3](degree).op``: the place of a value, with the id of the table where it has one."""
    out = ""
    for step in location:
        if isinstance(step, int):
            data = data[step] if isinstance(data, (list, tuple)) and step < len(data) else None
            name = data.get("id") or data.get("ref") if isinstance(data, dict) else None
            out += f"[{step}]" + (f"({name})" if name else "")
        else:
            data = data.get(step) if isinstance(data, dict) else None
            out += f".{step}" if out else step
    return out


def _resolve(data: Any, codes: Codes, file: str, location: tuple[str | int, ...]) -> Any:
    """The same data with `options` filled in wherever a table names `codes` (a workbook cell keeps the name only)."""
    if isinstance(data, list):
        return [_resolve(item, codes, file, (*location, index)) for index, item in enumerate(data)]
    if not isinstance(data, dict):
        return data
    out = {key: _resolve(value, codes, file, (*location, key)) for key, value in data.items()}
    name = data.get("codes")
    if not name or not isinstance(name, str):
        return out
    if name not in codes:
        raise PackError(file, _key(location, data), f"there is no code list {name!r} under codes/")
    if file == "workbooks.toml" and "source" in data:  # a cell keeps the name: its values come from elsewhere
        return out
    if data.get("options"):
        raise PackError(file, _key(location, data), "give either codes or options, not both")
    return {**out, "options": codes[name]}


def _key(location: tuple[str | int, ...], data: Mapping[str, Any]) -> str:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")
    return f"{place}({data['id']}).codes" if "id" in data else f"{place}.codes"
