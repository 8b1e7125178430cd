"""What a photographed page looks like, in numbers: small plain functions over one grey copy.

Every length is in pixels of a copy whose longest side is 1000 (`workers.judging` holds the limits, tied to that one
scale); a smaller picture is measured as it is. Nothing here says good or bad, and nothing knows what was photographed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

STEP = 8  # the grid on which neighbourhoods are looked at
REACH = 17  # ... and how wide each of them is: a stroke of print with the paper on both sides
FAINT = 24  # levels between ink and paper in one neighbourhood that is not quite empty: noise comes to half of it
INKED = 40  # ... and in one that is clearly written on; faint pencil and old brown ink have more


@dataclass(frozen=True)
class Grid:
    """Lightest and darkest level around each point of the grid, and the steepest step in each direction."""

    light: Pixels
    dark: Pixels
    steps: tuple[Pixels, ...]  # across, down, and along both diagonals

    @property
    def contrast(self) -> Pixels:
        """Levels between the lightest and the darkest point."""
        return self.light - self.dark


def grid_of(grey: Pixels) -> Grid:
    """Look at every neighbourhood. Averaged over 3 × 3 first, so that noise is not taken for edges."""
    calm = cv2.blur(grey, (3, 3))
    square = np.ones((REACH, REACH), np.uint8)
    height, width = calm.shape
    here, steps = calm[: height - 1, : width - 1], []
    for other in (calm[:-1, 1:], calm[1:, :-1], calm[1:, 1:]):
        steps.append(cv2.absdiff(other, here))
    steps.append(cv2.absdiff(calm[1:, :-1], calm[:-1, 1:]))
    return Grid(
        _sampled(cv2.dilate(calm, square), height, width),
        _sampled(cv2.erode(calm, square), height, width),
        tuple(_sampled(cv2.dilate(step, square), height, width) for step in steps),
    )


def _sampled(levels: Any, height: int, width: int) -> Pixels:
    """At each point of the grid of a picture of that size."""
    return np.asarray(levels[STEP // 2 : height - 1 : STEP, STEP // 2 : width - 1 : STEP])


def brightness(grey: Pixels) -> dict[str, float]:
    """`dark`, `median`, `light`: 0.1st, 50th and 99th percentile, 0 to 255."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()
    passed = np.cumsum(counts) / counts.sum()
    return {
        "dark": float(np.searchsorted(passed, 0.001)),
        "median": float(np.searchsorted(passed, 0.5)),
        "light": float(np.searchsorted(passed, 0.99)),
    }


def written(grid: Grid) -> float:
    """The share of the picture where something is written, drawn or has an edge."""
    return float(np.mean(grid.contrast >= FAINT))


def steepness(grid: Grid) -> dict[str, float]:
    """How abruptly ink begins: the steepest step as a share of the contrast around it, where contrast is strongest.

    It does not depend on how black the ink is. Perfect focus gives 0.33 (the 3 × 3 average), a lens blur of σ pixels
    about 0.4 / σ, a movement of n pixels 1 / n in its direction. `steep` is the best direction, `smeared` the worst.
    """
    contrast = grid.contrast.astype(np.float32)
    strong = contrast >= max(float(INKED) / 2, float(np.percentile(contrast, 95)) / 2)
    if int(strong.sum()) < 4:
        return {"steep": 0.0, "smeared": 0.0}
    ways = [float(np.percentile(steps[strong] / contrast[strong], 90)) for steps in grid.steps]
    return {"steep": max(ways), "smeared": min(ways)}
