"""Is a photographed page good enough to be read by a person? At most one plain instruction to take it again.

Small pure functions over `Metrics`. A wrong "take it again" costs an applicant a walk to the window, a wrong "good"
costs a look by staff: thresholds let doubtful pictures pass.
"""

from __future__ import annotations

from dataclasses import dataclass

# What `judge` says are doubts about a picture that a person can still look at.
DOUBTS = frozenset({"photo.too_small", "photo.too_dark", "photo.blank", "photo.too_bright", "photo.blurred"})

# Below this a page of small print cannot be read: an ID card across 480 pixels still shows its number.
MIN_SHORT_SIDE = 480
# A one-inch portrait at 300 dpi is 295 × 413, and that is what photo studios hand out.
MIN_PORTRAIT_SIDE = 280
# Nearly no difference between paper and ink anywhere: a lens cap, a blank sheet, a finger. A page with one line of
# writing spreads over about 12 levels.
BLANK_SPREAD = 4.0
# The brightest hundredth (the paper) stays under a quarter of the scale: taken in the dark.
DARK_PAPER = 70
# The darkest thousandth (the ink, however little is written) is still light: glare or over-exposure washed it out.
LIGHT_INK = 185
# ... while the paper is nearly pure white; light ink on grey paper is a blurred page, not a bright one.
BLOWN_PAPER = 245
# Variance of the Laplacian in the sharpest parts of the page. Drawn pages and phone photos of print reach several
# hundreds; motion and focus blur that makes 10-point print illegible leaves less than thirty.
BLURRED = 30.0
# Faces and plain backdrops have softer edges than print.
BLURRED_PORTRAIT = 8.0


@dataclass(frozen=True, slots=True)
class Metrics:
    """What `workers.imaging.measures.measure` took from the picture; brightness runs from 0 to 255."""

    width: int  # as it came, upright
    height: int
    sharpness: float
    mean: float
    spread: float
    dark: int  # 0.1st percentile of brightness: the ink
    median: int
    light: int  # 99th percentile: the paper


def too_small(metrics: Metrics, portrait: bool) -> bool:
    """Too few pixels to read."""
    return min(metrics.width, metrics.height) < (MIN_PORTRAIT_SIDE if portrait else MIN_SHORT_SIDE)


def too_dark(metrics: Metrics) -> bool:
    """Even the lightest parts are dark."""
    return metrics.light < DARK_PAPER


def blank(metrics: Metrics) -> bool:
    """One even surface."""
    return metrics.spread < BLANK_SPREAD


def too_bright(metrics: Metrics) -> bool:
    """Even the darkest parts are light, and the paper is blown out."""
    return metrics.dark > LIGHT_INK and metrics.median >= BLOWN_PAPER


def blurred(metrics: Metrics, portrait: bool) -> bool:
    """No sharp edge anywhere on the page."""
    return metrics.sharpness < (BLURRED_PORTRAIT if portrait else BLURRED)


def judge(metrics: Metrics, portrait: bool = False) -> str | None:
    """The wording key of the one thing to mend first, or None when the page is good enough."""
    if too_small(metrics, portrait):
        return "photo.too_small"
    if too_dark(metrics):
        return "photo.too_dark"
    if blank(metrics):
        return "photo.blank"
    if too_bright(metrics):
        return "photo.too_bright"
    if blurred(metrics, portrait):
        return "photo.blurred"
    return None
