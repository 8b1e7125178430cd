"""A sheet of paper to print on, in millimetres from its top left corner; drawn with the font that the project ships.

Nothing official is copied: emblems, seals and portraits are plain stand-ins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont

from models import font_file

Colour = tuple[int, int, int]
BLACK: Colour = (28, 28, 30)
RED: Colour = (196, 36, 32)
_NEVER_FIRST = frozenset("，。；：、）》”")


class Face:
    """A typeface at any size. `file`: a font of this machine; without it the one that the project ships."""

    def __init__(self, file: Path | None = None) -> None:
        self._data = file.read_bytes() if file else font_file.data()
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}

    def at(self, pixels: int) -> ImageFont.FreeTypeFont:
        if pixels not in self._sizes:
            self._sizes[pixels] = ImageFont.truetype(BytesIO(self._data), pixels)
        return self._sizes[pixels]


@cache
def shipped() -> Face:
    """Bole Kai, unpacked once a process."""
    return Face()


class Sheet:
    """`width` by `height` mm at `fine` pixels a millimetre. `size` of writing is the height of a character in mm."""

    def __init__(self, width: float, height: float, fine: float, paper: Colour, face: Face | None = None) -> None:
        self.width, self.height, self._fine = width, height, fine
        self.image = Image.new("RGB", (round(width * fine), round(height * fine)), paper)
        self._draw = ImageDraw.Draw(self.image)
        self._face = face or shipped()

    def _at(self, *mm: float) -> list[int]:
        return [round(value * self._fine) for value in mm]

    def text(
        self, x: float, y: float, text: str, size: float, fill: Colour = BLACK, anchor: str = "ls", bold: bool = False
    ) -> float:
        """Write one line with its baseline at `y` (Pillow's anchors); gives the x where it ends."""
        font = self._face.at(round(size * self._fine))
        stroke = max(1, round(size * self._fine / 28)) if bold else 0
        self._draw.text(
            (x * self._fine, y * self._fine), text, font=font, fill=fill, anchor=anchor, stroke_width=stroke
        )
        return x + font.getlength(text) / self._fine

    def fitted(self, x: float, y: float, text: str, size: float, room: float) -> None:
        """Write one line in letters as small as `room` mm asks for."""
        self.text(x, y, text, size * min(1.0, room / self.measure(text, size)))

    def spaced(self, x: float, y: float, text: str, size: float, step: float, fill: Colour = BLACK) -> None:
        """Write with every character `step` mm after the one before."""
        for place, char in enumerate(text):
            self.text(x + place * step, y, char, size, fill)

    def measure(self, text: str, size: float) -> float:
        return float(self._face.at(round(size * self._fine)).getlength(text)) / self._fine

    def paragraph(self, x: float, y: float, room: float, text: str, size: float, leading: float) -> float:
        """Write text broken between characters; gives the baseline below it."""
        for line in self._broken(text, room, size):
            self.text(x, y, line, size)
            y += leading
        return y

    def _broken(self, text: str, room: float, size: float) -> Iterator[str]:
        line = ""
        for char in text:
            if line and char not in _NEVER_FIRST and self.measure(line + char, size) > room:
                yield line
                line = ""
            line += char
        yield line

    def line(self, x: float, y: float, to_x: float, to_y: float, fill: Colour = BLACK, thick: float = 0.2) -> None:
        self._draw.line(self._at(x, y, to_x, to_y), fill=fill, width=max(1, round(thick * self._fine)))

    def frame(self, inset: float, colour: Colour, thick: float = 0.8) -> None:
        """A border round the whole sheet."""
        corners = self._at(inset, inset, self.width - inset, self.height - inset)
        self._draw.rectangle(corners, outline=colour, width=round(thick * self._fine))

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour | None, edge: Colour) -> None:
        self._draw.rectangle(self._at(left, top, right, bottom), fill=fill, outline=edge)

    def portrait(self, left: float, top: float, width: float, height: float, random: Random) -> None:
        """The outline of a head and shoulders; nobody's."""
        self.box(left, top, left + width, top + height, (214, 226, 236), (150, 150, 150))
        skin, coat = random.choice(((232, 200, 172), (221, 186, 155))), random.choice(((52, 58, 72), (88, 60, 60)))
        middle = left + width / 2
        shoulders = (middle - width * 0.38, top + height * 0.68, middle + width * 0.38, top + height * 1.3)
        clip = Image.new("RGB", self._at(width, height), (214, 226, 236))  # shoulders end with the picture
        pen = ImageDraw.Draw(clip)
        pen.ellipse(self._at(*(v - o for v, o in zip(shoulders, (left, top, left, top), strict=True))), fill=coat)
        head = (width * 0.28, height * 0.16, width * 0.72, height * 0.64)
        pen.ellipse(self._at(*head), fill=skin)
        pen.pieslice(self._at(head[0], head[1] - height * 0.03, head[2], head[3]), 180, 360, fill=(38, 34, 32))
        self.image.paste(clip, (round(left * self._fine), round(top * self._fine)))

    def seal(self, x: float, y: float, radius: float) -> None:
        """A red ring over what is printed already: it makes reading harder, as a real seal does, and is nobody's."""
        layer = Image.new("RGBA", self.image.size, (0, 0, 0, 0))
        pen = ImageDraw.Draw(layer)
        ink = (*RED, 150)
        pen.ellipse(self._at(x - radius, y - radius, x + radius, y + radius), outline=ink, width=round(self._fine))
        pen.ellipse(self._at(x - radius / 4, y - radius / 4, x + radius / 4, y + radius / 4), fill=(*RED, 110))
        font = self._face.at(round(radius * 0.3 * self._fine))
        pen.text((x * self._fine, (y + radius * 0.6) * self._fine), "样本", font=font, fill=ink, anchor="mm")
        self.image.paste(layer, (0, 0), layer)

    def emblem(self, x: float, y: float, radius: float) -> None:
        """Where an emblem would be: two plain rings."""
        for share in (1.0, 0.72):
            reach = radius * share
            corners = self._at(x - reach, y - reach, x + reach, y + reach)
            self._draw.ellipse(corners, outline=RED, width=round(0.5 * self._fine))

    def waves(self, colour: Colour, step: float, height: float) -> None:
        """Fine wavy lines under everything, as security paper has."""
        for base in _steps(0, self.height + height, step):
            points = [
                (px, round((base + height * math.sin(px / self._fine / 6 + base)) * self._fine))
                for px in range(0, self.image.width + 1, 8)
            ]
            self._draw.line(points, fill=colour, width=max(1, round(0.12 * self._fine)))

    def labelled(
        self, x: float, y: float, rows: Iterable[tuple[str, str]], size: float, leading: float, gap: float
    ) -> float:
        """Rows of a label and its value `gap` mm from the label's beginning; gives the baseline below them."""
        for label, value in rows:
            self.text(x, y, label, size)
            self.text(x + gap, y, value, size)
            y += leading
        return y


def _steps(first: float, last: float, step: float) -> Iterator[float]:
    while first < last:
        yield first
        first += step
