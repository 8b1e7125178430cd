"""What an engine read: lines of writing with their places. Pure; readers work on these alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.documents.reading import Box, Found

# Lines whose middles are closer than this share of the smaller height stand in one row.
SAME_ROW = 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of writing that the engine took for a line.

    `box`: where on the upright picture, as shares of its width and height. `level`: the same after turning the writing
    horizontal, in units of the picture's width on both axes, so that rows are rows although the page lies aslant.
    `sure`: the engine's confidence in each character of `text`, or empty where it is not known.
    """

    text: str = field(repr=False)
    score: float
    box: Box
    level: Box
    sure: tuple[float, ...] = ()

    @property
    def height(self) -> float:
        """Of the writing, in units of the picture's width."""
        return self.level[3] - self.level[1]

    @property
    def middle(self) -> float:
        """Height of the line's middle on the page."""
        return (self.level[1] + self.level[3]) / 2

    def surest(self, start: int, end: int) -> float:
        """The lowest confidence among the characters from `start` to `end`."""
        return min(self.sure[start:end], default=self.score) if self.sure else self.score


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that stand side by side, from left to right; `text` is theirs without any spaces."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """What the row says, without spaces."""
        return "".join(squeezed(line.text) for line in self.lines)

    @property
    def middle(self) -> float:
        """Height of the row's middle on the page."""
        return sum(line.middle for line in self.lines) / len(self.lines)

    @property
    def left(self) -> float:
        """Where the row begins."""
        return self.lines[0].level[0]

    def found(self, text: str, value: str | None) -> Found:
        """`text` as found in this row: of the lines that hold a part of it."""
        at = self.text.find(text)
        return found(self._holding(at, at + len(text)) if at >= 0 else self.lines, text, value)

    def _holding(self, start: int, end: int) -> tuple[Line, ...]:
        held, at = [], 0
        for line in self.lines:
            length = len(squeezed(line.text))
            if at < end and at + length > start:
                held.append(line)
            at += length
        return tuple(held) or self.lines


def squeezed(text: str) -> str:
    """Without spaces of any kind, also between characters."""
    return "".join(text.split())


def found(lines: Sequence[Line], text: str, value: str | None, trusted: bool = False) -> Found:
    """Something that stands on these lines: the lowest of their scores, the box around all of them."""
    return Found(text, value, trusted, min(line.score for line in lines), around(line.box for line in lines))


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them. ValueError for none."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def rows(lines: Iterable[Line]) -> list[Row]:
    """The lines by rows, from the top; within a row from the left."""
    made: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.middle):
        row = next((row for row in reversed(made[-3:]) if _beside(row, line)), None)
        if row is None:
            made.append([line])
        else:
            row.append(line)
    return [Row(tuple(sorted(row, key=lambda line: line.level[0]))) for row in made]


def _beside(row: Sequence[Line], line: Line) -> bool:
    """Whether `line` goes on where a line of the row stands: level with it, and not above or below it."""
    nearest = min(row, key=lambda other: _gap(other, line))
    return abs(nearest.middle - line.middle) < SAME_ROW * min(nearest.height, line.height) and all(
        _overlap(other, line) < 0.5 * min(_width(other), _width(line)) for other in row
    )


def _gap(one: Line, other: Line) -> float:
    return max(one.level[0], other.level[0]) - min(one.level[2], other.level[2])


def _overlap(one: Line, other: Line) -> float:
    return max(0.0, -_gap(one, other))


def _width(line: Line) -> float:
    return line.level[2] - line.level[0]
