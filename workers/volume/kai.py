"""The font of the bound volume, vendored so that no machine's fonts decide what a volume shows.

Bole Kai is LXGW WenKai Regular 1.250 (SIL Open Font License 1.1, `font/OFL.txt`) without hinting and layout tables; how
it was made is in `font/README.md`. It holds every character of GBK and the rarer ones of names and places in the
national list 通用规范汉字表; only glyphs that a volume uses are embedded in it.
"""

from __future__ import annotations

import hashlib
import lzma
from functools import cache
from io import BytesIO
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

NAME = "BoleKai"
FILE = Path(__file__).with_name("font") / "bole-kai.ttf.xz"
SHA256 = "4e0d8023e9ff3f75f699d5e29ce9c69507c3d9e2dfdcb7bc7fe88a0e16de6439"
MISSING = "〓"  # the printers' mark for a character that a font does not have


def data() -> bytes:
    """The font's file, unpacked. Raises ValueError where it is not the one that was reviewed."""
    packed = FILE.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256:
        raise ValueError(f"{FILE.name} is not the font that was vendored")
    return lzma.decompress(packed)


@cache
def ready() -> TTFont:
    """The font, registered once a process. Raises ValueError where the file is not the one that was reviewed."""
    font = TTFont(NAME, BytesIO(data()))
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
