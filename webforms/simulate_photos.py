"""Drawn photographs for invented people: certificates and portraits with 「样本」 across them, a few of each kind."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from webforms.simulate_faces import Colour, Face, draw

_FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
_PAGE = (1080, 760)
_PORTRAIT = (480, 672)
_BACKDROPS: tuple[Colour, ...] = ((70, 120, 190), (205, 60, 60), (240, 240, 240))
_SKINS: tuple[Colour, ...] = ((222, 184, 158), (236, 200, 170), (214, 174, 146), (245, 214, 188))
_HAIRS: tuple[Colour, ...] = ((34, 28, 26), (60, 52, 48), (96, 92, 92))
_VARIANTS = 3
_PORTRAITS = 10
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Album:
    """Photos by document, drawn once and shared: the pixels of invented people need not differ, unless they are to be
    looked at (`own`): then each has papers with their name, as no photo is in two people's applications."""

    def __init__(self, seed: int, own: bool = False) -> None:
        self._seed = seed
        self._own = own
        self._drawn: dict[tuple[str, int], bytes] = {}

    def page(self, document: str, title: str, portrait: bool, random: Random, name: str = "") -> bytes:
        """A JPEG for one page of `document`, which somebody of this name sends."""
        if self._own:
            return _portrait(random) if portrait else _certificate(title, random.randrange(1000, 9999), random, name)
        variant = random.randrange(_PORTRAITS if portrait else _VARIANTS)
        key = (document, variant)
        if key not in self._drawn:
            own = Random(f"{self._seed}:{document}:{variant}")  # noqa: S311 - repeatable, nothing secret
            self._drawn[key] = _portrait(own) if portrait else _certificate(title, variant, own)
        return self._drawn[key]


def _certificate(title: str, variant: int, random: Random, name: str = "") -> bytes:
    paper = (random.randrange(225, 245), random.randrange(225, 245), random.randrange(205, 235))
    image = Image.new("RGB", _PAGE, paper)
    draw = ImageDraw.Draw(image)
    width, height = _PAGE
    ink = (random.randrange(90, 150), 30, 30)
    draw.rectangle((24, 24, width - 24, height - 24), outline=ink, width=6)
    draw.rectangle((40, 40, width - 40, height - 40), outline=ink, width=2)
    chinese = _font(54) is not None
    heading = title[:16] if chinese else "CERTIFICATE (SAMPLE)"
    draw.text((width / 2, 130), heading, font=_font(54) or _latin(54), fill=(30, 30, 30), anchor="mm")
    if name and chinese:
        draw.text((110, 196), f"姓名：{name}", font=_font(44) or _latin(44), fill=(30, 30, 30))
    for line in range(1 if name else 0, 6):
        y = 230 + line * 62
        text = f"样例证书第{variant + 1}号　本页为演示图片，不代表任何人" if chinese else "Invented for demonstration"
        draw.text((110, y), text[: 12 + random.randrange(14)], font=_font(30) or _latin(30), fill=(40, 40, 40))
        draw.line((110, y + 44, width - 110, y + 44), fill=(120, 120, 120), width=2)
    draw.ellipse((width - 300, height - 270, width - 110, height - 80), outline=(200, 30, 30), width=6)
    return _jpeg(_watermarked(image, chinese))


def _portrait(random: Random) -> bytes:
    """Somebody of whom the face detector says what it says of a person. Drawn at half the size, in a quarter of the
    time: the face has no edge that is finer."""
    width, height = _PORTRAIT
    canvas = np.empty((height // 2, width // 2, 3), np.float32)
    canvas[:] = random.choice(_BACKDROPS)
    # Nobody sits exactly where the last one sat.
    middle = (0.5 + random.uniform(-0.05, 0.05), 0.55 + random.uniform(-0.04, 0.04))
    skin, hair = random.choice(_SKINS), random.choice(_HAIRS)
    coat = (random.randrange(20, 120), random.randrange(20, 120), random.randrange(20, 120))
    draw(canvas, Face(middle, random.uniform(0.42, 0.5), skin, hair, coat))
    image = Image.fromarray(canvas.clip(0, 255).astype(np.uint8)).resize(_PORTRAIT, Image.Resampling.BICUBIC)
    return _jpeg(_watermarked(image, _font(40) is not None))


def _watermarked(image: Image.Image, chinese: bool) -> Image.Image:
    return Image.alpha_composite(image.convert("RGBA"), _watermark(image.size, chinese)).convert("RGB")


@lru_cache(maxsize=4)
def _watermark(size: tuple[int, int], chinese: bool) -> Image.Image:
    """「样本」 slanted over the whole picture, so that nobody takes it for anything else. Turning it takes longer than
    drawing what is below, and it is the same over all pictures of a size."""
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    width, height = size
    letters = width // 6
    font, centre = _font(letters) or _latin(letters), (width / 2, height / 2)
    ImageDraw.Draw(layer).text(centre, "样本" if chinese else "SAMPLE", font=font, fill=(220, 30, 30, 90), anchor="mm")
    return layer.rotate(30, resample=Image.Resampling.BICUBIC)


def _font(size: int) -> Font | None:
    path = next((p for p in _FONTS if Path(p).exists()), None)
    return ImageFont.truetype(path, size) if path else None


def _latin(size: int) -> Font:
    return ImageFont.load_default(size)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
