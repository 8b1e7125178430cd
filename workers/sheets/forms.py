"""The collection forms (采集表) of a unit: an index and one sheet a person; many people make several files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from models.office.workbook_data import FORMS_PER_FILE, Record, UnitRecords, file_name
from models.programme.official import FORMS
from models.programme.pack import Pack
from workers.sheets import styles
from workers.sheets.cover import cover_feed, draw_cover
from workers.sheets.form_sheet import FormSheet
from workers.sheets.grid_sheet import GridSheet
from workers.sheets.package import to_bytes, write_entry
from workers.sheets.text import at, lines, sheet_title, write_text
from workers.sheets.values import categories

Portraits = Callable[[Record], bytes | None]
_INDEX = "目录"
_WIDTHS = (6.0, 16.0, 20.0, 48.0)


def build_forms(pack: Pack, unit: UnitRecords, on: date, portraits: Portraits) -> bytes:
    """All collection forms of `unit`: an .xlsx, or, beyond 200 people, a .zip of several.

    `portraits` gives the photo of a record, already small (`portrait.shrink`), or None.
    """
    if len(unit.records) <= FORMS_PER_FILE:
        return _workbook(pack, unit, unit.records, 0, on, portraits)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for part, start in enumerate(range(0, len(unit.records), FORMS_PER_FILE), start=1):
            records = unit.records[start : start + FORMS_PER_FILE]
            whole = file_name(unit.unit_name, pack.programme.short.zh, pack.workbooks.label(FORMS), on)
            name = whole.replace(".xlsx", f"_{part:02d}.xlsx")
            write_entry(target, name, _workbook(pack, unit, records, start, on, portraits), zipfile.ZIP_STORED)
    return out.getvalue()


def _workbook(
    pack: Pack, unit: UnitRecords, records: Sequence[Record], before: int, on: date, portraits: Portraits
) -> bytes:
    table = pack.workbooks.person_form()
    workbook = Workbook()
    index: Worksheet = workbook.worksheets[0]
    index.title = _INDEX
    cover = cover_feed(draw_cover(workbook), pack, unit, on, table.title, inferred=table.inferred)
    taken = {sheet.title.casefold() for sheet in workbook.worksheets}
    form = GridSheet(pack) if table.grid else FormSheet(pack)
    entries = []
    for number, record in enumerate(records, start=before + 1):
        name = str(record.answers.get("field:name") or "")
        sheet = workbook.create_sheet(sheet_title(f"{number:03d} {name}", taken))
        form.draw(sheet, record, unit.unit_name, portraits(record))
        entries.append((number, name, record, sheet.title))
    _draw_index(index, pack, unit, entries)
    return to_bytes(workbook, on, f"{unit.unit_name} {table.title}", [cover])


def _draw_index(
    sheet: Worksheet, pack: Pack, unit: UnitRecords, entries: Sequence[tuple[int, str, Record, str]]
) -> None:
    for letter, wide in zip("ABCD", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = wide
    sheet.merge_cells("A1:D1")
    write_text(at(sheet, 1, 1), f"{pack.workbooks.person_form().title}　目录")
    styles.dress(at(sheet, 1, 1), styles.HEADING, styles.CENTRE)
    sheet.row_dimensions[1].height = 30
    sheet.merge_cells("A2:D2")
    write_text(at(sheet, 2, 1), f"报送单位：{unit.unit_name}　　共 {len(unit.records)} 人，本册 {len(entries)} 人")
    styles.dress(at(sheet, 2, 1), styles.HEADER_LINE, styles.LEFT)
    for column, head in enumerate(("序号", "姓名", "回执编号", "人才类型"), start=1):
        cell = at(sheet, 3, column)
        write_text(cell, head)
        styles.dress(cell, styles.HEADER, styles.CENTRE, styles.BOX, styles.SHADE)
    for row, (number, name, record, title) in enumerate(entries, start=4):
        fitted = "、".join(label for label, has in categories(pack, record) if has)
        at(sheet, row, 1).value = number
        for column, text in ((2, name or "（未填姓名）"), (3, record.receipt), (4, fitted)):
            write_text(at(sheet, row, column), text)
        for column in range(1, 5):
            left = column in (2, 4)
            styles.dress(at(sheet, row, column), styles.BODY, styles.LEFT if left else styles.CENTRE, styles.BOX)
        link = at(sheet, row, 2)
        quoted = title.replace("'", "''")
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{quoted}'!A1")
        link.font = styles.LINK
        sheet.row_dimensions[row].height = lines(fitted, _WIDTHS[3]) * 15.0 + 6
    styles.page(sheet, landscape=False)
    sheet.print_title_rows = "3:3"
    sheet.freeze_panes = "A4"
    sheet.print_area = f"A1:D{3 + max(len(entries), 1)}"
