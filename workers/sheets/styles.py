"""How the official sheets look: fonts by their Chinese names, thin rules, A4, headers that repeat, page numbers."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workers.sheets.text import at

A4 = 9  # ECMA-376 paper size code
FOOTER = "第 &P 页 共 &N 页"
SONG, FANG = "宋体", "仿宋"

_THIN = Side(style="thin", color="FF000000")
_HAIR = Side(style="thin", color="FFBFBFBF")
BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
UPPER_BOX = Border(left=_THIN, right=_THIN, top=_THIN)  # two cells that read as one box
LOWER_BOX = Border(left=_THIN, right=_THIN, bottom=_THIN)
SIDES = Border(left=_THIN, right=_THIN)  # the middle of such a box
SOFT_BOX = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)

TITLE = Font(name=SONG, size=18, bold=True)
HEADING = Font(name=SONG, size=14, bold=True)
HEADER_LINE = Font(name=SONG, size=11)
HEADER = Font(name=SONG, size=10.5, bold=True)
LABEL = Font(name=SONG, size=10.5)
BODY = Font(name=FANG, size=10.5)
NOTE = Font(name=SONG, size=10.5)
STRONG = Font(name=SONG, size=10.5, bold=True)
LINK = Font(name=SONG, size=10.5, underline="single", color="FF0B5394")
WARNING = Font(name=SONG, size=10.5, bold=True, color="FF9C2B00")
SHADE = PatternFill("solid", fgColor="FFF2F2F2")

CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
FLUSH = Alignment(horizontal="left", vertical="center", wrap_text=True)
TOP_LEFT = Alignment(horizontal="left", vertical="top", wrap_text=True, indent=1)
BOTTOM_RIGHT = Alignment(horizontal="right", vertical="bottom", wrap_text=True)


def dress(
    cell: Cell,
    font: Font,
    alignment: Alignment,
    border: Border | None = None,
    fill: PatternFill | None = None,
) -> None:
    """Give a cell its looks in one call."""
    cell.font = font
    cell.alignment = alignment
    if border is not None:
        cell.border = border
    if fill is not None:
        cell.fill = fill


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of cell looks. Compared by identity: make each once."""

    font: Font
    alignment: Alignment
    border: Border | None = None
    fill: PatternFill | None = None


class Looks:
    """The looks registered with one workbook: dressing a cell by its parts costs fifty times a copy of the result."""

    def __init__(self) -> None:
        self._known: dict[int, StyleArray] = {}

    def put(self, cell: Cell, look: Look) -> None:
        """Dress `cell`, which belongs to the workbook that this serves."""
        known = self._known.get(id(look))
        if known is None:
            dress(cell, look.font, look.alignment, look.border, look.fill)
            self._known[id(look)] = copy(cell._style)  # type: ignore[attr-defined]  # what openpyxl's own setters change
        else:
            cell._style = copy(known)  # type: ignore[attr-defined]


def register(workbook: Workbook, look: Look, number_format: str) -> tuple[int, int]:
    """Style ids of `look` in `workbook`, without and with the quote prefix, for cells that openpyxl does not draw."""
    scratch = workbook.create_sheet()  # style ids outlive it
    ids = []
    for row, quoted in ((1, False), (2, True)):  # a cell each: the workbook keeps a cell's style itself, not a copy
        cell = at(scratch, row, 1)
        dress(cell, look.font, look.alignment, look.border, look.fill)
        cell.number_format = number_format
        cell.quotePrefix = quoted
        ids.append(cell.style_id)
    workbook.remove(scratch)
    return ids[0], ids[1]


def page(sheet: Worksheet, *, landscape: bool, footer: str = FOOTER, left: str = "", right: str = "") -> None:
    """A4, one page wide and as many high as needed, centred, page numbers in the footer."""
    setup = sheet.page_setup
    setup.paperSize = A4
    setup.orientation = "landscape" if landscape else "portrait"
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom = 0.6, 0.7
    margins.header = margins.footer = 0.3
    foot = sheet.oddFooter or HeaderFooterItem()
    for part, text in (
        (foot.center, footer),
        (foot.left, in_footer(left)),
        (foot.right, in_footer(right)),
    ):
        part.text = text or None
    sheet.oddFooter = foot


def in_footer(text: str) -> str:
    """`text` as a footer holds it, where & begins a code."""
    return text.replace("&", "&&")
