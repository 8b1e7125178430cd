"""Is a photographed page good enough to be read by a person? At most one plain instruction to take it again.

Small pure functions over `Metrics`, each a reason with a limit. A wrong "take it again" costs an applicant a walk to
the window, a wrong "good" costs a look by staff: limits let doubtful pictures pass. All of them are tied to the one
scale at which pictures are measured (longest side 1000) and were set on drawn photos: the worst of several hundred good
ones and the mildest of the spoilt ones stand beside each limit; `benchmarks/looks.py` prints them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

# What `judge` says is a doubt about a picture that a person can still look at: it is asked for again once, not twice.
# Pictures that cannot be opened are refused elsewhere, with reasons that are not among these.
DOUBTS = frozenset(
    {
        *("photo.too_small", "photo.too_dark", "photo.blank", "photo.too_bright", "photo.glare", "photo.blurred"),
        "photo.cut_off",
        *("photo.many_faces", "photo.head_cut", "photo.too_far", "photo.too_near", "photo.background"),
    }
)

# Below this a page of small print cannot be read: an ID card across 480 pixels still shows its number.
MIN_SHORT_SIDE = 480
# A one-inch portrait at 300 dpi is 295 × 413, and that is what photo studios hand out.
MIN_PORTRAIT_SIDE = 280
# The brightest hundredth (the paper) stays under a quarter of the scale: taken in the dark.
DARK_PAPER = 70
# The share of neighbourhoods where anything is written. Three lines on an empty sheet are 0.015, one line 0.005.
BLANK = 0.001
# The darkest thousandth (the ink, however little is written) is still light: over-exposure washed it out.
LIGHT_INK = 185
# ... while the paper is nearly pure white; light ink on grey paper is a blurred page, not a bright one.
BLOWN_PAPER = 245
# The share of the picture under one mirrored lamp. Two lines of print high and as wide as a word: 0.01. None of the
# good photos has any, over-exposed ones excepted.
GLARE = 0.01
# How abruptly ink begins, in the worst direction. The worst good photo has 0.27. Out of focus, RapidOCR still reads
# nine tenths of 10-point print on A4 at 0.18 and nothing at 0.15; an identity card at 0.17 and not at 0.14. Shaken by
# 10 pixels it is 0.14 to 0.19.
BLURRED = 0.165
# Faces and plain backdrops have softer edges than print.
BLURRED_PORTRAIT = 0.10
# Lines of writing that run over the picture's edge. Good photos have 0 or 1 (an ornament); two may be a table's edge.
CUT_LINES = 3
# How far a screen's coloured stripes stand out. Good photos have 0, a photographed screen 30 to 120.
SCREEN = 28.0
# Of a portrait: the head as a share of the height. Studios leave 0.6 to 0.7; above this the crown or the chin is lost.
HEAD_TOO_TALL = 0.85
# The crown this far above the picture, in shares of its height: the box of a face tells it no better than this.
HEAD_CUT = -0.03
# The head, in pixels: 20 mm on paper at 200 dpi are 160.
HEAD_PIXELS = 150
# The share of the backdrop with something in it. Plain ones have 0; hair and shoulders come to 0.05; a curtain or shelf
# has 0.15 and more.
BACKDROP = 0.12


@dataclass(frozen=True, slots=True)
class Metrics:
    """What `workers.imaging.measures.measure` took from the picture; brightness runs from 0 to 255, the rest is said
    where it is measured. `faces` is None for a picture that is no portrait."""

    width: int  # as it came, upright
    height: int
    dark: float  # 0.1st percentile of brightness: the ink
    median: float
    light: float  # 99th percentile: the paper
    written: float
    steep: float
    smeared: float
    glare: float = 0.0
    cut_lines: float = 0.0
    moire: float = 0.0
    faces: float | None = None
    turns: float = 0.0
    head_top: float = 0.0
    head: float = 0.5
    head_pixels: float = 500.0
    backdrop: float = 0.0

    @property
    def portrait(self) -> bool:
        """Whether it was measured as a portrait."""
        return self.faces is not None


def too_small(metrics: Metrics) -> bool:
    """Too few pixels to read."""
    return min(metrics.width, metrics.height) < (MIN_PORTRAIT_SIDE if metrics.portrait else MIN_SHORT_SIDE)


def too_dark(metrics: Metrics) -> bool:
    """Even the lightest parts are dark."""
    return metrics.light < DARK_PAPER


def blank(metrics: Metrics) -> bool:
    """Nothing is written anywhere."""
    return metrics.written < BLANK


def too_bright(metrics: Metrics) -> bool:
    """Even the darkest parts are light, and the paper is blown out."""
    return metrics.dark > LIGHT_INK and metrics.median >= BLOWN_PAPER


def glaring(metrics: Metrics) -> bool:
    """A lamp or window is mirrored among the writing; a portrait may be as bright as it likes."""
    return metrics.glare >= GLARE and not metrics.portrait


def blurred(metrics: Metrics) -> bool:
    """Out of focus, or shaken in one direction."""
    return metrics.smeared < (BLURRED_PORTRAIT if metrics.portrait else BLURRED)


def cut_off(metrics: Metrics) -> bool:
    """Writing runs over the picture's edge."""
    return metrics.cut_lines >= CUT_LINES and not metrics.portrait


def many_faces(metrics: Metrics) -> bool:
    """More than one person."""
    return metrics.faces is not None and metrics.faces > 1


def head_cut(metrics: Metrics) -> bool:
    """The top of the head is outside the picture."""
    return metrics.faces == 1 and metrics.head_top < HEAD_CUT


def too_near(metrics: Metrics) -> bool:
    """The head fills the picture."""
    return metrics.faces == 1 and metrics.head > HEAD_TOO_TALL


def too_far(metrics: Metrics) -> bool:
    """The head is too small to be printed."""
    return metrics.faces == 1 and metrics.head_pixels < HEAD_PIXELS


def background(metrics: Metrics) -> bool:
    """There is something behind the person."""
    return metrics.faces == 1 and metrics.backdrop > BACKDROP


# In the order in which they are mended: without light or focus nothing else can be told.
_CHECKS: dict[str, Callable[[Metrics], bool]] = {
    "photo.too_small": too_small,
    "photo.too_dark": too_dark,
    "photo.blank": blank,
    "photo.blurred": blurred,  # before the light: thin ink out of focus is pale
    "photo.too_bright": too_bright,
    "photo.glare": glaring,
    "photo.cut_off": cut_off,
    "photo.many_faces": many_faces,
    "photo.too_near": too_near,
    "photo.head_cut": head_cut,
    "photo.too_far": too_far,
    "photo.background": background,
}


def judge(metrics: Metrics) -> str | None:
    """The wording key of the one thing to mend first, or None when the page is good enough."""
    return next((reason for reason, holds in _CHECKS.items() if holds(metrics)), None)


def screen(metrics: Metrics) -> bool:
    """Photographed from a screen."""
    return metrics.moire >= SCREEN


def no_face(metrics: Metrics) -> bool:
    """A portrait in which no face was found, which may be the detector's fault."""
    return metrics.faces == 0


def turned(metrics: Metrics) -> bool:
    """A portrait whose face lies on its side or head."""
    return metrics.faces == 1 and metrics.turns != 0


_REMARKS: dict[str, Callable[[Metrics], bool]] = {
    "photo.upside_down": turned,
    "photo.no_face": no_face,
    "photo.screen": screen,
}


def remark(metrics: Metrics) -> str | None:
    """What is said mildly of a page that is good enough; None where there is nothing to say."""
    return next((reason for reason, holds in _REMARKS.items() if holds(metrics)), None)


def flags(metrics: Metrics) -> Iterator[dict[str, Any]]:
    """Doubts for staff, whatever the person was told."""
    for code, holds in {"flag.screen": screen, "flag.no_face": no_face, "flag.many_faces": many_faces}.items():
        if holds(metrics):
            yield {"code": code}
