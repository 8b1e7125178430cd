"""Whether writing runs over the picture's edge: lines cut off at a side, or a line sliced along the top or bottom.

Only writing counts. A page whose blank margin is outside the picture has lost nothing, and a scan fills its frame. What
cannot be told from an ornament or a patterned cloth is not counted.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.imaging.looks import INKED

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

ZONE = 100  # pixels from the edge in which lines are looked for
RIM = 4  # ... and in which they have lost something
AROUND = 31  # within which there is paper beside ink


def cut_off(grey: Pixels) -> float:
    """Lines of writing that the edge of the picture cuts: the most at any of its four edges."""
    if min(grey.shape) < 3 * ZONE:
        return 0.0
    lines = max(_ends(strip) for strip in (grey[:, :ZONE], grey[:, : -ZONE - 1 : -1]))
    sliced = any(_is_sliced(_ink(strip)[:RIM]) for strip in (grey[:ZONE], grey[: -ZONE - 1 : -1]))
    return float(max(lines, 4 if sliced else 0))


def _ink(strip: Pixels) -> Mask:
    """Clearly darker than the paper beside it."""
    calm = cv2.blur(np.ascontiguousarray(strip), (3, 3))
    paper = cv2.dilate(calm, np.ones((AROUND, AROUND), np.uint8))
    return np.asarray(cv2.subtract(paper, calm)) >= INKED


def _runs(there: Mask) -> list[tuple[int, int]]:
    """Beginning and end of each stretch."""
    steps = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(np.int8)))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))


def _ends(strip: Pixels) -> int:
    """Lines that run into the edge at column 0; 0 where what is there does not look like lines."""
    ink = _ink(strip)
    rows = ink.mean(axis=1)
    lines = [(top, end) for top, end in _runs(rows > 0.06) if 4 <= end - top <= 60]
    lines = [line for line in lines if _is_text(ink[line[0] : line[1]])]
    if not lines:
        return 0
    between = ink[lines[0][0] : lines[-1][1], :RIM][rows[lines[0][0] : lines[-1][1]] <= 0.06]
    if between.size and between.mean() > 0.1:  # the edge of something dark
        return 0
    return sum(bool(ink[top:end, :RIM].any()) for top, end in lines)


def _is_text(line: Mask) -> bool:
    """Many strokes, from the edge to the zone's end."""
    strokes = np.diff(line.astype(np.int8), axis=1) > 0
    halves = (line[:, : ZONE // 2], line[:, ZONE // 2 :])
    return float(strokes.sum(axis=1).max()) >= 4 and all(half.any(axis=0).mean() > 0.4 for half in halves)


def _is_sliced(rim: Mask) -> bool:
    """Many short strokes in the outermost rows, between margins on both sides: an ornament goes on to the corners."""
    across = np.asarray(rim.all(axis=0))
    runs, width = _runs(across), len(across)
    if len(runs) < 12 or runs[0][0] < 0.04 * width or runs[-1][1] > 0.96 * width:
        return False
    reach = runs[-1][1] - runs[0][0]
    return reach > 0.25 * width and 0.08 < across.sum() / reach < 0.6
