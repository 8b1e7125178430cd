"""Where each cell of a collection form goes: label and value pairs on twelve grid columns, a photo at the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.programme.pack import Cell, Column, FormField, Pack
from workers.sheets.values import Source

GRID = 12
UNIT = 7.6  # width of a grid column: twelve fill an A4 page in portrait at full size
LABEL = 2  # grid columns of a label
PORTRAIT_COLUMNS = 2
PORTRAIT_ROWS = 4
_HALF_FROM, _FULL_FROM = 20.0, 40.0
_HALF_KINDS = {"id_number", "place"}
_FULL_KINDS = {"long_text", "choices", "category"}
_SHORT_KINDS = {"date", "month", "number"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value: `value` grid columns wide, beginning at grid column `column` (1-based, of the label)."""

    cell: Cell
    source: Source
    column: int
    value: int

    @property
    def value_column(self) -> int:
        """Grid column where the value begins."""
        return self.column + LABEL


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line of pairs; `beside_portrait` lines stop before the photo."""

    pairs: tuple[Pair, ...]
    beside_portrait: bool = False


@dataclass(frozen=True, slots=True)
class RowsTable:
    """A repeatable block: heads and one line an entry. `spans` are the grid columns of each column."""

    cell: Cell
    source: Source
    field: FormField
    spans: tuple[int, ...]


Band = Line | RowsTable


@dataclass(frozen=True, slots=True)
class BlockLayout:
    """A block's bands from top to bottom; `portrait` is the photo's cell where it has one."""

    bands: tuple[Band, ...]
    portrait: Cell | None


def lay_out(pack: Pack, cells: Sequence[Cell]) -> BlockLayout:
    """Arrange the cells of a block in their order; a document cell becomes the photo beside the first lines."""
    sourced = [(cell, Source(pack, cell)) for cell in cells]
    portrait = next((cell for cell, source in sourced if source.kind == "document"), None)
    bands: list[Band] = []
    waiting: list[tuple[Cell, Source]] = []
    for cell, source in sourced:
        if source.kind == "document":
            continue
        if isinstance(source.spec, FormField) and source.spec.kind == "rows" and 0 < len(source.spec.columns) <= GRID:
            bands += _lines(waiting, portrait if not bands else None)
            waiting = []
            bands.append(RowsTable(cell, source, source.spec, spans(source.spec.columns)))
        else:
            waiting.append((cell, source))
    bands += _lines(waiting, portrait if not bands else None)
    return BlockLayout(tuple(bands), portrait)


def _lines(cells: Iterable[tuple[Cell, Source]], portrait: Cell | None) -> list[Line]:
    queue = list(cells)
    lines: list[Line] = []
    beside = PORTRAIT_ROWS if portrait is not None else 0
    while queue or beside:
        narrow = beside > 0
        room = GRID - PORTRAIT_COLUMNS if narrow else GRID
        lines.append(_line(queue, room, narrow))
        beside = max(0, beside - 1)
    return lines


def _line(queue: list[tuple[Cell, Source]], room: int, narrow: bool) -> Line:
    """Take what fits from `queue`; the last pair is widened to the end of the line."""
    taken: list[tuple[Cell, Source, int]] = []
    used = 0
    while queue:
        cell, source = queue[0]
        need = _size(cell, source, room)
        if taken and used + need > room:
            break
        queue.pop(0)
        taken.append((cell, source, need))
        used += need
        if used >= room:
            break
    if not taken:
        return Line((), narrow)
    pairs, column = [], 1
    spare = room - used
    share, rest = divmod(spare, len(taken))
    for index, (cell, source, need) in enumerate(taken):
        need += share + (rest if index == len(taken) - 1 else 0)
        pairs.append(Pair(cell, source, column, need - LABEL))
        column += need
    return Line(tuple(pairs), narrow)


def _size(cell: Cell, source: Source, room: int) -> int:
    """Grid columns that label and value want: a third, a half or the whole of the line."""
    kind = source.spec.kind if source.spec is not None else source.kind
    if kind in _FULL_KINDS or cell.width >= _FULL_FROM or kind == "rows":
        return room
    if kind in _HALF_KINDS or cell.width >= _HALF_FROM:
        return room // 2
    return 4 if room == GRID else room // 2


def spans(columns: Sequence[Column]) -> tuple[int, ...]:
    """Grid columns for the columns of a rows table: two for dates and numbers, the rest shared among texts."""
    short = [column.kind in _SHORT_KINDS for column in columns]
    texts = len(columns) - sum(short)
    width = 2 if sum(short) * 2 + texts <= GRID else 1
    if not texts:
        even, rest = divmod(GRID, len(columns))
        return tuple(even + (1 if index < rest else 0) for index in range(len(columns)))
    even, rest = divmod(GRID - width * sum(short), texts)
    found = []
    for is_short in short:
        extra = 0 if is_short or not rest else 1
        found.append(width if is_short else even + extra)
        rest -= extra
    return tuple(found)
