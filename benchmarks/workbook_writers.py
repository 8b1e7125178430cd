"""One writer of `workbooks.py` in a process of its own: `workbook_writers.py WRITER WORK ROWS PATH` prints JSON.

All make the same workbook: bold, framed, shaded heads; framed, wrapped body cells, text ones formatted as text; widths;
the head and the name in sight; a filter; a drop-down for the sex. Work: `rows` (CPU seconds for a sheet of people who
are there already), `memory` (peak above what the imports took, people made one by one), `books` (fifty sheets).
"""

import gc
import json
import re
import sys
import time
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from people import HEADS, SEXES, WIDTHS, Person, people

BOOKS = 50
TITLE = "汇总表"
HEAD_FONT, BODY_FONT, SIZE, SHADE = "宋体", "仿宋", 10.5, "F2F2F2"
LAST = "ABCDEFGHIJKLMNOP"[len(HEADS) - 1]


def bole(path: Path, count: int, rows: Iterable[Person], shells: dict | None = None) -> None:
    """Ours. `shells` keeps the shell from one book to the next."""
    from workers.sheets.sheet_xml import Feed
    from workers.sheets.stream import Block

    kept = {} if shells is None else shells
    if not kept:
        kept["drawn"] = _bole_shell()
    shell, columns = kept["drawn"]
    shell.write(path, [Feed(TITLE, [Block(2, count, columns, rows)], {2: count + 1})])


def _bole_shell() -> tuple:
    from datetime import date

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    from workers.sheets import styles
    from workers.sheets.cells import ColumnStyle
    from workers.sheets.package import shell_of

    side = Side(style="thin")
    box, wrapped = Border(side, side, side, side), Alignment(vertical="center", wrap_text=True)
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = TITLE
    for number, (head, width) in enumerate(zip(HEADS, WIDTHS, strict=True), start=1):
        cell = sheet.cell(1, number, head)
        centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
        styles.dress(cell, Font(HEAD_FONT, SIZE, bold=True), centred, box, PatternFill("solid", SHADE))
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{LAST}2"
    choice = DataValidation(type="list", formula1=f'"{",".join(SEXES)}"')
    choice.add("C2")
    sheet.add_data_validation(choice)
    look = styles.Look(Font(BODY_FONT, SIZE), wrapped, box)
    formats = ["0", *["@"] * (len(HEADS) - 1)]
    columns = [
        ColumnStyle(get_column_letter(number), *styles.register(workbook, look, each))
        for number, each in enumerate(formats, start=1)
    ]
    return shell_of(workbook, date(2026, 11, 26), TITLE), columns


def xlsxwriter(path: Path, count: int, rows: Iterable[Person], shells: dict | None = None) -> None:
    import xlsxwriter as library

    workbook = library.Workbook(str(path), {"constant_memory": True})
    sheet = workbook.add_worksheet(TITLE)
    body = {"font_name": BODY_FONT, "font_size": SIZE, "border": 1, "valign": "vcenter", "text_wrap": True}
    head = {"font_name": HEAD_FONT, "bold": True, "align": "center", "bg_color": f"#{SHADE}"}
    head_format = workbook.add_format({**body, **head})
    number_format, text_format = (workbook.add_format({**body, "num_format": each}) for each in ("0", "@"))
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, count, len(HEADS) - 1)
    sheet.data_validation(1, 2, count, 2, {"validate": "list", "source": list(SEXES)})
    write_number, write_string = sheet.write_number, sheet.write_string
    for column, text in enumerate(HEADS):
        write_string(0, column, text, head_format)
    columns = range(1, len(HEADS))
    for row, person in enumerate(rows, start=1):
        write_number(row, 0, person[0], number_format)
        for column in columns:
            write_string(row, column, person[column], text_format)
    workbook.close()


def rustpy(path: Path, count: int, rows: Iterable[dict], shells: dict | None = None) -> None:
    from rustpy_xlsxwriter import FastExcel, Format

    def look(font: str) -> Format:
        style = Format().set_font_name(font).set_font_size(SIZE).set_border("thin").set_align("vcenter")
        return style.set_text_wrap()

    head = look(HEAD_FONT).set_bold().set_align("center").set_background_color(f"#{SHADE}")
    number, text = look(BODY_FONT).set_num_format("0"), look(BODY_FONT).set_num_format("@")
    FastExcel(str(path)).freeze(row=1, col=2).sheet(
        TITLE,
        rows,
        column_widths=[float(width) for width in WIDTHS],
        column_formats=[number, *[text] * (len(HEADS) - 1)],
        header_format=head,
        autofilter=True,
        data_validations={HEADS[2]: {"type": "list", "values": list(SEXES)}},
    ).save()


def openpyxl(path: Path, count: int, rows: Iterable[Person], shells: dict | None = None) -> None:
    """In its write-only mode, a cell's style set as the ready array: the quickest it has."""
    from openpyxl import Workbook
    from openpyxl.cell import Cell, WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(TITLE)
    for number, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{LAST}{count + 1}"
    choice = DataValidation(type="list", formula1=f'"{",".join(SEXES)}"')
    choice.add(f"C2:C{count + 1}")
    sheet.data_validations.append(choice)
    side = Side(style="thin")

    def style(number_format: str, font: Font, alignment: Alignment, fill: PatternFill | None = None) -> object:
        cell = WriteOnlyCell(sheet)
        cell.number_format, cell.font, cell.alignment = number_format, font, alignment
        cell.border = Border(side, side, side, side)
        if fill is not None:
            cell.fill = fill
        return cell._style

    def cell(value: object, kind: str, array: object) -> Cell:
        made = Cell(sheet, 1, 1, style_array=array)
        made._value, made.data_type = value, kind
        return made

    centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
    head = style("General", Font(HEAD_FONT, SIZE, bold=True), centred, PatternFill("solid", SHADE))
    body = Font(BODY_FONT, SIZE), Alignment(vertical="center", wrap_text=True)
    number, text = style("0", *body), style("@", *body)
    sheet.append([cell(each, "s", head) for each in HEADS])
    for person in rows:
        sheet.append([cell(person[0], "n", number), *[cell(each, "s", text) for each in person[1:]]])
    workbook.save(path)


WRITERS = {"bole": bole, "xlsxwriter": xlsxwriter, "rustpy": rustpy, "openpyxl": openpyxl}
IMPORTS = {
    "bole": ("workers.sheets.package", "workers.sheets.styles"),
    "xlsxwriter": ("xlsxwriter",),
    "rustpy": ("rustpy_xlsxwriter",),
    "openpyxl": ("openpyxl",),
}


def _kilobytes(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _given(writer: str, rows: Iterable[Person]) -> Iterable:
    """As the writer takes them: rustpy-xlsxwriter wants dictionaries."""
    return (dict(zip(HEADS, row, strict=True)) for row in rows) if writer == "rustpy" else rows


def main(writer: str, work: str, count: int, path: Path) -> None:
    """Do it once and print what it took."""
    write = WRITERS[writer]
    for name in IMPORTS[writer]:
        import_module(name)
    if work == "memory":
        before = _kilobytes("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        write(path, count, _given(writer, people(count)))
        print(json.dumps({"mib": (_kilobytes("VmHWM") - before) / 1024}))
        return
    rows = list(_given(writer, people(count)))
    gc.collect()
    gc.freeze()  # what is given is nobody's garbage to look through
    start, wall = time.process_time(), time.perf_counter()
    shells: dict = {}
    for _ in range(BOOKS if work == "books" else 1):
        write(path, count, rows, shells)
    print(json.dumps({"cpu": time.process_time() - start, "wall": time.perf_counter() - wall}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
