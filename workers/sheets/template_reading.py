"""An uploaded table looked at: where its heads stand, what each column is called, how much room there is for people."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.errors import BoleError
from models.office.template_layout import Head, Layout, Wanted
from models.programme.official_columns import Slot, score
from workers.sheets.guard import Limits, Refused, inspect
from workers.sheets.shell import Shell

LIMITS = Limits(size=5 << 20, parts=500, unpacked=64 << 20, rows=2_000, columns=200, cells=50_000, text=1 << 20)
_SEARCHED = 40  # rows from the top that may be heads
_DEEPEST = 3  # rows that heads take at most
_WIDTH = 8.43  # of a column that says nothing (Excel's own)


class Unfit(BoleError):
    """The workbook is a good one, but no table that can be filled; the key says what to change."""


def read_layout(data: bytes, slots: Sequence[Slot], wanted: Wanted | None = None) -> Layout:
    """Where the heads of `data` stand: where `wanted` says, else where they fit `slots` best.

    Raises guard.Refused for what may not be opened, Unfit for what cannot be filled.
    """
    inspect(data, LIMITS)
    workbook = opened(data)
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    grids = {sheet.title: _Grid(sheet) for sheet in sheets}
    if wanted is None:
        title, top, bottom = _best(grids, slots)
        first = grids[title].free_row(bottom + 1)
    else:
        title, top, bottom, first = wanted.sheet, wanted.top, wanted.bottom, wanted.first
    if title not in grids:
        raise Unfit("template.no_sheet")
    grid = grids[title]
    heads = grid.heads(top, bottom)
    if not heads:
        raise Unfit("template.no_heads")
    if grid.holds(first):
        raise Unfit("template.no_room")
    below = next((row for row in range(first + 1, grid.last + 1) if grid.holds(row)), 0)
    if below and (grid.has_formula(below) or any(row >= below for row in Shell(data).anchors(title))):
        raise Unfit("template.below")
    spans, spanned = grid.spans(first, below)
    return Layout(
        sheet=title,
        top=top,
        bottom=bottom,
        first=first,
        sheets=tuple(grids),
        below=below,
        heads=heads,
        spans=spans,
        spanned=spanned,
        widths=grid.widths(),
        height=float(grid.sheet.row_dimensions[first].height or 0),
    )


def opened(data: bytes) -> Workbook:
    """`data`, which `guard.inspect` has let pass. Refused where openpyxl stumbles over it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about extensions that openpyxl leaves out; nothing is saved from it
            return load_workbook(BytesIO(data))
    except Exception as error:  # a parser of many parts stumbles in many ways, each over what was uploaded
        raise Refused("damaged") from error


def _best(grids: Mapping[str, _Grid], slots: Sequence[Slot]) -> tuple[str, int, int]:
    """Sheet and rows of the heads that fit best; among equals the fewest rows, the first ones."""
    found = [(fit, title, top, bottom) for title, grid in grids.items() for fit, top, bottom in grid.tried(slots)]
    if not found:
        raise Unfit("template.no_heads")
    _, title, top, bottom = max(found, key=lambda each: (each[0], each[2] - each[3]))
    return title, top, bottom


class _Grid:
    """A sheet's texts, merged cells told everywhere."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.last = sheet.max_row
        self._texts = {
            (cell.row, cell.column): str(cell.value).strip()
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None and str(cell.value).strip()
        }
        self._filled = {row for row, _ in self._texts}
        self._shown = dict(self._texts)
        for area in sheet.merged_cells.ranges:
            text = self._texts.get((area.min_row, area.min_col))
            if text and area.min_row <= _SEARCHED:
                for row in range(area.min_row, min(area.max_row, _SEARCHED) + 1):
                    for column in range(area.min_col, area.max_col + 1):
                        self._shown[row, column] = text

    def holds(self, row: int) -> bool:
        return row in self._filled

    def free_row(self, row: int) -> int:
        """The first row from `row` on that holds nothing."""
        while self.holds(row):
            row += 1
        return row

    def has_formula(self, row: int) -> bool:
        return any(at >= row and text.startswith("=") for (at, _), text in self._texts.items())

    def tried(self, slots: Sequence[Slot]) -> Iterator[tuple[int, int, int]]:
        """(fit, top, bottom) of rows that may be heads. What fits nothing counts by how many columns it names."""
        for top in sorted(row for row in self._filled if row <= _SEARCHED):
            for bottom in range(top, min(top + _DEEPEST, _SEARCHED)):
                heads = self.heads(top, bottom)
                fit = score([(head.group, head.header) for head in heads], slots) * 1000
                if fit or (bottom == top and len({head.header for head in heads}) > 1):
                    yield fit + len({(head.group, head.header) for head in heads}), top, bottom

    def heads(self, top: int, bottom: int) -> tuple[Head, ...]:
        """The columns that `top` to `bottom` name: the lowest text, and the one above it as its group."""
        found = []
        for column in range(1, self.sheet.max_column + 1):
            texts = [self._shown.get((row, column), "") for row in range(top, bottom + 1)]
            names = list(dict.fromkeys(text for text in texts if text))
            if names and texts[-1]:
                group = names[-2] if len(names) > 1 else ""
                found.append(Head(letter=get_column_letter(column), header=names[-1][:200], group=group[:200]))
        return tuple(found)

    def spans(self, first: int, below: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """Merged cells of the sample row, and the last row that has such. Unfit: cells of people merged downwards."""
        areas = [
            area
            for area in self.sheet.merged_cells.ranges
            if area.max_row >= first and (not below or area.min_row < below)
        ]
        if any(area.min_row != area.max_row for area in areas):
            raise Unfit("template.merged_rows")
        spans = tuple(sorted((area.min_col, area.max_col) for area in areas if area.min_row == first))
        return spans, max((area.max_row for area in areas), default=0)

    def widths(self) -> dict[str, float]:
        """Each column's width by its letter; a run of equal ones is kept by openpyxl as one."""
        found = {}
        for width in self.sheet.column_dimensions.values():
            for column in range(width.min or 1, min(width.max or 1, self.sheet.max_column) + 1):
                found[get_column_letter(column)] = round(float(width.width or _WIDTH), 2)
        return found
