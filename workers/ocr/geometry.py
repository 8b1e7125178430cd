"""Where writing stands: four corners in a picture, and the lines that they become. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from workers.ocr.lines import Line

Point = tuple[float, float]
SLANT = 40.0  # degrees; more is no slant but writing of another direction
TALL = 1.5  # so much higher than wide, and it is writing that runs down the picture


@dataclass(frozen=True, slots=True)
class Quad:
    """The corners of a piece of writing, in pixels: top left, top right, bottom right, bottom left as it lies."""

    corners: tuple[Point, Point, Point, Point]

    @property
    def width(self) -> float:
        """Along the upper or lower edge, whichever is longer."""
        a, b, c, d = self.corners
        return max(math.dist(a, b), math.dist(c, d))

    @property
    def height(self) -> float:
        """Along the left or right edge, whichever is longer."""
        a, b, c, d = self.corners
        return max(math.dist(a, d), math.dist(b, c))

    @property
    def tall(self) -> bool:
        """Whether the writing runs down the picture."""
        return self.height >= TALL * self.width

    @property
    def angle(self) -> float:
        """Of its edges, in degrees: positive where the line falls to the right."""
        a, b, c, d = self.corners
        return math.degrees(math.atan2(b[1] - a[1] + c[1] - d[1], b[0] - a[0] + c[0] - d[0]))


def ordered(corners: Iterable[Point]) -> Quad:
    """The quad of four corners in any order."""
    left_first = sorted(corners)
    (a, d), (b, c) = (sorted(pair, key=lambda point: point[1]) for pair in (left_first[:2], left_first[2:]))
    return Quad((a, b, c, d))


def turned(quad: Quad, quarters: int, width: int, height: int) -> Quad:
    """The quad after the picture (`width` × `height` before) was turned clockwise by quarter turns."""
    corners: list[Point] = list(quad.corners)
    for _ in range(quarters % 4):
        corners = [(height - y, x) for x, y in corners]
        width, height = height, width
    return ordered(corners)


def sideways(quads: Sequence[Quad]) -> bool:
    """Whether most of the writing runs down the picture."""
    lengths = [(max(quad.width, quad.height), quad.tall) for quad in quads]
    return sum(length for length, tall in lengths if tall) > 0.6 * sum(length for length, _ in lengths)


def slant(quads: Sequence[Quad]) -> float:
    """By how many degrees the lines fall to the right, by the longer of them; 0 where there are none."""
    wide = [quad for quad in quads if quad.width > 3 * quad.height and abs(quad.angle) <= SLANT]
    return median(quad.angle for quad in wide) if wide else 0.0


def placed(
    quads: Sequence[Quad], texts: Sequence[tuple[str, float, tuple[float, ...]]], width: int, height: int
) -> list[Line]:
    """Lines of what was read in each quad (text, score, confidence by character) of a picture of that size."""
    angle = math.radians(slant(quads))
    cosine, sine = math.cos(angle), math.sin(angle)
    made = []
    for quad, (text, score, sure) in zip(quads, texts, strict=True):
        xs, ys = zip(*quad.corners, strict=True)
        box = (
            max(0.0, min(xs) / width),
            max(0.0, min(ys) / height),
            min(1.0, max(xs) / width),
            min(1.0, max(ys) / height),
        )
        x, y = sum(xs) / 4 / width, sum(ys) / 4 / width
        across, down = x * cosine + y * sine, y * cosine - x * sine
        wide, high = quad.width / 2 / width, quad.height / 2 / width
        made.append(Line(text, score, box, (across - wide, down - high, across + wide, down + high), sure))
    return made
