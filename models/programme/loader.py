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

import zipfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from models.errors import PackError
from models.interview import wording
from models.programme import reading, references
from models.programme.code_lists import Folder, code_lists, files
from models.programme.pack import Column, Fact, FormField, Pack, Programme, Text

PACKS = Path(__file__).resolve().parent.parent / "packs"
SHARED = "_shared"
ARCHIVED = "pack"  # the folder's place in an archive; the shared lists are beside it
FILES = (*reading.NEEDED, *reading.OPTIONAL, reading.MESSAGES)


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
    refuse_unknown_files(path)
    own = code_lists(path / "codes")
    codes = {**code_lists(shared / "codes"), **own}
    names = [*reading.NEEDED, *(name for name in reading.OPTIONAL if (path / f"{name}.toml").exists())]
    parts: dict[str, Any] = {name: reading.parse(path, name, codes) for name in names}
    for name in ("eligibility", "routing"):
        parts[name] = _with_settings(parts[name], parts["programme"], f"{name}.toml")
    used = {*own, *(name for part in parts.values() for name in _named_codes(part))}
    kept = {name: options for name, options in codes.items() if name in used}
    clauses = parts.pop("clauses")
    pack = Pack(clauses=clauses.clause, terms=clauses.term, messages=_messages(path), codes=kept, **parts)
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


def refuse_unknown_files(path: Folder) -> None:
    """A misspelt file name would otherwise be silently ignored."""
    for file in files(path, ".toml"):
        if file.name.removesuffix(".toml") not in FILES:
            raise PackError(file.name, "", f"unknown file; a pack has {', '.join(sorted(FILES))}")


def _messages(path: Folder) -> dict[str, Text]:
    if not (path / "messages.toml").exists():
        return {}
    return dict(wording.flatten(reading.read(path, reading.MESSAGES), "messages.toml"))


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
