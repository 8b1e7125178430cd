"""Identity cards of invented people, drawn, and photographed on a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw

from models.programme import idnumber
from workers.ocr.generated.sheet import shipped

_LABEL, _INK, _PAPER, _TABLE = (60, 110, 170), (20, 20, 20), (232, 238, 240), (120, 95, 70)


@dataclass(frozen=True)
class Holder:
    """What stands on the card."""

    name: str = "王小明"
    sex: str = "女"
    folk: str = "汉"
    birth: date = date(1990, 6, 15)
    address: tuple[str, ...] = ("湖南省甲市石鼓区青山", "街道和平路12号3栋402室")
    sequence: int = 124

    @property
    def number(self) -> str:
        return idnumber.make("430401", self.birth, self.sequence)


def _card(pieces: list[tuple[int, int, str, int, tuple[int, int, int]]], width: int) -> Image.Image:
    picture = Image.new("RGB", (width, width * 54 // 86), _PAPER)
    draw = ImageDraw.Draw(picture)
    for x, y, text, size, colour in pieces:
        draw.text((x * width / 1000, y * width / 1000), text, fill=colour, font=shipped().at(size * width // 1000))
    return picture


def front(holder: Holder = Holder(), width: int = 1000) -> Image.Image:
    """The side with the holder."""
    pieces = [
        (60, 70, "姓名", 30, _LABEL),
        (170, 64, holder.name, 38, _INK),
        (60, 145, "性别", 30, _LABEL),
        (170, 142, holder.sex, 34, _INK),
        (300, 145, "民族", 30, _LABEL),
        (400, 142, holder.folk, 34, _INK),
        (60, 220, "出生", 30, _LABEL),
        (170, 218, f"{holder.birth.year} 年 {holder.birth.month} 月 {holder.birth.day} 日", 34, _INK),
        (60, 300, "住址", 30, _LABEL),
        *((170, 298 + 47 * at, part, 34, _INK) for at, part in enumerate(holder.address)),
        (60, 540, "公民身份号码", 30, _LABEL),
        (340, 534, holder.number, 46, _INK),
    ]
    card = _card(pieces, width)
    ImageDraw.Draw(card).rectangle(tuple(x * width // 1000 for x in (700, 80, 940, 420)), fill=(205, 210, 215))
    return card


def back(validity: str = "2016.03.01-2036.03.01", width: int = 1000) -> Image.Image:
    """The side with the issuer."""
    pieces = [
        (350, 80, "中华人民共和国", 60, _INK),
        (350, 190, "居民身份证", 76, _INK),
        (200, 440, "签发机关", 30, _INK),
        (350, 438, "甲市公安局石鼓分局", 34, _INK),
        (200, 520, "有效期限", 30, _INK),
        (350, 518, validity, 34, _INK),
    ]
    return _card(pieces, width)


def photo(card: Image.Image, angle: float = 0, share: float = 0.75, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A JPEG of the card on a table, turned counter-clockwise by `angle` degrees, over that share of the width."""
    wide = int(size[0] * share)
    laid = card.convert("RGBA").resize((wide, wide * card.height // card.width), Image.Resampling.LANCZOS)
    laid = laid.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    picture = Image.new("RGB", size, _TABLE)
    picture.paste(laid, ((size[0] - laid.width) // 2, (size[1] - laid.height) // 2), laid)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
