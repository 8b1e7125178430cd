"""From a drawn sheet to what a phone would have made of it: turned, in perspective, blurred, shadowed, noisy, squeezed.

Everything follows from `Conditions` and a seed. Lengths are shares of the sheet's longer side as it lies in the photo,
so that blur means the same at one megapixel and at twelve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[Any]  # unsigned bytes, height by width by blue, green, red
_DESKS = ((96, 128, 168), (70, 72, 78), (150, 160, 166), (52, 66, 92), (120, 146, 132))  # BGR


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a photo was taken. `turn`: degrees, clockwise; `tilt`: how much shorter the far edge is; `fill`: share of the
    frame that the sheet takes along its tighter side; `blur`, `motion`: shares of the sheet's longer side; `shadow`,
    `noise`: 0 to 1; `flip`: held upside down; `quality`: of the JPEG."""

    megapixels: float = 3.0
    turn: float = 0.0
    tilt: float = 0.0
    fill: float = 0.85
    blur: float = 0.0
    motion: float = 0.0
    shadow: float = 0.0
    noise: float = 0.0
    flip: bool = False
    quality: int = 90


def easy(random: Random) -> Conditions:
    """A careful photo: nearly straight, sharp, well lit."""
    return Conditions(
        megapixels=random.choice((2, 3, 5, 8, 12)),
        turn=random.uniform(-3, 3),
        tilt=random.uniform(0, 0.02),
        fill=random.uniform(0.78, 0.95),
        noise=random.uniform(0, 0.15),
        quality=random.randint(82, 92),
    )


def hard(random: Random) -> Conditions:
    """A careless one, still to be read by a person: up to ±15°, JPEG 40, and two faults of four."""
    faults = random.sample(("blur", "motion", "shadow", "noise"), 2)
    return Conditions(
        megapixels=random.choice((1, 1.5, 2, 3, 5, 8, 12)),
        turn=random.uniform(-15, 15),
        tilt=random.uniform(0, 0.12),
        fill=random.uniform(0.7, 0.95),
        blur=random.uniform(0.0004, 0.0014) if "blur" in faults else 0.0,
        motion=random.uniform(0.001, 0.004) if "motion" in faults else 0.0,
        shadow=random.uniform(0.3, 0.7) if "shadow" in faults else 0.0,
        noise=random.uniform(0.3, 1.0) if "noise" in faults else 0.1,
        flip=random.random() < 0.125,
        quality=40,
    )


def awful(random: Random) -> Conditions:
    """One that nobody should send, and of which much cannot be read: what is read all the same must not be trusted
    without reason."""
    return Conditions(
        megapixels=random.choice((0.3, 0.5, 1, 2)),
        turn=random.uniform(-15, 15),
        tilt=random.uniform(0, 0.2),
        fill=random.uniform(0.5, 0.95),
        blur=random.uniform(0.001, 0.004),
        motion=random.uniform(0.0, 0.008),
        shadow=random.uniform(0.3, 0.85),
        noise=random.uniform(0.5, 2.0),
        flip=random.random() < 0.125,
        quality=random.choice((15, 25, 40)),
    )


def photograph(sheet: Image.Image, how: Conditions, random: Random) -> bytes:
    """The sheet on a desk as a JPEG of `how.megapixels`, in the sheet's own orientation."""
    drawn = np.asarray(sheet)[:, :, ::-1]
    size = _frame(drawn, how.megapixels)
    corners = _corners(drawn, size, how, random)
    numbers = np.random.default_rng(random.getrandbits(32))
    photo = _laid(drawn, corners, _desk(size, random, numbers))
    longer = max(math.dist(corners[0], corners[1]), math.dist(corners[1], corners[2]))
    photo = _smeared(photo, how.motion * longer, random)
    if how.blur:
        photo = cv2.GaussianBlur(photo, (0, 0), max(0.3, how.blur * longer))
    photo = _noisy(_shadowed(photo, how.shadow, random), how.noise, numbers)
    if how.flip:
        photo = cv2.rotate(photo, cv2.ROTATE_180)
    done, packed = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, how.quality])
    if not done:
        raise ValueError("the photo could not be packed")
    return bytes(packed)


def _frame(drawn: Pixels, megapixels: float) -> tuple[int, int]:
    """Width and height of a 4:3 photo, held as the sheet lies."""
    short = math.sqrt(megapixels * 1e6 * 3 / 4)
    longer, shorter = round(short * 4 / 3), round(short)
    return (longer, shorter) if drawn.shape[1] >= drawn.shape[0] else (shorter, longer)


def _corners(drawn: Pixels, size: tuple[int, int], how: Conditions, random: Random) -> list[tuple[float, float]]:
    """Where the sheet's corners come to lie, from the top left clockwise; all inside the frame."""
    height, width = drawn.shape[:2]
    far = random.randrange(4)
    narrow = [how.tilt if side == far else how.tilt * 0.2 for side in range(4)]
    x, y = width / 2, height / 2
    flat = [
        (-x * (1 - narrow[0]), -y * (1 - narrow[3])),
        (x * (1 - narrow[0]), -y * (1 - narrow[1])),
        (x * (1 - narrow[2]), y * (1 - narrow[1])),
        (-x * (1 - narrow[2]), y * (1 - narrow[3])),
    ]
    angle = math.radians(how.turn)
    along, across = math.cos(angle), math.sin(angle)
    turned = [(px * along - py * across, px * across + py * along) for px, py in flat]
    reach_x, reach_y = (max(abs(point[axis]) for point in turned) for axis in (0, 1))
    scale = how.fill * min(size[0] / 2 / reach_x, size[1] / 2 / reach_y)
    spare = [size[axis] / 2 - reach * scale for axis, reach in enumerate((reach_x, reach_y))]
    middle = [size[axis] / 2 + random.uniform(-0.6, 0.6) * spare[axis] for axis in (0, 1)]
    return [(px * scale + middle[0], py * scale + middle[1]) for px, py in turned]


def _laid(drawn: Pixels, corners: list[tuple[float, float]], desk: Pixels) -> Pixels:
    height, width = drawn.shape[:2]
    across = math.dist(corners[0], corners[1]) / width
    if across < 0.6:  # a sheet that becomes much smaller is first made smaller, or its strokes would break
        drawn = cv2.resize(drawn, None, fx=across * 1.2, fy=across * 1.2, interpolation=cv2.INTER_AREA)
        height, width = drawn.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    size = (desk.shape[1], desk.shape[0])
    cv2.warpPerspective(drawn, matrix, size, dst=desk, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    return desk


def _desk(size: tuple[int, int], random: Random, numbers: np.random.Generator) -> Pixels:
    """A table top with a faint grain."""
    height = size[1]
    rough = numbers.normal(0, 9, (height // 8 + 1, 12)).astype(np.float32)
    grain = cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC)
    colour = np.array(random.choice(_DESKS), np.float32)
    desk: Pixels = np.clip(colour + grain[:, :, None], 0, 255).astype(np.uint8)
    return desk


def _smeared(photo: Pixels, length: float, random: Random) -> Pixels:
    """Moved by `length` pixels while the shutter was open."""
    if length < 1:
        return photo
    angle, size = random.uniform(0, math.pi), math.ceil(length) | 1
    kernel = np.zeros((size, size), np.float32)
    middle, reach = size // 2, length / 2
    for step in np.linspace(-reach, reach, size * 4):
        row, column = round(middle + step * math.sin(angle)), round(middle + step * math.cos(angle))
        kernel[min(max(row, 0), size - 1), min(max(column, 0), size - 1)] += 1
    smeared: Pixels = cv2.filter2D(photo, -1, kernel / kernel.sum())
    return smeared


def _shadowed(photo: Pixels, depth: float, random: Random) -> Pixels:
    """The soft edge of somebody's shadow across the photo."""
    if not depth:
        return photo
    height, width = photo.shape[:2]
    angle, offset = random.uniform(0, 2 * math.pi), random.uniform(-0.25, 0.25)
    across, down = np.meshgrid(np.linspace(-1, 1, 64, dtype=np.float32), np.linspace(-1, 1, 64, dtype=np.float32))
    side = across * math.cos(angle) + down * math.sin(angle) + offset
    light = (1 - depth / (1 + np.exp(-side * 6))).astype(np.float32)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    shadowed: Pixels = (photo * light[:, :, None]).astype(np.uint8)
    return shadowed


def _noisy(photo: Pixels, amount: float, numbers: np.random.Generator) -> Pixels:
    """A sensor's noise: up to 10 of 255 where `amount` is 1."""
    if not amount:
        return photo
    noise = np.empty(photo.shape, np.int16)
    cv2.setRNGSeed(int(numbers.integers(1, 2**31 - 1)))
    cv2.randn(noise, 0, 10 * amount)
    noisy: Pixels = np.clip(photo.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    return noisy
