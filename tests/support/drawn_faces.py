"""Portraits of nobody: shaded faces of soft blobs, real enough for a face detector and for no one else."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
BLUE: Colour = (96, 150, 214)
WHITE: Colour = (244, 245, 247)


@dataclass(frozen=True)
class Face:
    """`middle` of the face (x, y) and its `width` from cheek to cheek, in shares of the picture's width."""

    middle: tuple[float, float] = (0.5, 0.55)
    width: float = 0.46
    skin: Colour = (222, 184, 158)
    hair: Colour = (34, 28, 26)


def portrait(
    *faces: Face, size: tuple[int, int] = (900, 1260), background: Colour = BLUE, clutter: bool = False
) -> Pixels:
    """A picture of `faces` (one in the middle if none are given) in dark coats before a plain or a busy background."""
    width, height = size
    out = np.empty((height, width, 3), np.float32)
    out[:] = background
    if clutter:
        for row in range(0, height, height // 7):
            out[row : row + height // 14] *= 0.55
        for column in range(0, width, width // 5):
            out[:, column : column + width // 40] = (120, 70, 40)
    for face in faces or (Face(),):
        _draw(out, face)
    noise = np.random.default_rng(7).normal(0, 2, (height, width, 1)).astype(np.float32)
    return np.clip(cv2.GaussianBlur(out, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8)


def _draw(out: NDArray[np.float32], face: Face) -> None:
    height, width = out.shape[:2]
    wide = face.width * width
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x - face.middle[0] * width) / wide, (y - face.middle[1] * width) / wide  # the face is 1 wide, 1.3 tall
    skin, hair = np.array(face.skin, np.float32), np.array(face.hair, np.float32)
    _lay(out, _egg(u, v - 1.75, 1.05, 0.95), np.array((52, 54, 66), np.float32))  # coat
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


def _egg(u: NDArray[np.float32], v: NDArray[np.float32], wide: float, tall: float) -> NDArray[np.float32]:
    """1 inside an ellipse, 0 outside, soft for a hundredth of the face."""
    distance = (np.hypot(u / wide, v / tall) - 1) * min(wide, tall)
    return np.asarray(1 / (1 + np.exp(np.clip(distance * 250, -40, 40))), np.float32)


def _soft(u: NDArray[np.float32], v: NDArray[np.float32], wide: float, tall: float) -> NDArray[np.float32]:
    return np.asarray(np.exp(-((u / wide) ** 2) - (v / tall) ** 2), np.float32)


def _lay(out: NDArray[np.float32], where: NDArray[np.float32], colour: NDArray[np.float32]) -> None:
    out += where[:, :, None] * (colour - out)


def _shade(out: NDArray[np.float32], where: NDArray[np.float32], depth: float) -> None:
    out *= 1 - depth * where[:, :, None]
