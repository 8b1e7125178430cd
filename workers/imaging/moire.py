"""Whether a photo was taken of a screen: the stripes (moiré) that a screen's pixels leave in a camera's.

A screen pixel is three stripes side by side, red, green and blue. Wherever they beat with the camera's pixels, the
three colours swell and fade at the same pace but a third of a period apart. Paper, cloth, wood and the fine patterns of
certificates do not do that: what is printed in one ink swells in all colours at once, or in opposite steps.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

SIDE = 256  # of the squares looked at, in pixels of the copy 1000 long
LOWEST = 10  # periods a square: below this it is light and shade
# Levels by which a pattern swells. What compression leaves of a coloured wall's edges comes to 1.3, drawn screens to 19
# and more; photographed ones are fainter.
LEVELS = 2.5
_FREQUENCIES = np.fft.fftfreq(SIDE, 1 / SIDE)
_CIRCLE = np.hypot(_FREQUENCIES[:, None], _FREQUENCIES[None, :])
_SEEN = (_CIRCLE >= LOWEST) & (_CIRCLE < SIDE / 2)
_WINDOW = np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)


def moire(rgb: Pixels) -> float:
    """How far the strongest pattern with colours a third of a period apart stands out, in the middle one of three
    squares; 0 where there is none that could be seen, or too little picture."""
    found: list[float] = []
    for square in _squares(rgb):
        found.append(_stands_out(square))
        if found == [0.0, 0.0]:  # whatever the third one is
            return 0.0
    return float(np.median(found or [0.0]))


def _squares(rgb: Pixels) -> list[Pixels]:
    height, width = rgb.shape[:2]
    if min(height, width) < SIDE:
        return []
    corners = [(round(share * (height - SIDE)), round(share * (width - SIDE))) for share in (0.5, 0.3, 0.7)]
    return [rgb[top : top + SIDE, left : left + SIDE] for top, left in corners]


def _stands_out(square: Pixels) -> float:
    # The three colours as one complex number, as the phases of a three-phase current: what they share falls out, and
    # a pattern that goes red, green, blue stands at +f alone, one that goes blue, green, red at -f alone. Two opposite
    # colours (one ink) stand equally at both.
    red, green, blue = (square[:, :, channel].astype(np.float32) for channel in range(3))
    parts = np.dstack([(red - (green + blue) / 2) * _WINDOW, (green - blue) * (_WINDOW * np.float32(0.75**0.5))])
    spectrum = cv2.dft(parts)
    size = cv2.magnitude(spectrum[:, :, 0], spectrum[:, :, 1])
    mirrored = np.roll(size[::-1, ::-1], 1, (0, 1))
    turning = np.abs(size - mirrored)[_SEEN]
    strongest = float(turning.max())
    if strongest / (0.75 * float(_WINDOW.sum())) < LEVELS:
        return 0.0
    return strongest / float(np.sqrt(np.mean(turning**2)))
