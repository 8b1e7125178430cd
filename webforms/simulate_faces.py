"""Portraits of nobody: shaded faces of soft blobs, real enough for a face detector and for no one else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
Canvas = NDArray[np.float32]


@dataclass(frozen=True)
class Face:
    """`middle` of the face (x, y) and its `width` from cheek to cheek, in shares of the picture's width."""

    middle: tuple[float, float] = (0.5, 0.55)
    width: float = 0.46
    skin: Colour = (222, 184, 158)
    hair: Colour = (34, 28, 26)
    coat: Colour = (52, 54, 66)


def draw(out: Canvas, face: Face) -> None:
    """Draw `face` over a picture of height × width × 3, red first, with levels up to 255."""
    height, width = out.shape[:2]
    wide = face.width * width
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x - face.middle[0] * width) / wide, (y - face.middle[1] * width) / wide  # the face is 1 wide, 1.3 tall
    skin, hair, coat = (np.array(colour, np.float32) for colour in (face.skin, face.hair, face.coat))
    _lay(out, _egg(u, v - 1.75, 1.05, 0.95), coat)
    _lay(out, _egg(u, v - 0.75, 0.24, 0.42), skin * 0.78)  # neck
    _lay(out, _egg(u, v + 0.14, 0.55, 0.63), hair)
    lit = 1.02 - 0.35 * u**2 - 0.12 * np.clip(v, 0, 1) ** 2 - 0.25 * np.clip(np.abs(u) - 0.32, 0, 1)
    _lay(out, _egg(u, v, 0.47, 0.63), skin * lit[:, :, None])
    _lay(out, _egg(u, v + 0.55, 0.42, 0.17), hair)  # the hairline
    for side in (-1, 1):
        _shade(out, _soft(u - side * 0.205, v + 0.10, 0.115, 0.062), 0.62)  # the socket
        _shade(out, _soft(u - side * 0.21, v + 0.20, 0.125, 0.024), 0.75)  # the brow
        _lay(out, _egg(u - side * 0.205, v + 0.085, 0.085, 0.030), np.array((226, 220, 214), np.float32))
        _lay(out, _egg(u - side * 0.205, v + 0.085, 0.036, 0.034), np.array((28, 22, 20), np.float32))
        _shade(out, _soft(u - side * 0.07, v - 0.16, 0.032, 0.022), 0.5)  # a nostril
        _shade(out, _soft(u - side * 0.30, v - 0.18, 0.12, 0.14), -0.06)  # a cheek in the light
    _shade(out, _soft(u, v + 0.02, 0.045, 0.16), -0.14)  # the bridge of the nose
    _shade(out, _soft(u, v - 0.185, 0.10, 0.02), 0.2)
    _shade(out, _soft(u, v - 0.335, 0.15, 0.028), 0.5)  # the mouth
    _shade(out, _soft(u, v - 0.42, 0.12, 0.03), 0.12)


def _egg(u: Canvas, v: Canvas, wide: float, tall: float) -> Canvas:
    """1 inside an ellipse, 0 outside, soft for a hundredth of the face."""
    distance = (np.hypot(u / wide, v / tall) - 1) * min(wide, tall)
    return np.asarray(1 / (1 + np.exp(np.clip(distance * 250, -40, 40))), np.float32)


def _soft(u: Canvas, v: Canvas, wide: float, tall: float) -> Canvas:
    return np.asarray(np.exp(-((u / wide) ** 2) - (v / tall) ** 2), np.float32)


def _lay(out: Canvas, where: Canvas, colour: Canvas) -> None:
    out += where[:, :, None] * (colour - out)


def _shade(out: Canvas, where: Canvas, depth: float) -> None:
    out *= 1 - depth * where[:, :, None]
