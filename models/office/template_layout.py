"""How an uploaded table is laid out, as its reader found it and the office confirmed it; kept as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import Field

from models.programme.basics import Model


class Head(Model):
    """A column's heading; `group` is the merged one above it."""

    letter: str
    header: str
    group: str = ""


class Wanted(Model):
    """Where the heads stand, said by the office: a sheet, its rows of heads and the first row of people."""

    sheet: str
    top: int
    bottom: int
    first: int


class Layout(Wanted):
    """`below`: the first row under the room for people that holds something, 0 where none does. `spans`: merged cells
    of the sample row, as pairs of column numbers, and `spanned` the last row that has such. `widths` are in characters,
    `height` of the sample row in points."""

    sheets: tuple[str, ...]
    below: int = 0
    heads: tuple[Head, ...]
    spans: tuple[tuple[int, int], ...] = ()
    spanned: int = 0
    widths: dict[str, float] = Field(default_factory=dict)
    height: float = 0.0

    @property
    def room(self) -> int | None:
        """How many rows fit before what stands below has to move down; None without end."""
        return self.below - self.first if self.below else None


# Of a form in Word, which has placeholders instead of heads: its `mapping` goes by their names.
DOCUMENT = Layout(sheet="", top=0, bottom=0, first=0, sheets=(), heads=())


@dataclass(frozen=True, slots=True)
class Template:
    """A table in use, as the builders take it. `mapping`: what each column holds, by its letter or placeholder."""

    data: bytes = field(repr=False)
    layout: Layout
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A template's record as plain values: what is read once, outlives the transaction it was read in."""

    id: str
    storage_key: str
    digest: str
    layout: Layout
    mapping: Mapping[str, str]

    @property
    def stamp(self) -> str:
        """SHA-256 over everything that the template gives to a workbook."""
        return stamp(self.digest, self.layout, self.mapping)


def stamp(digest: str, layout: Layout, mapping: Mapping[str, str]) -> str:
    """SHA-256 over everything that a template gives to a workbook."""
    text = json.dumps([digest, layout.model_dump(), dict(mapping)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
