"""A form in Word as an office would keep it, with placeholders."""

import io
import zipfile

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Mm
from PIL import Image


def picture(size=(40, 40), colour="red"):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def office_form(*texts, rows=(), header="", photo=""):
    """A landscape page with a seal, a paragraph a text, a table of `rows` and the portrait's placeholder."""
    document = Document()
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    document.add_picture(io.BytesIO(picture()), width=Mm(10))
    for text in texts:
        document.add_paragraph(text)
    if photo:
        document.add_paragraph(photo)
    if header:
        section.header.paragraphs[0].text = header
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for line, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(line.cells, cells, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(data, parts=(), replaced=()):
    """`data` with parts added (name, bytes), and with (part, old, new) replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            for part, before, after in replaced:
                if name == part:
                    assert before in content
                    content = content.replace(before, after, 1)
            new.writestr(name, content)
        for name, content in parts:
            new.writestr(name, content)
    return out.getvalue()
