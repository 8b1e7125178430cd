"""A pack folder as one file: what a published version is kept as, and how two of them are compared.

An archive (ZIP) holds the folder under ``pack/`` and, under ``_shared/codes/``, the shared code lists that it uses: it
is read without anything else, whatever becomes of the folder or of the shared lists.
"""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from pathlib import Path

from models.programme import loader
from models.programme.pack import Pack

_ANY_DAY = (1980, 1, 1, 0, 0, 0)  # the format's first: the same files make the same archive


def pack_up(folder: Path, pack: Pack) -> bytes:
    """The archive of a folder, which holds `pack`."""
    held = dict(_files(folder))
    files = {f"{loader.ARCHIVED}/{name}": data for name, data in held.items()}
    for name in pack.codes:
        if f"codes/{name}.csv" not in held:
            shared = f"{loader.SHARED}/codes/{name}.csv"
            files[shared] = (loader.PACKS / shared).read_bytes()
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _ANY_DAY), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything in the folder but hidden files and what editors leave."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith((".", "__")) or part.endswith("~") for part in name.parts)
        if path.is_file() and not hidden:
            yield name.as_posix(), path.read_bytes()


def contents(data: bytes) -> dict[str, str]:
    """SHA-256 of what each file of an archive says: comments, layout and line ends of TOML and CSV do not count."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: hashlib.sha256(_said(name, archive.read(name))).hexdigest() for name in archive.namelist()}


def _said(name: str, data: bytes) -> bytes:
    if name.endswith(".toml"):
        return json.dumps(tomllib.loads(data.decode()), default=_typed).encode()
    if name.endswith(".csv"):
        return json.dumps(list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))).encode()
    return data


def _typed(value: object) -> list[str]:
    """A date or time of TOML, apart from a text that looks like one."""
    return [type(value).__name__, str(value)]


def digest(said: Mapping[str, str]) -> str:
    """SHA-256 of a whole pack, from the `contents` of its archive."""
    return hashlib.sha256(json.dumps(sorted(said.items())).encode()).hexdigest()


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the files that do not say the same in two archives (`contents`), as they are called in the packs
    folder; those that one of them lacks included."""
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return tuple(name.removeprefix(f"{loader.ARCHIVED}/") for name in names)
