"""Drawing on the pages of a PDF: wrapped text, boxes, pictures. Coordinates are points from the top left of A4."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from io import BytesIO

from PIL import Image
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from workers.volume import kai

rl_config.useA85 = 0  # pictures as they are, not as text a quarter longer

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 51.0  # 18 mm
ROOM = PAGE_WIDTH - 2 * MARGIN
LEADING = 1.4
_PIXELS = (1240, 1754)  # A4 at 150 dpi: what a copy machine gives
_QUALITY = 80
_WORD = re.compile(r"[!-~]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("，。；：！？、）》」』】”’…")
_TICK = "☑"


def wrap(text: str, room: float, size: float) -> list[str]:
    """The lines of printable text in `room` points: broken between Chinese characters, not inside words and numbers,
    unless one is longer than a line; closing punctuation hangs over the end rather than begin a line."""
    lines = [line for part in text.split("\n") for line in _lines(part, room, size)]
    return lines or [""]


def _lines(text: str, room: float, size: float) -> Iterator[str]:
    line = ""
    for word in _words(text, room, size):
        if line and word not in _NEVER_FIRST and kai.width(line + word, size) > room:
            yield line.rstrip()
            line = word.lstrip()
        else:
            line += word
    yield line


def _words(text: str, room: float, size: float) -> Iterator[str]:
    for word in _WORD.findall(text):
        if len(word) > 1 and kai.width(word, size) > room:
            yield from word
        else:
            yield word


class _Jpeg:
    """A JPEG as the canvas takes it without opening it: its ImageReader would keep every picture's pixels."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __str__(self) -> str:
        """The canvas knows pictures by this, and keeps equal ones once."""
        return hashlib.sha256(self._data).hexdigest()

    def jpeg_fh(self) -> BytesIO:
        """The bytes, which go into the PDF as they are."""
        return BytesIO(self._data)


class Pen:
    """Draws page after page. `finish` gives the PDF."""

    def __init__(self, title: str) -> None:
        kai.ready()
        self._out = BytesIO()
        self._canvas = Canvas(self._out, pagesize=A4, pageCompression=1, initialFontName=kai.NAME, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("伯乐 Bole")
        self.pages = 0

    def end_page(self, total: int) -> None:
        """Number the page at its foot and begin the next."""
        self.pages += 1
        self.text(f"第 {self.pages} 页　共 {total} 页", MARGIN, PAGE_HEIGHT - 34, ROOM, 9, "centre")
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The whole PDF."""
        self._canvas.save()
        return self._out.getvalue()

    def text(self, text: str, x: float, y: float, room: float, size: float, align: str = "left") -> None:
        """One line with its top at `y`, within `room` points."""
        shift = {"left": 0.0, "centre": (room - kai.width(text, size)) / 2, "right": room - kai.width(text, size)}[
            align
        ]
        at, baseline = x + shift, PAGE_HEIGHT - y - size * 0.88
        self._canvas.setFont(kai.NAME, size)
        for number, piece in enumerate(text.split(_TICK)):
            if number:  # a box with a tick in it
                self._canvas.drawString(at, baseline, "□")
                self._canvas.drawString(at, baseline + size * 0.08, "√")
                at += kai.width("□", size)
            self._canvas.drawString(at, baseline, piece)
            at += kai.width(piece, size)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """An empty rectangle with its upper left corner at `x`, `y`."""
        self._canvas.setLineWidth(0.6)
        self._canvas.rect(x, PAGE_HEIGHT - y - height, width, height)

    def dots(self, x: float, y: float, width: float) -> None:
        """A dotted leader."""
        self._canvas.setLineWidth(0.6)
        self._canvas.setDash(1, 3)
        self._canvas.line(x, PAGE_HEIGHT - y, x + width, PAGE_HEIGHT - y)
        self._canvas.setDash()

    def picture(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """A JPEG, as large as fits, centred in the rectangle; its bytes go into the PDF as they are."""
        with Image.open(BytesIO(jpeg)) as header:
            wide, high = header.size
        scale = min(width / wide, height / high)
        left, top = x + (width - wide * scale) / 2, y + (height - high * scale) / 2
        bottom = PAGE_HEIGHT - top - high * scale
        self._canvas.drawImage(_Jpeg(jpeg), left, bottom, width=wide * scale, height=high * scale)


def copy(image: bytes) -> bytes:
    """A rebuilt page made as fine as a copy needs and no finer. Raises OSError if broken."""
    with Image.open(BytesIO(image)) as opened:
        opened.draft("RGB", _PIXELS)
        small = opened.convert("RGB")
    small.thumbnail(_PIXELS if small.height >= small.width else _PIXELS[::-1], Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
