"""One person's collection form on one A4 sheet: blocks, photo, and the review box for opinion, seal and date."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.office.workbook_data import Record
from models.programme.pack import FormBlock, Pack
from workers.sheets import styles
from workers.sheets.forms_layout import (
    GRID,
    LABEL,
    PORTRAIT_COLUMNS,
    PORTRAIT_ROWS,
    UNIT,
    BlockLayout,
    Line,
    RowsTable,
    lay_out,
)
from workers.sheets.portrait import place
from workers.sheets.styles import Look, Looks
from workers.sheets.text import at, lines, write_value
from workers.sheets.values import categories, cell_value, row_values, spec_of, ticked

_LINE = 15.0  # points a line of text takes
_LEAST_HEIGHT = 27.0
_PORTRAIT_HEIGHT = 29.0
_OPINION_HEIGHT = 62.0
_SEAL_HEIGHT = 70.0
_BLANK_ROWS = 2  # a rows table keeps a little space to write by hand
_SEAL = "（单位公章）　　　　　\n\n　　　　年　　　月　　　日　　"
_PIXELS_A_POINT = 96 / 72

_TITLE = Look(styles.TITLE, styles.CENTRE)
_NOTE = Look(styles.NOTE, styles.FLUSH)
_HEADING = Look(styles.STRONG, styles.LEFT, styles.BOX, styles.SHADE)
_LABEL = Look(styles.LABEL, styles.CENTRE, styles.BOX)
_WIDE = Look(styles.BODY, styles.LEFT, styles.BOX)
_NARROW = Look(styles.BODY, styles.CENTRE, styles.BOX)
_OPINION = Look(styles.BODY, styles.TOP_LEFT, styles.UPPER_BOX)
_SEAL_BOX = Look(styles.LABEL, styles.BOTTOM_RIGHT, styles.LOWER_BOX)


class FormSheet:
    """Draws the pack's form into the sheets of one workbook; the layout is computed once and serves every person."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._looks = Looks()
        self._table = pack.workbooks.person_form()
        self._blocks: list[tuple[FormBlock, BlockLayout]] = [
            (block, lay_out(pack, block.cells)) for block in self._table.blocks
        ]

    def draw(self, sheet: Worksheet, record: Record, unit_name: str, portrait: bytes | None) -> None:
        """Fill `sheet` with the form of `record`."""
        pen = _Pen(sheet, self._looks)
        pen.title(self._table.title, f"回执编号：{record.receipt}　　　　报送单位：{unit_name}")
        for block, layout in self._blocks:
            if self._shown(block, layout, record):
                pen.heading(block.title)
                self._block(pen, layout, record, portrait, block.title)
        pen.opinion(self._table.opinion, record.opinion)
        pen.finish(record.receipt)

    def _shown(self, block: FormBlock, layout: BlockLayout, record: Record) -> bool:
        """A conditional block shows when the person had something to say in it: `record` holds live answers only."""
        if block.when is None:
            return True
        bands = layout.bands
        keys = [pair.source.answer_key for band in bands if isinstance(band, Line) for pair in band.pairs]
        keys += [band.source.answer_key for band in bands if isinstance(band, RowsTable)]
        return any(record.answers.get(key) not in (None, "", [], ()) for key in keys)

    def _block(self, pen: _Pen, layout: BlockLayout, record: Record, portrait: bytes | None, title: str) -> None:
        if layout.portrait is not None:
            pen.portrait(layout.portrait.header, portrait)
        for band in layout.bands:
            if isinstance(band, RowsTable):
                if band.cell.header not in title:  # several tables, or a table among cells: say which one it is
                    pen.caption(band.cell.header)
                self._rows(pen, band, record)
            else:
                self._line(pen, band, record)

    def _line(self, pen: _Pen, line: Line, record: Record) -> None:
        height = _PORTRAIT_HEIGHT if line.beside_portrait else _LEAST_HEIGHT
        if not line.pairs:  # nothing left to stand beside the photo
            pen.filler(GRID - PORTRAIT_COLUMNS, height)
            return
        for pair in line.pairs:
            value = cell_value(self._pack, pair.cell, pair.source, record, 0)
            if pair.source.kind == "category":
                value = ticked(categories(self._pack, record), pair.value * UNIT - 4)
            pen.label(pair.column, LABEL, pair.cell.header)
            pen.value(pair.value_column, pair.value, value)
            height = max(height, lines(pair.cell.header, LABEL * UNIT) * _LINE + 7)
            height = max(height, lines(str(value or ""), pair.value * UNIT) * _LINE + 9)
        pen.next_row(height)

    def _rows(self, pen: _Pen, table: RowsTable, record: Record) -> None:
        value = record.answers.get(table.source.answer_key)
        entries = row_values(table.field, value, spec_of(table.source, record))
        blank = [""] * len(table.spans)
        column = 1
        for span, head in zip(table.spans, table.field.columns, strict=True):
            pen.label(column, span, head.label.zh)
            column += span
        pen.next_row(_LEAST_HEIGHT - 3)
        for entry in [*entries, *([blank] * max(0, _BLANK_ROWS - len(entries)))]:
            column, deepest = 1, 1
            for span, text in zip(table.spans, entry, strict=True):
                pen.value(column, span, text)
                deepest = max(deepest, lines(text, span * UNIT))
                column += span
            pen.next_row(deepest * _LINE + 9)


class _Pen:
    """Draws downwards on the twelve-column grid."""

    def __init__(self, sheet: Worksheet, looks: Looks) -> None:
        self._sheet = sheet
        self._looks = looks
        self._row = 1
        for column in range(1, GRID + 1):
            sheet.column_dimensions[chr(64 + column)].width = UNIT

    def title(self, text: str, line: str) -> None:
        self._region(1, GRID, text, _TITLE)
        self.next_row(36.0)
        self._region(1, GRID, line, _NOTE)
        self.next_row(20.0)

    def heading(self, text: str) -> None:
        self._region(1, GRID, text, _HEADING)
        self.next_row(21.0)

    def caption(self, text: str) -> None:
        self._region(1, GRID, text, _LABEL)
        self.next_row(_LEAST_HEIGHT - 6)

    def label(self, column: int, span: int, text: str) -> None:
        self._region(column, span, text, _LABEL)

    def value(self, column: int, span: int, value: str | int | None) -> None:
        wide = span >= GRID // 2
        self._region(column, span, value, _WIDE if wide else _NARROW)

    def filler(self, span: int, height: float) -> None:
        self._region(1, span, None, _NARROW)
        self.next_row(height)

    def portrait(self, label: str, jpeg: bytes | None) -> None:
        """The photo's cell beside the next lines; without a photo it says what belongs there."""
        column = GRID - PORTRAIT_COLUMNS + 1
        text = None if jpeg else f"{label}\n（未提供）"
        self._region(column, PORTRAIT_COLUMNS, text, _LABEL, rows=PORTRAIT_ROWS)
        if jpeg:
            room = (PORTRAIT_COLUMNS * (UNIT * 7 + 5), PORTRAIT_ROWS * _PORTRAIT_HEIGHT * _PIXELS_A_POINT)
            place(self._sheet, jpeg, self._row, column, room)

    def opinion(self, label: str, written: str) -> None:
        """The review box: what the reviewer wrote above, room for the seal and the date below."""
        room = GRID - LABEL
        self._region(1, LABEL, label, _LABEL, rows=2)
        self._region(LABEL + 1, room, written or None, _OPINION)
        self.next_row(max(_OPINION_HEIGHT, lines(written, room * UNIT) * _LINE + 12))
        self._region(LABEL + 1, room, _SEAL, _SEAL_BOX)
        self.next_row(_SEAL_HEIGHT)

    def next_row(self, height: float) -> None:
        self._sheet.row_dimensions[self._row].height = min(height, 409.0)
        self._row += 1

    def finish(self, receipt: str) -> None:
        styles.page(self._sheet, landscape=False, left=receipt)
        self._sheet.print_area = f"A1:{chr(64 + GRID)}{self._row - 1}"
        self._sheet.sheet_view.showGridLines = False

    def _region(
        self,
        column: int,
        span: int,
        value: str | int | None,
        look: Look,
        *,
        rows: int = 1,
    ) -> None:
        cell = at(self._sheet, self._row, column)
        for row in range(self._row, self._row + rows):
            for part in range(column, column + span):
                self._looks.put(at(self._sheet, row, part), look)
        write_value(cell, value)
        if span > 1 or rows > 1:
            # Worksheet.merge_cells works out the border of every edge again: 2 ms a region, 30 ms a person.
            last = f"{get_column_letter(column + span - 1)}{self._row + rows - 1}"
            self._sheet.merged_cells.add(f"{cell.coordinate}:{last}")
