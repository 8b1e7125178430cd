"""A piece of a photographed page, cut out of our own rebuilt copy around what was read there."""

from __future__ import annotations

from io import BytesIO

from models.documents.reading import Box

AROUND = 0.6  # of the box's height, left on every side: enough to see what it belongs to
LARGEST = (900, 300)  # pixels


def crop(data: bytes, box: Box, quarter_turns: int = 0) -> bytes:
    """A JPEG of the surroundings of `box` (shares of the upright picture). `quarter_turns`: clockwise, until the
    kept copy stands upright. A box outside the picture gives what is nearest to it."""
    from PIL import Image  # only where a picture is asked for

    with Image.open(BytesIO(data), formats=("JPEG",)) as kept:
        picture = kept.convert("RGB")
    if quarter_turns % 4:
        picture = picture.rotate(-90 * (quarter_turns % 4), expand=True)
    piece = picture.crop(_pixels(box, *picture.size))
    piece.thumbnail(LARGEST)
    out = BytesIO()
    piece.save(out, "JPEG", quality=82)
    return out.getvalue()


def _pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = (min(1.0, max(0.0, share)) for share in box)
    margin = AROUND * abs(bottom - top) * height
    x, y = min(left, right) * width - margin, min(top, bottom) * height - margin
    x, y = min(max(0, int(x)), width - 1), min(max(0, int(y)), height - 1)
    x2, y2 = int(max(left, right) * width + margin) + 1, int(max(top, bottom) * height + margin) + 1
    return x, y, max(x + 1, min(width, x2)), max(y + 1, min(height, y2))
