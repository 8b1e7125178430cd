"""The font of the bound volume, `models.font_file`; only glyphs that a volume uses are embedded in it."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from models import font_file

NAME = "BoleKai"
MISSING = "〓"  # the printers' mark for a character that a font does not have


@cache
def ready() -> TTFont:
    """The font, registered once a process. Raises ValueError where the file is not the one that was reviewed."""
    font = TTFont(NAME, BytesIO(font_file.data()))
    pdfmetrics.registerFont(font)
    return font


def printable(text: str) -> str:
    """The text with what the font cannot show replaced by 〓; boxes to tick become the plain signs that it has."""
    known = ready().face.charToGlyph
    plain = text.replace("☐", "□").replace("\t", " ")
    return "".join(char if char in "\n☑" or ord(char) in known else MISSING for char in plain)


def width(text: str, size: float) -> float:
    """Points that printable text takes."""
    return float(pdfmetrics.stringWidth(text.replace("☑", "□"), NAME, size))
