"""Numbers about a picture at one fixed scale (longest side 1000), for `workers.judging`; arrays are red first."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.imaging.edges import cut_off
from workers.imaging.glare import glare
from workers.imaging.looks import brightness, grid_of, steepness, written
from workers.imaging.moire import moire

Pixels = NDArray[np.uint8]
_FEATURELESS = 2.0  # spread of the 32 × 32 copy below which a hash would only be noise


def measure(rgb: Pixels, original: tuple[int, int]) -> dict[str, float]:
    """What the picture looks like, in numbers (see the functions called); `width` and `height` are the picture's as it
    came (`original`)."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    grid = grid_of(grey)
    return {
        "width": original[0],
        "height": original[1],
        **brightness(grey),
        "written": written(grid),
        **steepness(grid),
        "glare": glare(rgb, grid),
        "cut_lines": cut_off(grey),
        "moire": moire(rgb),
    }


def perceptual_hash(rgb: Pixels) -> str | None:
    """16 hex digits that stay nearly the same when a picture is scaled or compressed again; None for a blank one."""
    grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    if float(grey.std()) < _FEATURELESS:
        return None
    low = cv2.dct(grey.astype(np.float32))[:8, :8].ravel()
    bits = low > np.median(low[1:])  # without the mean brightness
    return f"{int.from_bytes(np.packbits(bits).tobytes(), 'big'):016x}"
