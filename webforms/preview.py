"""What staff see of a photographed page by default: smaller, and marked with what it is for, who looks and when.

The pictures are our own rebuilt JPEGs, sealed for their page by the worker: nothing that was uploaded is decoded here.
"""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from models import font_file

if TYPE_CHECKING:
    from PIL import Image, ImageFont

LONGEST = 1200  # pixels; enough to compare a paper with what was typed
_SIZES = (300, 600, LONGEST)  # of the pattern: a small picture gets small print
_ANGLE = 24  # degrees: along neither print nor edges
_DARK, _LIGHT = 64, 48  # of 255: to be read on white paper and on a dark photo without hiding a digit


def preview(jpeg: bytes, mark: str) -> bytes:
    """The page as a JPEG of at most `LONGEST` pixels a side, `mark` across it. Raises OSError where it is no JPEG."""
    from PIL import Image  # only where a picture is asked for

    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        image.draft("RGB", (LONGEST, LONGEST))
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.BILINEAR)
        marked = image.convert("RGB")
    size = next((size for size in _SIZES if size >= max(marked.size)), LONGEST)
    dark, light = _pattern(mark, size)
    area = (0, 0, *marked.size)
    marked.paste((255, 255, 255), area, light.crop(area))
    marked.paste((20, 20, 20), area, dark.crop(area))
    out = BytesIO()
    marked.save(out, "JPEG", quality=80)
    return out.getvalue()


@lru_cache(maxsize=16)
def _pattern(mark: str, size: int) -> tuple[Image.Image, Image.Image]:
    """How much dark and light ink each pixel of a square gets: `mark` in slanted rows. Who leafs through the pages of
    an application within a minute has the same mark."""
    from PIL import Image, ImageDraw

    letters = _font(size // 40)
    across = int(size * 1.5)
    sheet = Image.new("L", (across, across), 0)
    draw = ImageDraw.Draw(sheet)
    step = draw.textlength(mark, letters) + size // 12
    for row, top in enumerate(range(0, across, size // 8)):
        left = -(row % 2) * step / 2
        while left < across:
            draw.text((left, top), mark, fill=255, font=letters)
            left += step
    margin = (across - size) // 2
    upright = (margin, margin, margin + size, margin + size)
    slanted = sheet.rotate(_ANGLE, Image.Resampling.BILINEAR).crop(upright)
    moved = Image.new("L", slanted.size, 0)
    moved.paste(slanted, (1, 1))
    return slanted.point(lambda ink: ink * _DARK // 255), moved.point(lambda ink: ink * _LIGHT // 255)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(BytesIO(_file()), max(size, 9), layout_engine=ImageFont.Layout.BASIC)


@cache
def _file() -> bytes:
    return font_file.data()
