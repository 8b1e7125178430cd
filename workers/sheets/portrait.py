"""The photo on a collection form: one inch (25 × 35 mm) at print resolution, without metadata."""

from __future__ import annotations

from io import BytesIO

from openpyxl.drawing.image import Image as SheetImage
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

_PIXELS = (295, 413)  # 25 × 35 mm at 300 dpi
_SHOWN = (94, 132)  # the same on the sheet, in its 96 dpi pixels
_QUALITY = 85
_EMU_A_PIXEL = 9525


def shrink(data: bytes) -> bytes:
    """A JPEG (or whatever Pillow reads) made small enough for a form; the proportions stay. Raises OSError if broken.

    Only rebuilt images come here, so there is nothing hostile left in them.
    """
    with Image.open(BytesIO(data)) as image:
        image.draft("RGB", _PIXELS)
        small = image.convert("RGB")
    small.thumbnail(_PIXELS, Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def place(sheet: Worksheet, jpeg: bytes, row: int, column: int, room: tuple[float, float]) -> None:
    """Put the photo into the cell at `row`, `column` (1-based), centred in `room` (width, height in pixels)."""
    picture = SheetImage(BytesIO(jpeg))
    scale = min(min(_SHOWN[0], room[0]) / picture.width, min(_SHOWN[1], room[1]) / picture.height)
    width, height = int(picture.width * scale), int(picture.height * scale)
    marker = AnchorMarker(
        col=column - 1,
        colOff=_emu(max(0.0, (room[0] - width) / 2)),
        row=row - 1,
        rowOff=_emu(max(0.0, (room[1] - height) / 2)),
    )
    picture.anchor = OneCellAnchor(_from=marker, ext=XDRPositiveSize2D(_emu(width), _emu(height)))
    sheet.add_image(picture)


def _emu(pixels: float) -> int:
    return int(pixels * _EMU_A_PIXEL)
