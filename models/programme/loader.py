"""Reading a pack folder into a validated `Pack`.

A folder holds programme, clauses, eligibility, form, documents, routing, workbooks and (optionally) selection, scoring,
afterwards and messages as TOML, and code lists under ``codes/*.csv`` with the columns ``value, zh, en`` and optionally
``group_zh, group_en, parent, clause, hint_zh, hint_en, gb``. A list that is not in the folder is looked for in
``_shared/codes``; the folder's own list beats a shared one of the same name. Lists named by `codes` are put into the
`options` of their fact, field or column here, so nobody looks them up twice.
A published version is such a folder in an archive, with the shared lists that it uses (see `archive`).
A wrong file raises PackError naming the file, the key in it and the reason.
"""

from __future__ import annotations

import csv
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from models.errors import PackError
from models.interview import wording
from models.programme import references
from models.programme.pack import (
    Afterwards,
    Clause,
    Column,
    Documents,
    Eligibility,
    Fact,
    Form,
    FormField,
    Option,
    Pack,
    Programme,
    Routing,
    Scoring,
    Selection,
    Text,
    Workbooks,
)

PACKS = Path(__file__).resolve().parent.parent / "packs"
SHARED = "_shared"
ARCHIVED = "pack"  # the folder's place in an archive; the shared lists are beside it
Folder = Path | zipfile.Path
Codes = dict[str, tuple[Option, ...]]
_MODELS: dict[str, type[BaseModel]] = {
    "programme": Programme,
    "eligibility": Eligibility,
    "form": Form,
    "documents": Documents,
    "routing": Routing,
    "workbooks": Workbooks,
}
_OPTIONAL: dict[str, type[BaseModel]] = {"selection": Selection, "scoring": Scoring, "afterwards": Afterwards}
_FILES = frozenset({*_MODELS, *_OPTIONAL, "clauses", "messages"})
_CSV_NEEDED = frozenset({"value", "zh", "en"})
_CSV_OPTIONAL = frozenset({"group_zh", "group_en", "parent", "clause", "hint_zh", "hint_en", "gb"})
_RESERVED = frozenset({"unsure", ""})


def pack_slugs() -> tuple[str, ...]:
    """The packs that are there, by folder name."""
    return tuple(sorted(path.parent.name for path in PACKS.glob("[!_]*/programme.toml")))


@cache
def load_pack(slug: str) -> Pack:
    """The pack of this name, read once. Raises PackError when there is none or it is wrong."""
    if slug not in pack_slugs():
        raise PackError(f"{slug}/programme.toml", "", "there is no such pack")
    pack = load_folder(PACKS / slug)
    if pack.slug != slug:
        raise PackError("programme.toml", "slug", f"is {pack.slug!r} but the folder is {slug!r}")
    return pack


def load_folder(path: Path) -> Pack:
    """The pack in any folder, validated, with its codes resolved and its references proven; PackError otherwise."""
    return _load(path, PACKS / SHARED)


def load_archive(data: bytes) -> Pack:
    """The pack out of an archive made by `archive.pack_up`, whole without the folders on this machine.

    Raises PackError where this version of Bole cannot read it.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        root = zipfile.Path(archive)
        return _load(root / ARCHIVED, root / SHARED)


def _load(path: Folder, shared: Folder) -> Pack:
    _refuse_unknown_files(path)
    own = code_lists(path / "codes")
    codes = {**code_lists(shared / "codes"), **own}
    parts: dict[str, Any] = {name: _validate(path, name, model, codes) for name, model in _MODELS.items()}
    for name, model in _OPTIONAL.items():
        if (path / f"{name}.toml").exists():
            parts[name] = _validate(path, name, model, codes)
    for name in ("eligibility", "routing"):
        parts[name] = _with_settings(parts[name], parts["programme"], f"{name}.toml")
    used = {*own, *(name for part in parts.values() for name in _named_codes(part))}
    kept = {name: options for name, options in codes.items() if name in used}
    pack = Pack(clauses=_clauses(path), messages=_messages(path), codes=kept, **parts)
    references.prove(pack)
    return pack


def _with_settings(rules: Any, programme: Programme, file: str) -> Any:
    """The same rules with the value of every condition that names a setting taken from it."""
    settings = {setting.id: setting.value for setting in programme.settings}
    conditions = []
    for condition in rules.conditions:
        if condition.setting:
            key = f"conditions({condition.id}).setting"
            if condition.setting not in settings:
                raise PackError(file, key, f"there is no setting {condition.setting!r} in programme.toml")
            if condition.value is not None:
                raise PackError(file, key, "give either a value or a setting, not both")
            condition = condition.model_copy(update={"value": settings[condition.setting]})
        conditions.append(condition)
    return rules.model_copy(update={"conditions": tuple(conditions)})


def _named_codes(part: Any) -> Iterator[str]:
    """The code lists that a part of a pack names, wherever in it."""
    if isinstance(part, tuple):
        for item in part:
            yield from _named_codes(item)
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            value = getattr(part, name)
            if name == "codes" and isinstance(value, str):
                yield value
            else:
                yield from _named_codes(value)


def _files(folder: Folder, suffix: str) -> Iterator[Folder]:
    """The files with this ending, by name; none where there is no such folder."""
    if folder.is_dir():
        yield from sorted((f for f in folder.iterdir() if f.name.endswith(suffix)), key=lambda file: file.name)


def _refuse_unknown_files(path: Folder) -> None:
    """A misspelt file name would otherwise be silently ignored."""
    for file in _files(path, ".toml"):
        if file.stem not in _FILES:
            raise PackError(file.name, "", f"unknown file; a pack has {', '.join(sorted(_FILES))}")


def _read(path: Folder, name: str) -> dict[str, Any]:
    file = path / f"{name}.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise PackError(file.name, "", "the file is missing") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise PackError(file.name, "", f"not valid TOML: {exc}") from exc


def _validate(path: Folder, name: str, model: type[BaseModel], codes: Codes) -> BaseModel:
    data = _resolve(_read(path, name), codes, f"{name}.toml", ())
    return _model(data, model, f"{name}.toml")


def _model(data: Any, model: type[BaseModel], file: str) -> BaseModel:
    try:
        return model.model_validate(data)
    except ValidationError as exc:
        first, *more = exc.errors()
        reason = first["msg"] + (f" (and {len(more)} more)" if more else "")
        raise PackError(file, _spell(data, first["loc"]), reason) from exc


def _spell(data: Any, location: Sequence[str | int]) -> str:
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


def _clauses(path: Folder) -> tuple[Clause, ...]:
    data = _read(path, "clauses")
    if set(data) != {"clause"} or not isinstance(data["clause"], list):
        raise PackError("clauses.toml", "clause", "the file is a list of [[clause]] tables and nothing else")
    out: list[Clause] = []
    for index, item in enumerate(data["clause"]):
        try:
            out.append(Clause.model_validate(item))
        except ValidationError as exc:
            first = exc.errors()[0]
            name = item.get("ref", "") if isinstance(item, dict) else ""
            place = ".".join(str(step) for step in first["loc"])
            raise PackError("clauses.toml", f"clause[{index}]({name}).{place}", first["msg"]) from exc
    return tuple(out)


def _messages(path: Folder) -> dict[str, Text]:
    if not (path / "messages.toml").exists():
        return {}
    return dict(wording.flatten(_read(path, "messages"), "messages.toml"))


def code_lists(folder: Folder) -> Codes:
    """The code lists of a folder, by name; PackError where one is wrong."""
    return {file.stem: _code_list(file) for file in _files(folder, ".csv")}


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
    if missing := _CSV_NEEDED - set(header):
        raise PackError(name, "line 1", f"the columns {', '.join(sorted(missing))} are missing")
    if unknown := set(header) - _CSV_NEEDED - _CSV_OPTIONAL:
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


def spec_by_key(pack: Pack, key: str) -> Fact | FormField | None:
    """The fact or form field behind an answer key such as ``fact:degree`` or ``field:name``."""
    prefix, _, ident = key.partition(":")
    if prefix == "fact":
        facts = (*pack.eligibility.facts, *pack.routing.facts)
        return next((fact for fact in facts if fact.id == ident), None)
    if prefix == "field":
        fields = (field for section in pack.form.sections for field in section.fields)
        return next((field for field in fields if field.id == ident), None)
    return None


def column_of(field: FormField, ident: str) -> Column | None:
    """The column of a rows field."""
    return next((column for column in field.columns if column.id == ident), None)
