"""Pictures of the invented people's drawn faces, before a plain or a busy background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from webforms.simulate_faces import Colour, Face, draw

__all__ = ("BLUE", "WHITE", "Face", "Pixels", "portrait")

Pixels = NDArray[np.uint8]
BLUE: Colour = (96, 150, 214)
WHITE: Colour = (244, 245, 247)


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
        draw(out, face)
    noise = np.random.default_rng(7).normal(0, 2, (height, width, 1)).astype(np.float32)
    return np.clip(cv2.GaussianBlur(out, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8)
