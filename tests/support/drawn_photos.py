"""Drawn papers and what a phone makes of them: pages of several kinds laid on tables, turned, shadowed, out of focus,
and the ways in which a photo goes wrong. Everything follows from a seed; nobody and nothing real is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
FONT = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
_WORDS = "兹证明该同志于二〇一六年经评审委员会评审通过具备相应专业技术资格特发此证有效期内以本单位盖章为准"


def _font(size: int) -> Any:
    return ImageFont.truetype(FONT, size)


def _line(random: Random, length: int) -> str:
    return "".join(random.choice(_WORDS) for _ in range(length))


def _array(picture: Image.Image) -> Pixels:
    return np.asarray(picture.convert("RGB"))


# --- papers ---------------------------------------------------------------------------------------------------------


def print_page(random: Random, ink: int = 30, paper: tuple[int, int, int] = (244, 243, 238)) -> Pixels:
    """A page of print, A4: 9 to 16 point at 150 dpi."""
    picture = Image.new("RGB", (1240, 1754), paper)
    draw = ImageDraw.Draw(picture)
    size = random.choice((19, 22, 26, 33))
    top = 180
    draw.text((620, 110), _line(random, 9), font=_font(44), fill=(ink,) * 3, anchor="mm")
    while top < 1754 - 150:
        if random.random() > 0.1:
            draw.text((120, top), _line(random, int(1000 / size)), font=_font(size), fill=(ink,) * 3)
        top += int(size * 1.7)
    return _array(picture)


def form_page(random: Random) -> Pixels:
    """A ruled form with short entries."""
    picture = Image.new("RGB", (1240, 1754), (250, 250, 248))
    draw = ImageDraw.Draw(picture)
    for row in range(14):
        top = 200 + row * 100
        draw.line((100, top, 1140, top), fill=(40, 40, 40), width=2)
        if row < 13:
            draw.text((120, top + 34), _line(random, 4), font=_font(28), fill=(30, 30, 30))
            draw.text((420, top + 34), _line(random, random.randrange(2, 12)), font=_font(28), fill=(30, 30, 90))
    for left in (100, 400, 1140):
        draw.line((left, 200, left, 1500), fill=(40, 40, 40), width=2)
    return _array(picture)


def card(random: Random) -> Pixels:
    """Laid out like an identity card: a pale pattern, short lines, a grey figure where a face would be."""
    width, height = 1012, 638
    y, x = np.mgrid[0:height, 0:width]
    waves = 6 * np.sin((x + 30 * np.sin(y / 40)) / 5) + 4 * np.sin((y + x / 3) / 7)
    base = np.stack([218 + waves, 226 + waves, 236 + 0.6 * waves], axis=2)
    picture = Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for row, label in enumerate(("姓名", "性别", "出生", "住址")):
        draw.text((60, 70 + row * 90), label, font=_font(30), fill=(70, 120, 190))
        draw.text((170, 66 + row * 90), _line(random, random.randrange(3, 12)), font=_font(36), fill=(25, 25, 25))
    draw.text((60, 540), "公民身份号码 样例000000000000", font=_font(36), fill=(25, 25, 25))
    draw.rectangle((700, 70, 950, 400), fill=(225, 225, 225))
    draw.ellipse((760, 120, 890, 280), fill=(150, 140, 135))
    draw.pieslice((720, 280, 930, 520), 180, 360, fill=(90, 90, 100))
    return _array(picture)


def old_certificate(random: Random) -> Pixels:
    """Faint brown ink on yellowed paper with stains."""
    picture = print_page(random, ink=120, paper=(222, 208, 172)).astype(np.float32)
    stains = cv2.resize(np.random.default_rng(random.randrange(1 << 30)).normal(0, 9, (18, 13, 1)), (1240, 1754))
    return np.clip(picture + stains[:, :, None], 0, 255).astype(np.uint8)


def honour_certificate(random: Random) -> Pixels:
    """Landscape with an ornate frame that reaches the paper's edge, a fine pattern and a red seal."""
    width, height = 1600, 1130
    y, x = np.mgrid[0:height, 0:width]
    pattern = 7 * np.sin((x * 0.9 + 25 * np.sin(y / 37)) / 3.2) * np.sin((y * 0.8 + 25 * np.sin(x / 41)) / 3.5)
    base = np.stack([247 + 0.2 * pattern, 240 + pattern, 222 + pattern], axis=2)
    picture = Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for at in range(0, width, 26):
        for top in (4, height - 30):
            draw.ellipse((at, top, at + 24, top + 24), outline=(180, 120, 30), width=4)
    for at in range(0, height, 26):
        for left in (4, width - 30):
            draw.ellipse((left, at, left + 24, at + 24), outline=(180, 120, 30), width=4)
    draw.text((width / 2, 240), "荣誉证书", font=_font(110), fill=(190, 30, 30), anchor="mm")
    for row in range(4):
        draw.text((220, 400 + row * 90), _line(random, random.randrange(10, 26)), font=_font(42), fill=(40, 40, 40))
    draw.ellipse((1150, 700, 1400, 950), outline=(205, 40, 40), width=8)
    draw.text((1275, 825), "★", font=_font(90), fill=(205, 40, 40), anchor="mm")
    return _array(picture)


def booklet_cover(random: Random) -> Pixels:
    """A dark red cover with gold letters: mostly dark and even."""
    picture = Image.new("RGB", (1000, 1400), (118, 22, 30))
    draw = ImageDraw.Draw(picture)
    draw.text((500, 420), _line(random, 4), font=_font(110), fill=(214, 178, 92), anchor="mm")
    draw.text((500, 900), _line(random, 8), font=_font(60), fill=(214, 178, 92), anchor="mm")
    return _array(picture)


def short_note(random: Random) -> Pixels:
    """A few lines on a page that is otherwise empty."""
    picture = Image.new("RGB", (1240, 1754), (246, 246, 244))
    draw = ImageDraw.Draw(picture)
    for row in range(3):
        draw.text((160, 300 + row * 60), _line(random, 16), font=_font(32), fill=(35, 35, 60))
    return _array(picture)


PAPERS: dict[str, Callable[[Random], Pixels]] = {
    "print": print_page,
    "form": form_page,
    "card": card,
    "old": old_certificate,
    "honour": honour_certificate,
    "cover": booklet_cover,
    "note": short_note,
}

# --- tables ---------------------------------------------------------------------------------------------------------


def table(kind: str, width: int, height: int, random: Random) -> Pixels:
    """What the paper lies on: dark wood, grey stone, a checked cloth, a white desk."""
    noise = np.random.default_rng(random.randrange(1 << 30))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    scale = max(width, height) / 1000
    if kind == "wood":
        grain = np.sin((y / 9 + 3 * np.sin(x / 160)) / scale) * 12 + np.sin(y / 2.1 / scale) * 5
        base = np.stack([92 + grain, 62 + 0.8 * grain, 40 + 0.5 * grain], axis=2)
    elif kind == "stone":
        spots = cv2.resize(noise.normal(0, 14, (height // 8 + 1, width // 8 + 1)).astype(np.float32), (width, height))
        base = np.stack([135 + spots] * 3, axis=2)
    elif kind == "cloth":
        check = 40 * (np.sin(x / 26 / scale) > 0) + 40 * (np.sin(y / 26 / scale) > 0)
        weave = 8 * np.sin(x / 1.7 / scale) * np.sin(y / 1.7 / scale)
        base = np.stack([205 - check + weave, 150 + 0.4 * check + weave, 150 + 0.4 * check + weave], axis=2)
    else:
        base = np.full((height, width, 3), (214, 214, 210), np.float32)
    return np.clip(base, 0, 255).astype(np.uint8)


TABLES = ("wood", "stone", "cloth", "desk")

# --- the camera -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shot:
    """How a paper is photographed. `fill` is the share of the frame's width or height that the paper takes up; 0
    stands for a scan, where the paper is the whole picture."""

    megapixels: float = 3.0
    fill: float = 0.85
    table: str = "wood"
    degrees: float = 0.0
    tilt: float = 0.0  # perspective: by how much of the side one edge is shorter
    shift: tuple[float, float] = (0.0, 0.0)  # of the paper's middle, in shares of the frame
    blur: float = 0.0  # of the lens, in pixels of a copy 1000 pixels long
    shadow: float = 0.0  # how much light a soft shadow takes away
    noise: float = 2.0
    jpeg: int = 85
    hand: bool = False


def photograph(paper: Pixels, shot: Shot, random: Random) -> Pixels:
    """The photo, as large as the camera makes it."""
    wide = paper.shape[1] > paper.shape[0]
    short = int((shot.megapixels * 1e6 * 3 / 4) ** 0.5)
    width, height = (short * 4 // 3, short) if wide else (short, short * 4 // 3)
    scene = _laid(paper, shot, width, height, random) if shot.fill else cv2.resize(paper, (width, height))
    if shot.hand:
        middle, axes = (int(width * 0.03), int(height * 0.6)), (int(width * 0.09), int(height * 0.12))
        cv2.ellipse(scene, middle, axes, 20, 0, 360, (196, 150, 122), -1, cv2.LINE_AA)
    out = scene.astype(np.float32)
    if shot.shadow:
        out *= _shadow(width, height, shot.shadow, random)[:, :, None]
    if shot.blur:
        out = cv2.GaussianBlur(out, (0, 0), shot.blur * max(width, height) / 1000)
    out += _grain(width, height, shot.noise, random)
    return jpeg(np.clip(out, 0, 255).astype(np.uint8), shot.jpeg)


def _grain(width: int, height: int, depth: float, random: Random) -> NDArray[np.float32]:
    """Noise of the sensor: one square of it, over and over."""
    side = 509  # a prime, so that it beats with nothing
    square = np.random.default_rng(random.randrange(1 << 30)).normal(0, depth, (side, side, 3)).astype(np.float32)
    return np.asarray(np.tile(square, (height // side + 1, width // side + 1, 1))[:height, :width])


def jpeg(picture: Pixels, quality: int) -> Pixels:
    """Compressed once and opened again."""
    _, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


def _laid(paper: Pixels, shot: Shot, width: int, height: int, random: Random) -> Pixels:
    scale = shot.fill * min(width / paper.shape[1], height / paper.shape[0])
    half = np.array([paper.shape[1], paper.shape[0]]) * scale / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * half
    corners[:2, 0] *= 1 - shot.tilt
    angle = np.deg2rad(shot.degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([width * (0.5 + shot.shift[0]), height * (0.5 + shot.shift[1])])
    target = (corners @ turn.T + middle).astype(np.float32)
    source = np.array(
        [[0, 0], [paper.shape[1], 0], [paper.shape[1], paper.shape[0]], [0, paper.shape[0]]], dtype=np.float32
    )
    if scale < 1:  # what is made smaller is averaged, as a lens and a sensor do
        small = cv2.resize(paper, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        source *= np.float32(scale)
        paper = small
    matrix = cv2.getPerspectiveTransform(source, target)
    scene = table(shot.table, width, height, random)
    laid = cv2.warpPerspective(paper, matrix, (width, height), flags=cv2.INTER_CUBIC)
    mask = cv2.warpPerspective(np.full(paper.shape[:2], 255, np.uint8), matrix, (width, height))
    share = mask[:, :, None].astype(np.float32) / 255
    return np.asarray(laid * share + scene * (1 - share)).astype(np.uint8)


def _shadow(width: int, height: int, depth: float, random: Random) -> NDArray[np.float32]:
    """A soft edge of shade across the picture."""
    angle = random.uniform(0, np.pi)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    along = x * np.cos(angle) + y * np.sin(angle) - random.uniform(-0.3, 0.3)
    return (1 - depth / (1 + np.exp(-along / random.uniform(0.03, 0.3)))).astype(np.float32)


def good_shot(random: Random) -> Shot:
    """One of the photos that people would call good: as the issue describes a hard but honest set."""
    return Shot(
        megapixels=random.choice((1, 2, 3, 5, 8, 12)),
        fill=0 if random.random() < 0.15 else random.uniform(0.55, 0.97),
        table=random.choice(TABLES),
        degrees=random.uniform(-15, 15) if random.random() < 0.6 else random.uniform(-2, 2),
        tilt=random.uniform(0, 0.12),
        blur=random.uniform(0, 0.9),
        shadow=random.uniform(0, 0.55) if random.random() < 0.5 else 0,
        noise=random.uniform(0.5, 6),
        jpeg=random.choice((40, 60, 85, 95)),
        hand=random.random() < 0.25,
    )


# --- what goes wrong ------------------------------------------------------------------------------------------------


def shaken(picture: Pixels, length: float, degrees: float = 0.0) -> Pixels:
    """The phone moved: smeared over `length` pixels of a copy 1000 pixels long."""
    reach = max(3, round(length * max(picture.shape[:2]) / 1000))
    kernel = np.zeros((reach, reach), np.float32)
    kernel[reach // 2] = 1
    middle = (reach / 2 - 0.5, reach / 2 - 0.5)
    kernel = cv2.warpAffine(kernel, cv2.getRotationMatrix2D(middle, degrees, 1), (reach, reach))
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()))


def out_of_focus(picture: Pixels, sigma: float) -> Pixels:
    """`sigma` in pixels of a copy 1000 pixels long."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma * max(picture.shape[:2]) / 1000))


def darkened(picture: Pixels, share: float) -> Pixels:
    """So much of the light."""
    return (picture * share).astype(np.uint8)


def glaring(picture: Pixels, at: tuple[float, float], size: float, strength: float = 260.0) -> Pixels:
    """A lamp mirrored on the paper at `at` (shares), its core `size` of the width across."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot(x - at[0] * width, y - at[1] * height) / (size * width / 2)
    light = strength / (1 + np.exp(np.minimum((distance - 1.15) * 9, 40)))
    return np.clip(picture + light[:, :, None], 0, 255).astype(np.uint8)


def of_a_screen(picture: Pixels, pitch: float, degrees: float, random: Random, side: int = 3000) -> Pixels:
    """The picture shown on a screen whose pixels are `pitch` camera pixels wide, and photographed: three stripes of
    colour a pixel, a dark gap between rows, the camera's own sampling."""
    height, width = (side, side * 3 // 4) if picture.shape[0] > picture.shape[1] else (side * 3 // 4, side)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = np.deg2rad(degrees)
    across, down = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    shown = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    rows = 0.65 + 0.35 * np.cos(2 * np.pi * down / pitch)
    out = np.empty_like(shown)
    for channel in range(3):
        stripe = 0.5 + 0.5 * np.cos(2 * np.pi * (across / pitch - channel / 3))
        out[:, :, channel] = shown[:, :, channel] * stripe * rows
    out = cv2.GaussianBlur(out, (0, 0), 0.5) * 1.6 * 255
    out += _grain(width, height, 3, random)
    return np.clip(out, 0, 255).astype(np.uint8)


def copy_1000(picture: Pixels) -> Pixels:
    """The copy at which everything is measured."""
    scale = 1000 / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
