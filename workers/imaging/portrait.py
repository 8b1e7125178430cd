"""What is looked at in a portrait alone, and its cut for the form.

Faces are found by the Haar cascade that comes with OpenCV: frontal, upright faces in even light, as portraits are. It
misses some (strong side light, a turned head, thick glasses), so a face that is not found is a doubt for people and
never a reason to ask for another photo; what it finds twice over is seldom no face at all. A detector of 2020 or later
would miss fewer, but none is in a package that is kept well enough to depend on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.imaging.looks import STEP, grid_of

Pixels = NDArray[np.uint8]

SEEN_SIDE = 400  # longest side of the copy in which faces are looked for
SMALLEST = 28  # side of the smallest face in that copy; the cascade's own window is 20
LOOKED_AT = 64  # side of a face at which the second cascade looks at it
AGREEING = 5  # neighbouring windows that must agree
# From the box of the cascade (brow to chin, ear to ear) to the head: measured on drawn faces, and as tall on people.
CROWN, CHIN = 0.22, 0.03  # above and below the box, in shares of its side
# How the head stands in a one-inch photo (GA/T 1180-2014 for 33 × 48 mm: head 28 to 33 mm, 3 to 5 mm above it). The
# live outline in the browser is drawn from the same: of the frame's height, the head takes HEAD and begins at ABOVE;
# its width is three quarters of its height.
HEAD, ABOVE = 0.64, 0.09
# A picture of these proportions (a studio's 295 × 413 for 25 × 35) with such a head was cut by somebody already.
ALIKE, STANDING = 0.04, (0.50, 0.80)
BUSY = 24  # levels in one neighbourhood of the backdrop: more than its light and shade, less than any thing


@dataclass(frozen=True)
class Box:
    """A face, in pixels: a square from brow to chin."""

    left: float
    top: float
    side: float


def look(small: Pixels, full: Pixels, aspect: tuple[int, int]) -> tuple[dict[str, float], Pixels | None]:
    """Measures of a portrait, added to those of any picture, and the part of `full` that goes onto the form.

    `small` (longest side 1000) and `full` are the same upright picture, red first; `aspect` is width to height on
    paper (`Document.photo_mm`). None where there is not one face to cut around.

    `faces` found; `turns`, quarter turns clockwise until the face stands upright; lengths in shares of the height:
    `head_top` (negative when cut off), `head` from crown to chin, and `head_pixels` of `full`; `backdrop`, the share of
    the background where there is something.
    """
    for turns in (0, 2, 1, 3):
        turned = _turned(small, turns)
        boxes = faces(turned)
        if boxes:
            break
    if not boxes:
        return {"faces": 0.0}, None
    box, (height, width) = boxes[0], turned.shape[:2]
    upright = _turned(full, turns)
    measures = {
        "faces": float(len(boxes)),
        "turns": float(turns),
        "head_top": (box.top - CROWN * box.side) / height,
        "head": (1 + CROWN + CHIN) * box.side / height,
        "head_pixels": (1 + CROWN + CHIN) * box.side * upright.shape[0] / height,
        "backdrop": _backdrop(turned, box),
    }
    if len(boxes) > 1:
        return measures, None
    scale = upright.shape[1] / width
    return measures, cut(upright, Box(box.left * scale, box.top * scale, box.side * scale), aspect)


def _turned(picture: Pixels, turns: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(picture, -turns)) if turns else picture


@cache
def detector() -> tuple[Any, Any]:
    """The cascade that proposes and the one that must agree, read once in a process (and before the server forks)."""
    folder = Path(cv2.__file__).with_name("data")
    files = [folder / f"haarcascade_frontalface_{name}.xml" for name in ("alt2", "default")]
    proposing, agreeing = (cv2.CascadeClassifier(str(file)) for file in files)
    if proposing.empty() or agreeing.empty():
        raise FileNotFoundError(folder)
    return proposing, agreeing


def faces(picture: Pixels) -> list[Box]:
    """The faces, largest first, in pixels of `picture`; those less than half as large as the first are left out: they
    are pictures on a wall or folds of cloth."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    scale = min(1.0, SEEN_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = detector()[0].detectMultiScale(small, 1.1, AGREEING, minSize=(SMALLEST, SMALLEST))
    boxes = [Box(float(x) / scale, float(y) / scale, float(side) / scale) for x, y, side, _ in found]
    boxes = sorted((box for box in boxes if _confirmed(grey, box)), key=lambda box: -box.side)
    return [box for box in boxes if box.side >= boxes[0].side / 2]


def _confirmed(grey: Pixels, box: Box) -> bool:
    """Whether the second cascade, trained otherwise, sees a face of that size there too: a coat fools one of them."""
    around = 0.25 * box.side
    top, left = max(0, int(box.top - around)), max(0, int(box.left - around))
    part = grey[top : int(box.top + box.side + around), left : int(box.left + box.side + around)]
    scale = LOOKED_AT / box.side
    part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    least, most = round(0.7 * LOOKED_AT), round(1.45 * LOOKED_AT)
    return len(detector()[1].detectMultiScale(part, 1.05, 3, minSize=(least, least), maxSize=(most, most))) > 0


def _backdrop(picture: Pixels, box: Box) -> float:
    """The share of busy neighbourhoods beside and above the head, well away from hair and shoulders."""
    busy = grid_of(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)).contrast >= BUSY
    y, x = np.mgrid[0 : busy.shape[0], 0 : busy.shape[1]] * STEP + STEP // 2
    beside = (x < box.left - 0.35 * box.side) | (x > box.left + 1.35 * box.side)
    above = y < box.top - 0.5 * box.side
    where = (beside & (y < box.top + 0.75 * box.side)) | above
    return float(busy[where].mean()) if where.sum() >= 20 else 0.0


def cut(picture: Pixels, box: Box, aspect: tuple[int, int]) -> Pixels:
    """The part of `picture` that shows the head as on a one-inch photo, of the proportions `aspect` and as near to it
    as the picture has room: nothing is added at its edges and nothing enlarged. A studio's photo stays as it is."""
    height, width = picture.shape[:2]
    head = (1 + CROWN + CHIN) * box.side
    if abs(width / height * aspect[1] / aspect[0] - 1) < ALIKE and STANDING[0] < head / height < STANDING[1]:
        return picture
    tall = min(head / HEAD, height, width * aspect[1] / aspect[0])
    wide = tall * aspect[0] / aspect[1]
    top = min(max(0.0, box.top - CROWN * box.side - ABOVE * tall), height - tall)
    left = min(max(0.0, box.left + box.side / 2 - wide / 2), width - wide)
    rows, columns = slice(int(top), int(top + tall)), slice(int(left), int(left + wide))
    return np.ascontiguousarray(picture[rows, columns])
