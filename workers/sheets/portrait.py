"""The photo on a person's form: as large as the notice has it, at print resolution, without metadata."""

from __future__ import annotations

from io import BytesIO

from openpyxl.drawing.image import Image as SheetImage
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from models.programme.pack import Pack

ONE_INCH = (25, 35)  # millimetres
_DPI, _SHEET_DPI = 300, 96
_MM_AN_INCH = 25.4
_QUALITY = 85
_EMU_A_PIXEL = 9525


def photo_mm(pack: Pack) -> tuple[int, int]:
    """Width and height of the photo on the pack's form, in millimetres."""
    return next((document.photo_mm for document in pack.documents.documents if document.portrait), ONE_INCH)


def shrink(data: bytes, mm: tuple[int, int] = ONE_INCH) -> bytes:
    """A JPEG (or whatever Pillow reads) made small enough for a photo of `mm`; the proportions stay. Raises OSError if
    broken.

    Only rebuilt images come here, so there is nothing hostile left in them.
    """
    pixels = _pixels(mm, _DPI)
    with Image.open(BytesIO(data)) as image:
        image.draft("RGB", pixels)
        small = image.convert("RGB")
    small.thumbnail(pixels, Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def place(
    sheet: Worksheet,
    jpeg: bytes,
    row: int,
    column: int,
    room: tuple[float, float],
    mm: tuple[int, int] = ONE_INCH,
) -> None:
    """Put the photo into the cell at `row`, `column` (1-based), centred in `room` (width, height in pixels)."""
    picture = SheetImage(BytesIO(jpeg))
    shown = _pixels(mm, _SHEET_DPI)
    scale = min(min(shown[0], room[0]) / picture.width, min(shown[1], room[1]) / picture.height)
    width, height = int(picture.width * scale), int(picture.height * scale)
    marker = AnchorMarker(
        col=column - 1,
        colOff=_emu(max(0.0, (room[0] - width) / 2)),
        row=row - 1,
        rowOff=_emu(max(0.0, (room[1] - height) / 2)),
    )
    picture.anchor = OneCellAnchor(_from=marker, ext=XDRPositiveSize2D(_emu(width), _emu(height)))
    sheet.add_image(picture)


def _pixels(mm: tuple[int, int], dpi: int) -> tuple[int, int]:
    return (round(mm[0] / _MM_AN_INCH * dpi), round(mm[1] / _MM_AN_INCH * dpi))


def _emu(pixels: float) -> int:
    return int(pixels * _EMU_A_PIXEL)
