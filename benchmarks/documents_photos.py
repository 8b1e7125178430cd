"""Photos as a phone takes them of a page, made from a seed: print on a table, sensor noise, EXIF with a turn."""

import io

import cv2
import numpy as np
from PIL import Image, ImageDraw

SIZES = {12: (4032, 3024), 48: (8064, 6048)}  # megapixels of today's phones, in their two ordinary modes
QUALITY = 92
# The grain that a phone's denoising leaves, in levels, is about two pixels wide at 12 megapixels. A 48-megapixel sensor
# has the colours of a 12-megapixel one, so its grain is twice as wide. About 2.5 and 7 MB come of it.
NOISE, GRAIN = {12: 6.0, 48: 5.0}, {12: 2, 48: 4}


def phone_photo(megapixels: int = 12, seed: int = 1) -> bytes:
    """A JPEG, lying on its side as EXIF says, with the maker's name and a place in it."""
    (width, height), wide = SIZES[megapixels], GRAIN[megapixels]
    rng = np.random.default_rng(seed)
    page = _page(width // 4, height // 4, seed).resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(page).astype(np.float32)
    for channel in range(3):  # one after the other: three at once would need gigabytes
        grain = rng.normal(0, NOISE[megapixels], (height // wide, width // wide)).astype(np.float32)
        pixels[:, :, channel] += cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Phone"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    picture.save(out, "JPEG", quality=QUALITY, exif=exif.tobytes())
    return out.getvalue()


def _page(width: int, height: int, seed: int) -> Image.Image:
    """The page before the camera, drawn small; on its side, as the sensor sees it."""
    page = Image.new("RGB", (height, width), (150, 120, 90))
    draw = ImageDraw.Draw(page)
    edge = height // 16
    draw.rectangle((edge, edge, height - edge, width - edge), fill=(236, 233, 226))
    for line, top in enumerate(range(edge * 2, width - edge * 2, max(10, width // 60))):
        draw.text(
            (edge * 2, top), f"Sample {seed}.{line} certificate 0123456789 issued by an office", fill=(40, 40, 50)
        )
    return page.transpose(Image.Transpose.ROTATE_90)
