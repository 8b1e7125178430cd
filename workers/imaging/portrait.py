"""What is looked at in a portrait alone, and its cut for the form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def look(small: Pixels, full: Pixels, aspect: tuple[int, int]) -> tuple[dict[str, float], Pixels | None]:
    """Measures of a portrait, added to those of any picture, and the part of `full` that goes onto the form.

    `small` (longest side 1000) and `full` are the same upright picture, red first; `aspect` is width to height on
    paper (`Document.photo_mm`). None where nothing can be cut.
    """
    del small, full, aspect
    return {}, None
