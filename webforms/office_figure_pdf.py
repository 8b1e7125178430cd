"""The report on the figures as a PDF, in the font that comes with Bole; bars are black, for any printer."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from models import font_file
from webforms.office_figure_report import Grid, Heading, Report

_FONT = "BoleKaiReport"
_MISSING = "〓"  # the printers' mark for a character that a font does not have
_WORD = re.compile(r"[!-~]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("，。；：！？、）》」』】”’…%")
_BAR = 150.0  # points
_ROOM = A4[0] - 50 * mm


@cache
def _font() -> TTFont:
    font = TTFont(_FONT, BytesIO(font_file.data()))
    pdfmetrics.registerFont(font)
    return font


def written(report: Report, numbers: str) -> bytes:
    """The report as a PDF; `numbers` stands before each table's number (附表)."""
    _font()
    out = BytesIO()
    margins = {"leftMargin": 25 * mm, "rightMargin": 25 * mm, "topMargin": 28 * mm, "bottomMargin": 25 * mm}
    paper = SimpleDocTemplate(out, pagesize=A4, title=report.title, author="", initialFontName=_FONT, **margins)
    story: list[Flowable] = [_said(report.title, 20, centred=True), _said(report.under, 12, centred=True)]
    for part in report.body:
        if isinstance(part, Heading):
            story.append(_said(part.text, 14 if part.level == 1 else 12.5, indent=2, before=6, keep=True))
        else:
            story.append(_said(part, 12, indent=2))
    story += [Spacer(1, 8), *(_said(f"{number}. {note}", 9.5) for number, note in enumerate(report.notes, start=1))]
    story.append(PageBreak())
    for number, grid in enumerate(report.grids, start=1):
        heading = _said(f"{numbers}{number}　{grid.title}", 12, before=10, keep=True)
        story.append(KeepTogether([heading, _table(grid)]))
    paper.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _foot(canvas: Canvas, paper: Any) -> None:
    canvas.setFont(_FONT, 9)
    canvas.drawCentredString(A4[0] / 2, 14 * mm, f"— {paper.page} —")


def _plain(text: str) -> str:
    known = _font().face.charToGlyph
    return "".join(char if ord(char) in known else _MISSING for char in text)


def _said(
    text: str,
    size: float,
    *,
    room: float = _ROOM - 12,
    centred: bool = False,
    indent: int = 0,
    before: float = 0,
    keep: bool = False,
) -> Paragraph:
    style = ParagraphStyle(
        "said",
        fontName=_FONT,
        fontSize=size,
        leading=size * 1.7,
        firstLineIndent=indent * size,
        spaceBefore=before,
        keepWithNext=keep,
        **({"alignment": TA_CENTER} if centred else {}),
    )
    lines = _lines(_plain(text), size, room, indent * size)
    return Paragraph("<br/>".join(escape(line) for line in lines), style)


def _lines(text: str, size: float, room: float, indent: float) -> list[str]:
    """Lines that fit: broken between Chinese characters, not inside words and numbers; closing punctuation hangs over
    the end rather than begin a line."""
    lines, taken = [""], indent
    for word in _WORD.findall(text):
        width = pdfmetrics.stringWidth(word, _FONT, size)
        if taken + width > room and lines[-1] and word not in _NEVER_FIRST:
            lines.append("")
            taken = 0
        lines[-1] += word
        taken += width
    return lines


def _table(grid: Grid) -> Table:
    number = len(grid.head) - 1
    bars = _BAR + 12 if grid.shares else 0
    each = min(70.0, (_ROOM - bars) / (number + 2))
    first = _ROOM - bars - each * number
    rows: list[list[Any]] = []
    for place, row in enumerate((grid.head, *grid.rows)):
        others = [_said(text, 10, room=each - 12, centred=True) for text in row[1:]]
        cells: list[Any] = [_said(row[0], 10, room=first - 12), *others]
        if grid.shares:
            cells.append(_bar(grid.shares[place - 1]) if place else "")
        rows.append(cells)
    widths = [first, *[each] * number, *([bars] if grid.shares else [])]
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle(
        [
            ("GRID", (0, 0), (number, -1), 0.5, colors.black),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    return table


def _bar(share: float | None) -> Drawing:
    drawn = Drawing(_BAR, 8)
    if share:
        drawn.add(
            Rect(0, 0, max(share * _BAR, 1), 8, fillColor=colors.black, strokeColor=colors.black, strokeWidth=0.5)
        )
    return drawn
