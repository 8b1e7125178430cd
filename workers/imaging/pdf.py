"""One page of a PDF as pixels. Nothing of it is run: no scripts, no forms' actions; what it draws is drawn."""

from __future__ import annotations

import math

import numpy as np
import pypdfium2

from workers.imaging.headers import Upload
from workers.imaging.limits import FULL_SIDE, MIN_SIDE, Refusal
from workers.imaging.pixels import Picture

_LOCKED = 4  # FPDF_ERR_PASSWORD
_DPI = 300 / 72  # pixels a point: enough for print, for pages small enough to get it
_WORTH = 1600  # pixels along a small page (an ID card scanned to its edges) in any case


def page(data: Upload, sheet: int) -> tuple[Picture, int]:
    """Page `sheet` (from 1) on white paper, at most FULL_SIDE long, and how many pages the file has. Raises Refusal."""
    try:
        document = pypdfium2.PdfDocument(data[:])
    except pypdfium2.PdfiumError as error:
        raise Refusal("photo.pdf_locked" if error.err_code == _LOCKED else "photo.pdf_damaged") from None
    sheets = len(document)
    if not 1 <= sheet <= sheets:
        raise Refusal("photo.pdf_damaged")
    try:
        found = document[sheet - 1]
        width, height = found.get_size()
        scale = _scale(width, height)
        bitmap = found.render(scale=scale, limit_image_cache=True)
    except pypdfium2.PdfiumError:
        raise Refusal("photo.pdf_damaged") from None
    pixels = np.array(bitmap.to_numpy()[:, :, :3], np.uint8)
    return Picture(pixels, (pixels.shape[1], pixels.shape[0])), sheets


def _scale(width: float, height: float) -> float:
    """Pixels a point; a page without an extent, or a mere line, is refused before anything is drawn."""
    longest = max(width, height)
    if not (math.isfinite(longest) and longest > 0):
        raise Refusal("photo.pdf_damaged")
    scale = min(FULL_SIDE / longest, max(_DPI, _WORTH / longest))
    if min(width, height) * scale < MIN_SIDE:
        raise Refusal("photo.too_small")
    return scale
