"""Pack folders on the terminal: making one, opening one by its path, and saying what is still to do in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from models.errors import PackError
from models.programme import scaffold, unfilled
from models.programme.loader import load_folder, load_pack, pack_slugs
from models.programme.pack import Pack

_SHOWN = 20  # things to do that are listed for one file


def new_pack(folder: Path, notice: Path | None) -> Iterator[str]:
    """Make the folder of a new pack; yields what there is to say. Raises PackError where it cannot be made."""
    found = scaffold.make(folder.resolve(), read_notice(notice) if notice else None)
    yield f"made {folder} with {len(list(folder.glob('*.toml')))} files"
    if notice:
        yield f"  {found} numbered paragraphs of {notice.name} are in clauses.toml, by reference and heading"
    path = folder if folder.is_absolute() or len(folder.parts) > 1 else f"./{folder}"
    yield f"next: fill in what is marked {unfilled.WORD}, from clauses.toml on; then: bole check {path}"


def read_notice(file: Path) -> str:
    """The text of a notice; PackError where it is not UTF-8."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError(file.name, "", "is not UTF-8; save it again with that encoding") from error


def open_pack(name: str) -> Pack:
    """The installed pack of this name, or the one in the folder at this path. Raises PackError."""
    folder = folder_at(name)
    return load_pack(name) if folder is None else load_folder(folder)


def folder_at(name: str) -> Path | None:
    """The folder at a path; None for the name of an installed pack. PackError where there is no such folder."""
    path = Path(name)
    if path.name == name and (name in pack_slugs() or not path.is_dir()):
        return None
    if not path.is_dir():
        raise PackError(name, "", "there is no such folder")
    return path.resolve()


def misnamed(pack: Pack, folder: Path | None) -> Iterator[str]:
    """What keeps a folder from being installed under its name."""
    if folder is not None and folder.name != pack.slug:
        yield f"programme.toml: slug: is {pack.slug!r} but the folder is {folder.name!r}"


def what_to_do(name: str, todo: Sequence[PackError]) -> Iterator[str]:
    """The list of what an unfinished folder lacks, file by file."""
    by_file = {file: _lines(errors) for file, errors in groupby(todo, key=lambda error: error.file)}
    yield f"{name}: not a whole pack yet; {sum(map(len, by_file.values()))} to do, in this order:"
    for file, here in by_file.items():
        yield f"  {file} ({len(here)})"
        yield from (f"    {line}" for line in here[:_SHOWN])
        if len(here) > _SHOWN:
            yield f"    … and {len(here) - _SHOWN} more"


def _lines(errors: Iterable[PackError]) -> list[str]:
    """One line a fault; a sentence that lacks both languages is one."""
    keys: dict[tuple[str, str], list[str]] = {}
    for error in errors:
        sentence, _, language = error.key.rpartition(".")
        place, part = (sentence, [language]) if language in ("zh", "en") else (error.key, [])
        keys.setdefault((place, error.reason), []).extend(part)
    named = ((f"{place} ({', '.join(parts)})" if parts else place, reason) for (place, reason), parts in keys.items())
    return [": ".join(filter(None, line)) for line in named]
