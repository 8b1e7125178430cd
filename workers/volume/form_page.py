"""The person's form as pages of the volume: the same cells as on the sheet, drawn with lines and text.

The text gets smaller until the form fits one page; a form that is longer still goes on over further pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.office.workbook_data import Record
from models.programme import grid
from models.programme.grid import Placed
from models.programme.pack import FormTable, GridCell, Pack
from workers.sheets.grid_values import Filled, fill
from workers.sheets.portrait import photo_mm
from workers.volume import kai
from workers.volume.pen import LEADING, MARGIN, PAGE_HEIGHT, ROOM, Pen, wrap

_TOP, _BOTTOM = 50.0, 48.0
_SPACE = PAGE_HEIGHT - _TOP - _BOTTOM
_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0)
_PAD = 4.0
_TITLE_SIZE = 16.0
_SHEET = 0.8  # of a height that the pack gives for the sheet
_MM = 72 / 25.4
_LABEL, _VALUE = 6, 18  # columns of a form without a grid of its own


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell ready to draw: lines of the label above, of the words, and of what is signed."""

    placed: Placed
    filled: Filled
    head: tuple[str, ...]
    words: tuple[str, ...]
    foot: tuple[str, ...]
    centred: bool


class FormPages:
    """The form of one person, laid out."""

    def __init__(self, pack: Pack, record: Record, unit_name: str, portrait: bytes | None) -> None:
        self._pack, self._record, self._unit, self._portrait = pack, record, unit_name, portrait
        self._table = pack.workbooks.person_form()
        self._grid = self._table.grid or tuple(_as_grid(self._table, record))
        self._columns = grid.columns(self._grid)
        self._placed = grid.place(self._grid)
        for size in _SIZES:
            self._size = size
            self._cells = [self._cell(placed) for placed in self._placed]
            self._heights = self._rows()
            if self._head_height() + sum(self._heights) + self._notes_height() <= _SPACE:
                break
        self._parts = list(self._split())

    @property
    def count(self) -> int:
        """How many pages it takes."""
        return len(self._parts)

    def draw(self, pen: Pen, total: int) -> None:
        """Draw them; `total` is the number of pages of the whole volume."""
        for number, (first, after) in enumerate(self._parts):
            y = self._head(pen) if number == 0 else _TOP
            tops = [y]
            for height in self._heights[first:after]:
                tops.append(tops[-1] + height)
            for cell in self._cells:
                if first <= cell.placed.row < after:
                    self._box(pen, cell, tops[cell.placed.row - first])
            if after == len(self._heights):
                self._notes(pen, tops[-1] + 4)
            pen.end_page(total)

    def _cell(self, placed: Placed) -> _Cell:
        cell = placed.cell
        room = self._width(cell) - 2 * _PAD
        filled = fill(self._pack, cell, self._record, self._unit, 2 * room / self._size)
        above = bool(filled.label) and bool(cell.sources) and not filled.portrait
        words = filled.label if filled.portrait or not cell.sources else filled.value
        lines = tuple(wrap(kai.printable(words), room, self._size))
        if len(lines) * self._size * LEADING > _SPACE - 120:  # a line for each word: one after the other then
            lines = tuple(wrap(kai.printable("　".join(words.split("\n"))), room, self._size))
        return _Cell(
            placed,
            filled,
            tuple(wrap(kai.printable(filled.label), room, self._size)) if above else (),
            lines,
            tuple(kai.printable(line).rstrip() for line in filled.signature.split("\n")) if filled.signature else (),
            centred=not above and not filled.signature and cell.span <= 0.4 * self._columns,
        )

    def _width(self, cell: GridCell) -> float:
        return float(cell.span / self._columns * ROOM)

    def _rows(self) -> list[float]:
        heights = [0.0] * len(self._grid)
        shrink = self._size / _SIZES[0]
        for cell in self._cells:
            if cell.placed.cell.rows == 1:
                lines = len(cell.head) + len(cell.words) + len(cell.foot)
                need = max(lines * self._size * LEADING + 2 * _PAD, cell.placed.cell.height * _SHEET * shrink)
                heights[cell.placed.row] = max(heights[cell.placed.row], need)
        for cell in self._cells:
            if cell.filled.portrait:
                rows = range(cell.placed.row, cell.placed.row + cell.placed.cell.rows)
                lacking = photo_mm(self._pack)[1] * _MM + 4 - sum(heights[row] for row in rows)
                for row in rows:
                    heights[row] += max(0.0, lacking / len(rows))
        return heights

    def _split(self) -> Iterator[tuple[int, int]]:
        """Rows of each page, as first and after the last; cells that reach over rows stay whole."""
        tied = {row for c in self._cells for row in range(c.placed.row + 1, c.placed.row + c.placed.cell.rows)}
        first, used = 0, self._head_height()
        last = len(self._heights) - 1
        for row, height in enumerate(self._heights):
            extra = self._notes_height() if row == last else 0.0
            if row > first and row not in tied and used + height + extra > _SPACE:
                yield first, row
                first, used = row, 0.0
            used += height
        yield first, len(self._heights)

    def _head_height(self) -> float:
        return _TITLE_SIZE * 2 + len(self._table.above) * self._size * 1.9

    def _head(self, pen: Pen) -> float:
        pen.text(kai.printable(self._table.title), MARGIN, _TOP, ROOM, _TITLE_SIZE, "centre")
        y = _TOP + _TITLE_SIZE * 2
        for row in self._table.above:
            for placed in grid.place((row,)):
                filled = fill(self._pack, placed.cell, self._record, self._unit, 40)
                x = MARGIN + placed.column / grid.columns((row,)) * ROOM
                text = kai.printable(filled.label + filled.value)
                room = placed.cell.span / grid.columns((row,)) * ROOM
                pen.text(text, x, y, room, _fitting(text, room, self._size))
            y += self._size * 1.9
        return y

    def _notes_height(self) -> float:
        lines = sum(len(wrap(kai.printable(note), ROOM, self._size - 1)) for note in self._table.notes)
        return 4 + lines * (self._size - 1) * LEADING

    def _notes(self, pen: Pen, y: float) -> None:
        size = self._size - 1
        for note in self._table.notes:
            for line in wrap(kai.printable(note), ROOM, size):
                pen.text(line, MARGIN, y, ROOM, size)
                y += size * LEADING

    def _box(self, pen: Pen, cell: _Cell, y: float) -> None:
        placed, size = cell.placed, self._size
        x = MARGIN + placed.column / self._columns * ROOM
        width = self._width(placed.cell)
        height = sum(self._heights[placed.row : placed.row + placed.cell.rows])
        pen.box(x, y, width, height)
        room = width - 2 * _PAD
        if cell.filled.portrait and self._portrait is not None:
            wide, high = (side * _MM for side in photo_mm(self._pack))
            wide, high = min(wide, width - 2), min(high, height - 2)
            pen.picture(self._portrait, x + (width - wide) / 2, y + (height - high) / 2, wide, high)
            return
        lines = (*cell.head, *cell.words)
        if cell.head or cell.foot:
            top = y + _PAD
        else:
            top = y + (height - len(lines) * size * LEADING) / 2 + size * (LEADING - 1) / 2
        for number, line in enumerate(lines):
            pen.text(line, x + _PAD, top + number * size * LEADING, room, size, "centre" if cell.centred else "left")
        foot = y + height - _PAD - len(cell.foot) * size * LEADING
        for number, line in enumerate(cell.foot):
            pen.text(line, x + _PAD, foot + number * size * LEADING, room - 2 * size, size, "right")


def _fitting(text: str, room: float, size: float) -> float:
    """The size at which one line fits."""
    return min(size, size * (room - 4) / max(kai.width(text, size), 1.0))


def _as_grid(table: FormTable, record: Record) -> Iterator[tuple[GridCell, ...]]:
    """A form that the notice gives no layout for: label and value in rows under the blocks' headings. A block with a
    condition is left out where the person had nothing to say in it."""
    for block in table.blocks:
        said = (record.answers.get(cell.source.replace("rows:", "field:", 1)) for cell in block.cells)
        if block.when is not None and all(value in (None, "", [], ()) for value in said):
            continue
        yield (GridCell(label=block.title, span=_LABEL + _VALUE),)
        for cell in block.cells:
            photo = cell.source.startswith("document:")
            value = GridCell(
                label=cell.header if photo else "",
                sources=(cell.source,),
                span=_VALUE,
                tick=cell.source == "category",
            )
            yield (GridCell(label=cell.header, span=_LABEL), value)
    if table.opinion:
        signature = "（单位公章）\n年　　月　　日"
        opinion = GridCell(sources=("opinion",), span=_VALUE, height=90.0, signature=signature)
        yield (GridCell(label=table.opinion, span=_LABEL), opinion)
