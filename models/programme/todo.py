"""What an unfinished pack folder still needs, in the order in which a pack is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.errors import PackError
from models.programme import loader, reading
from models.programme.code_lists import code_lists


def still_to_do(folder: Path) -> list[PackError]:
    """Everything that keeps this folder from being read as a pack, file by file; empty where it is read.

    While a file is not in order by itself, nothing is said about how the files fit together: that comes after.
    """
    found = list(_by_file(folder))
    if found:
        return found
    try:
        loader.load_folder(folder)
    except PackError as error:
        return [error]
    return []


def _by_file(folder: Path) -> Iterator[PackError]:
    try:
        loader.refuse_unknown_files(folder)
        codes = {**code_lists(loader.PACKS / loader.SHARED / "codes"), **code_lists(folder / "codes")}
    except PackError as error:
        yield error
        return
    for name in (*reading.NEEDED, *reading.OPTIONAL):
        if name in reading.NEEDED or (folder / f"{name}.toml").exists():
            yield from reading.faults(folder, name, codes)
