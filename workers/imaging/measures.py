"""Numbers about a picture at one fixed scale (longest side 1000), for `workers.judging`; arrays are red first."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_GRID = 6
_FEATURELESS = 2.0  # spread of the 32 × 32 copy below which a hash would only be noise


def measure(rgb: NDArray[np.uint8], original: tuple[int, int]) -> dict[str, float]:
    """`sharpness` is the variance of the Laplacian in the sharpest tenth of a 6 × 6 grid, so that a certificate that is
    mostly empty paper is judged by its writing. `dark`, `median` and `light` are the 0.1st, 50th and 99th percentile of
    brightness, `spread` their standard deviation; `width` and `height` are the picture's as it came (`original`).
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    levels = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel())
    mean, spread = cv2.meanStdDev(grey)
    return {
        "width": original[0],
        "height": original[1],
        "sharpness": _sharpness(grey),
        "mean": float(mean[0, 0]),
        "spread": float(spread[0, 0]),
        "dark": _percentile(levels, 0.001),
        "median": _percentile(levels, 0.5),
        "light": _percentile(levels, 0.99),
    }


def _sharpness(grey: NDArray[np.uint8]) -> float:
    edges = cv2.Laplacian(grey, cv2.CV_16S, ksize=1)
    height, width = edges.shape
    tall, wide = height // _GRID, width // _GRID
    if not tall or not wide:
        return 0.0
    tiles = sorted(
        float(cv2.meanStdDev(edges[top : top + tall, left : left + wide])[1][0, 0]) ** 2
        for left in range(1, width - wide, wide)
        for top in range(1, height - tall, tall)
    )
    return tiles[-max(1, len(tiles) // 10)] if tiles else 0.0


def _percentile(summed: NDArray[np.float32], share: float) -> int:
    return int(np.searchsorted(summed, summed[-1] * share))


def perceptual_hash(rgb: NDArray[np.uint8]) -> str | None:
    """16 hex digits that stay nearly the same when a picture is scaled or compressed again; None for a blank one."""
    grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    if float(grey.std()) < _FEATURELESS:
        return None
    low = cv2.dct(grey.astype(np.float32))[:8, :8].ravel()
    bits = low > np.median(low[1:])  # without the mean brightness
    return f"{int.from_bytes(np.packbits(bits).tobytes(), 'big'):016x}"
