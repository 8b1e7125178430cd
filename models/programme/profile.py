"""What means the same in every programme: the closed list of profile names, ``packs/_shared/profile.csv``.

A field, column or document with a profile (``name``, ``employer``, ``id_card``) may be offered to the same person in
another programme; two of one profile mean the same. A name that is missing is added to the list, never invented in a
pack: a typing mistake would silently offer nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from models.programme.mentions import form_fields
from models.programme.pack import Pack, Text

FILE = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "profile.csv"


@cache
def names() -> dict[str, Text]:
    """Every profile name with what it means, in the list's order."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return {row["value"]: Text(zh=row["zh"], en=row["en"]) for row in csv.DictReader(stream, strict=True)}


def problems(pack: Pack) -> Iterator[tuple[str, str, str]]:
    """File, key and reason of every profile that is not in the list, or that one list of columns has twice."""
    for file, key, profile in _mentions(pack):
        if profile and profile not in names():
            yield file, f"{key}.profile", f"{profile!r} is not in _shared/profile.csv"
    for field in form_fields(pack):
        used = [column.profile for column in field.columns if column.profile]
        for profile in used:
            if used.count(profile) > 1:
                yield "form.toml", f"fields({field.id}).columns", f"two columns have the profile {profile!r}"


def _mentions(pack: Pack) -> Iterator[tuple[str, str, str]]:
    for field in form_fields(pack):
        yield "form.toml", f"fields({field.id})", field.profile
        for column in field.columns:
            yield "form.toml", f"fields({field.id}).columns({column.id})", column.profile
    for document in pack.documents.documents:
        yield "documents.toml", f"documents({document.id})", document.profile
