"""One person's form drawn cell by cell as the notice has it, on one A4 page.

A row of the form takes one sheet row, or several that read as one: the label above, the words, the line to sign below.
Words are never cut: their row grows (over several sheet rows, since Excel ends one at 409 points) and the page shrinks
to fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.office.workbook_data import Record
from models.programme import grid
from models.programme.grid import Placed
from models.programme.pack import GridCell, Pack
from workers.sheets import styles
from workers.sheets.grid_values import Filled, fill
from workers.sheets.portrait import photo_mm, place
from workers.sheets.styles import Look, Looks
from workers.sheets.text import at, lines, write_text

_PAGE = 698.0  # pixels of an A4 page between its margins, at 96 dpi
_LINE = 15.0  # points a line of text takes
_PADDING = 8.0
_LEAST = 27.0
_TALLEST = 400.0  # points of one sheet row; Excel ends it at 409
_WIDE = 0.4  # of the page: words in a wider cell begin at its left
_PIXELS_A_POINT = 96 / 72

_TITLE = Look(styles.TITLE, styles.CENTRE)
_LINE_ABOVE = Look(styles.HEADER_LINE, styles.FLUSH)
_NOTE = Look(styles.NOTE, styles.FLUSH)
_LABEL = Look(styles.LABEL, styles.CENTRE, styles.BOX)
_CENTRED = Look(styles.BODY, styles.CENTRE, styles.BOX)
_LEFT = Look(styles.BODY, styles.LEFT, styles.BOX)
_HEAD = Look(styles.LABEL, styles.TOP_LEFT, styles.UPPER_BOX)
_WORDS = {
    (True, True): Look(styles.BODY, styles.TOP_LEFT, styles.SIDES),
    (True, False): Look(styles.BODY, styles.TOP_LEFT, styles.LOWER_BOX),
    (False, True): Look(styles.BODY, styles.TOP_LEFT, styles.UPPER_BOX),
}  # by whether a label stands above and a signature below
_FOOT = Look(styles.LABEL, styles.BOTTOM_RIGHT, styles.LOWER_BOX)


@dataclass(frozen=True, slots=True)
class _Band:
    """The sheet rows of one row of the form: the label above (or none), the words, the signature below (or none)."""

    head: float
    words: tuple[float, ...]
    foot: float

    @property
    def heights(self) -> list[float]:
        return [height for height in (self.head, *self.words, self.foot) if height]


class GridSheet:
    """Draws the pack's form into the sheets of one workbook."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._table = pack.workbooks.person_form()
        self._looks = Looks()
        self._columns = grid.columns(self._table.grid)
        self._placed = grid.place(self._table.grid)
        self._above = [grid.place((row,)) for row in self._table.above]
        self._mm = photo_mm(pack)

    def draw(self, sheet: Worksheet, record: Record, unit_name: str, portrait: bytes | None) -> None:
        """Fill `sheet` with the form of `record`."""
        width = (_PAGE / self._columns - 5) / 7
        for column in range(1, self._columns + 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        self._line(sheet, 1, self._table.title, _TITLE, 34.0)
        row = 2
        for cells in self._above:
            for placed in cells:
                filled = fill(self._pack, placed.cell, record, unit_name, self._room(placed.cell))
                text = filled.label + filled.value
                self._region(sheet, row, placed.column, 1, placed.cell.span, text, _LINE_ABOVE)
                present = sheet.row_dimensions[row].height or 0.0
                sheet.row_dimensions[row].height = max(present, self._height(placed.cell, text, padding=4.0))
            row += 1
        filled_cells = [
            (placed, fill(self._pack, placed.cell, record, unit_name, self._room(placed.cell)))
            for placed in self._placed
        ]
        row = self._grid(sheet, row, filled_cells, portrait)
        for note in self._table.notes:
            self._line(sheet, row, note, _NOTE, lines(note, self._chars(self._columns)) * _LINE + 2)
            row += 1
        styles.page(sheet, landscape=False, left=record.receipt)
        sheet.page_setup.fitToHeight = 1
        sheet.print_area = f"A1:{get_column_letter(self._columns)}{row - 1}"
        sheet.sheet_view.showGridLines = False

    def _grid(
        self, sheet: Worksheet, first: int, cells: Sequence[tuple[Placed, Filled]], portrait: bytes | None
    ) -> int:
        """Draw the boxes from the sheet row `first` on; the sheet row after them."""
        bands = [self._band([pair for pair in cells if pair[0].row == n]) for n in range(len(self._table.grid))]
        starts = [first]
        for band in bands:
            for offset, height in enumerate(band.heights):
                sheet.row_dimensions[starts[-1] + offset].height = height
            starts.append(starts[-1] + len(band.heights))
        for placed, filled in cells:
            last = placed.row + placed.cell.rows
            rows = starts[last] - starts[placed.row]
            self._box(sheet, starts[placed.row], rows, placed, filled, bands[placed.row])
            if filled.portrait and portrait is not None:
                room = (
                    placed.cell.span * _PAGE / self._columns,
                    sum(h for band in bands[placed.row : last] for h in band.heights) * _PIXELS_A_POINT,
                )
                place(sheet, portrait, starts[placed.row], placed.column + 1, room, self._mm)
        return starts[-1]

    def _band(self, cells: Sequence[tuple[Placed, Filled]]) -> _Band:
        head = foot = words = least = 0.0
        for placed, filled in cells:
            if placed.cell.rows > 1:
                continue  # it has the room of several rows
            need = self._height(placed.cell, filled.value or filled.label)
            if _has_head(filled, placed.cell):
                head = max(head, self._height(placed.cell, filled.label, padding=3.0))
            if filled.signature:
                foot = max(foot, self._height(placed.cell, filled.signature))
            if _has_head(filled, placed.cell) or filled.signature:
                words = max(words, need)
                need = 0.0
            least = max(least, need, placed.cell.height)
        words = max(words, least - head - foot)
        parts = int(-(-words // _TALLEST))
        return _Band(head, (words / parts,) * parts, foot)

    def _box(self, sheet: Worksheet, row: int, rows: int, placed: Placed, filled: Filled, band: _Band) -> None:
        cell, above, below = placed.cell, _has_head(filled, placed.cell), bool(filled.signature)
        if not above and not below:
            text, look = self._plain(filled, cell)
            self._region(sheet, row, placed.column, rows, cell.span, text, look)
            return
        if above:
            self._region(sheet, row, placed.column, 1, cell.span, filled.label, _HEAD)
        start = row + 1 if above else row
        end = row + rows - (1 if below else 0)
        self._region(sheet, start, placed.column, end - start, cell.span, filled.value, _WORDS[above, below])
        if below:
            self._region(sheet, end, placed.column, 1, cell.span, filled.signature, _FOOT)

    def _plain(self, filled: Filled, cell: GridCell) -> tuple[str, Look]:
        if not cell.sources or filled.portrait:
            return filled.label, _LABEL
        return filled.value, _LEFT if cell.span > _WIDE * self._columns else _CENTRED

    def _height(self, cell: GridCell, text: str, padding: float = _PADDING) -> float:
        return max(_LEAST if padding == _PADDING else 0.0, lines(text, self._chars(cell.span)) * _LINE + padding)

    def _room(self, cell: GridCell) -> float:
        return self._chars(cell.span) - 3.0

    def _chars(self, span: int) -> float:
        """Excel's column units over `span` columns."""
        return (span * _PAGE / self._columns - 5) / 7

    def _line(self, sheet: Worksheet, row: int, text: str, look: Look, height: float) -> None:
        self._region(sheet, row, 0, 1, self._columns, text, look)
        sheet.row_dimensions[row].height = height

    def _region(self, sheet: Worksheet, row: int, column: int, rows: int, span: int, text: str, look: Look) -> None:
        for down in range(row, row + rows):
            for part in range(column + 1, column + span + 1):
                self._looks.put(at(sheet, down, part), look)
        cell = at(sheet, row, column + 1)
        write_text(cell, text)
        if span > 1 or rows > 1:
            # Worksheet.merge_cells works out the border of every edge again, which the looks have already.
            last = f"{get_column_letter(column + span)}{row + rows - 1}"
            sheet.merged_cells.add(f"{cell.coordinate}:{last}")


def _has_head(filled: Filled, cell: GridCell) -> bool:
    """Whether the label stands above the words, in the same box."""
    return bool(filled.label) and bool(cell.sources) and not filled.portrait
