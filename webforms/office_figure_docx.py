"""The report on the figures in Word, set as official documents are: title, 黑体 and 楷体 headings, 仿宋 text, A4."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from webforms.office_figure_report import Grid, Heading, Report

# Fonts and sizes of GB/T 9704-2012: 小标宋二号, 黑体三号, 楷体三号, 仿宋三号; tables smaller.
_TITLE, _FIRST, _SECOND, _TEXT = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"
_BIG, _NORMAL, _SMALL = 22, 16, 12
_LINE = 28  # points between lines


def written(report: Report, numbers: str) -> bytes:
    """The report as a .docx file; `numbers` stands before each table's number (附表)."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    document.core_properties.title, document.core_properties.author = report.title, ""
    _write(document.add_paragraph(), report.title, _TITLE, _BIG, centred=True)
    _write(document.add_paragraph(), report.under, _SECOND, _NORMAL, centred=True)
    for part in report.body:
        if isinstance(part, Heading):
            heading = document.add_paragraph(style=f"Heading {part.level}")
            _write(heading, part.text, _FIRST if part.level == 1 else _SECOND, _NORMAL, indented=True)
        else:
            _write(document.add_paragraph(), part, _TEXT, _NORMAL, indented=True)
    for number, note in enumerate(report.notes, start=1):
        _write(document.add_paragraph(), f"{number}. {note}", _TEXT, _SMALL, indented=True)
    document.add_page_break()
    for number, grid in enumerate(report.grids, start=1):
        heading = document.add_paragraph(style="Heading 2")
        _write(heading, f"{numbers}{number}　{grid.title}", _FIRST, _SMALL)
        heading.paragraph_format.keep_with_next = True
        _table(document, grid)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _write(paragraph: Any, text: str, font: str, size: int, *, centred: bool = False, indented: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.font.bold, run.font.italic = "Times New Roman", Pt(size), False, False
    run.font.color.rgb = None
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    look = paragraph.paragraph_format
    look.space_before, look.space_after = Pt(0), Pt(0)
    look.line_spacing = Pt(_LINE if size >= _NORMAL else _LINE - 8)
    if size == _BIG:
        look.line_spacing = Pt(_LINE + 8)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indented:
        look.first_line_indent = Pt(2 * size)


def _table(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=0, cols=len(grid.head), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for place, row in enumerate((grid.head, *grid.rows)):
        cells = table.add_row().cells
        for column, (cell, text) in enumerate(zip(cells, row, strict=True)):
            _write(cell.paragraphs[0], text, _FIRST if place == 0 else _TEXT, _SMALL, centred=bool(column or not place))
    first = table.rows[0]._tr.get_or_add_trPr()
    first.append(first.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))  # repeated on the next page
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:cantSplit"), {qn("w:val"): "true"}))
