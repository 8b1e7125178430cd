"""A lamp or window mirrored on the page: a patch of pure light that fades out softly and has swallowed the writing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.imaging.looks import INKED, STEP, Grid

Pixels = NDArray[np.uint8]

PURE = 250  # of 255, in every colour: the sensor was full
# The fading around it, in grid points (8 pixels): paper that was lit a little more. The edge of white paper on a table
# fades within one.
NEAR, FAR = 1, 4
FADES = (3.0, 60.0)  # levels between the ring that is near and the one that is far


def glare(rgb: Pixels, grid: Grid) -> float:
    """The share of the picture that the largest such patch takes up; 0 where there is none.

    White paper in bright light is no patch: ink still stands in it, it ends sharply at its edges, or everything is
    white. A patch on an empty margin has swallowed nothing.
    """
    pure = np.asarray(cv2.inRange(rgb, (PURE,) * 3, (255,) * 3), np.uint8)
    if cv2.countNonZero(pure) < 0.9 * 12 * STEP * STEP:
        return 0.0  # not even the smallest patch
    full = _means(pure, grid.contrast.shape) > 0.9 * 255
    if not full.any():
        return 0.0
    count, patches, stats, _ = cv2.connectedComponentsWithStats(full.astype(np.uint8), connectivity=4)
    grey = _means(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8), full.shape)
    sizes = sorted(((int(stats[one, cv2.CC_STAT_AREA]), one) for one in range(1, count)), reverse=True)[:3]
    for size, one in sizes:
        if size >= 12 and _is_patch(patches == one, stats[one], grey, grid.contrast):
            return size / full.size
    return 0.0


def _means(levels: Pixels, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The mean of each cell of the grid."""
    cut = levels[: shape[0] * STEP, : shape[1] * STEP]
    return np.asarray(cv2.resize(cut, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)).astype(np.float32)


def _is_patch(inside: NDArray[np.bool_], stat: NDArray[np.int32], grey: NDArray[np.float32], contrast: Pixels) -> bool:
    box = int(stat[cv2.CC_STAT_WIDTH]) * int(stat[cv2.CC_STAT_HEIGHT])
    if inside.sum() < 0.5 * box or inside.mean() > 0.4:  # streaks, letters, a whole white page
        return False
    mask = inside.astype(np.uint8)
    rings = [_grown(mask, size) for size in (NEAR, NEAR + 1, FAR, FAR + 4)]
    near, far, around = rings[1] & ~rings[0], rings[3] & ~rings[2], rings[3] & ~rings[1]
    if not near.any() or not far.any():
        return False
    fading = float(np.median(grey[near])) - float(np.median(grey[far]))
    writing = float(np.mean(contrast[around] >= INKED))
    return FADES[0] <= fading <= FADES[1] and float(np.median(grey[far])) < PURE - 8 and writing > 0.15


def _grown(mask: Pixels, size: int) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(mask, np.ones((2 * size + 1, 2 * size + 1), np.uint8))) > 0
