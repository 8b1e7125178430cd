"""One page: its writing found and read, the right way up, and a second, closer look where something is still lacking.

The first look is small and cheap, and enough for most photos. Only a page that shows less than it should is looked at
again, nearer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.documents.reading import UNREADABLE, Found, PageReading
from workers.ocr import sides
from workers.ocr.engine import Engine, Picture, Text
from workers.ocr.geometry import Quad, placed, sideways, turned
from workers.ocr.lines import Line, around

FIRST_LOOK = 736  # longest side, pixels
SECOND_LOOK = 1216
NEAR = 0.7  # writing that takes less of the picture than this is cut out for the second look
MARGIN = 0.03
LEGIBLE = 0.7  # what is read less surely is shown as it stands, but is no value: nothing is filled in or compared
CLEAR = 0.85  # lines read this surely on average stand the right way up
PROBES = 4  # lines read upside down to find out


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look gave: the lines of the upright picture, and how it had to be turned."""

    lines: list[Line]
    quarter_turns: int
    picture: Picture

    @property
    def clear(self) -> bool:
        """Whether there is writing, and it was read surely."""
        return bool(self.lines) and _mean([line.score for line in self.lines], self.lines) >= CLEAR


def read_page(engine: Engine, jpeg: bytes, expected: Sequence[str] = ()) -> PageReading:
    """What stands on a page of which `expected` kinds were asked for. ValueError for bytes that are no picture."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("not a picture that OpenCV decodes")
    return read_picture(engine, picture, expected)


def read_picture(engine: Engine, picture: Picture, expected: Sequence[str] = ()) -> PageReading:
    """As `read_page`, of a decoded picture. Where papers with seals were asked for, the picture is looked at in red
    light, in which a seal's ink is as bright as the paper and what it lies over can be read; in its own colours if it
    shows no known kind of page that way."""
    if expected and all(name in sides.SIDES and sides.SIDES[name].sealed for name in expected):
        reading = _read(engine, np.repeat(picture[:, :, 2:], 3, axis=2), expected)
        if reading.kind:
            return reading
    return _read(engine, picture, expected)


def _read(engine: Engine, picture: Picture, expected: Sequence[str]) -> PageReading:
    first = look(engine, picture, FIRST_LOOK)
    reading = interpret(first.lines, expected)
    if _lacks(reading, first):
        cut, origin = _nearer(first)
        second = look(engine, cut, SECOND_LOOK if cut is first.picture else FIRST_LOOK)
        lines = second.lines if second.quarter_turns == 0 else []
        reading = _better(reading, interpret([_moved(line, origin) for line in lines], expected))
    return replace(reading, quarter_turns=first.quarter_turns)


def look(engine: Engine, picture: Picture, side: int) -> Looked:
    """Find and read all writing, at that longest side; a picture that lies on its side or head is turned first."""
    quads = engine.find(picture, side)
    turns = 0
    if sideways(quads):
        picture, quads, turns = _turn(picture, quads, 1)
    texts = engine.read(picture, quads)
    doubtful = bool(quads) and _mean([score for _, score, _ in texts], quads) < CLEAR
    if doubtful and _is_head_down(engine, picture, quads, texts):
        picture, quads, _ = _turn(picture, quads, 2)
        turns = (turns + 2) % 4
        texts = engine.read(picture, quads)
    height, width = picture.shape[:2]
    lines = [line for line in placed(quads, texts, width, height) if line.text.strip()]
    return Looked(sorted(lines, key=lambda line: (line.middle, line.level[0])), turns, picture)


def interpret(lines: Sequence[Line], expected: Sequence[str]) -> PageReading:
    """What the lines amount to: which kind of page, and what it shows."""
    kind = sides.kind_of(lines, expected)
    shown = dict(sides.read(kind, lines))
    for other in sides.beside(kind, lines):
        shown = {**sides.read(other, lines), **shown}
    shown = {
        name: one if one.score >= LEGIBLE else replace(one, value=None, trusted=False) for name, one in shown.items()
    }
    return PageReading("read", kind, shown) if shown else replace(UNREADABLE, kind=kind)


def _lacks(reading: PageReading, first: Looked) -> bool:
    """Clear writing of no known kind is another paper, and nearer it would be that as well."""
    return not sides.whole(reading.kind, reading.found) and not (reading.kind == "" and first.clear)


def _better(first: PageReading, second: PageReading) -> PageReading:
    """Both looks in one; of what both read, the surer. A second look that saw another kind of page adds nothing,
    unless the first saw none."""
    if not first.kind or (not first.found and second.found):
        return second if second.kind or second.found else first
    if second.kind != first.kind:
        return first
    shown = dict(first.found)
    for name, one in second.found.items():
        if name not in shown or _rank(one) > _rank(shown[name]) or _is_more(one, shown[name]):
            shown[name] = one
    return PageReading("read" if shown else "unreadable", first.kind, shown)


def _rank(one: Found) -> tuple[bool, bool, float]:
    return (one.trusted, one.value is not None, one.score)


def _is_more(second: Found, first: Found) -> bool:
    """Whether the nearer look saw the whole of what the first saw the middle of; what is trusted is whole."""
    if first.trusted or not first.value or not second.value:
        return False
    return first.value != second.value and first.value in second.value


def _nearer(first: Looked) -> tuple[Picture, tuple[float, float, float, float]]:
    """The part of the picture that has writing, with its box in the picture; all of it where that is most of it."""
    whole = (0.0, 0.0, 1.0, 1.0)
    if not first.lines:
        return first.picture, whole
    left, top, right, bottom = around(line.box for line in first.lines)
    left, top, right, bottom = left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN
    box = (max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom))
    if max(box[2] - box[0], box[3] - box[1]) > NEAR:
        return first.picture, whole
    height, width = first.picture.shape[:2]
    cut = first.picture[int(box[1] * height) : int(box[3] * height), int(box[0] * width) : int(box[2] * width)]
    return np.ascontiguousarray(cut), box


def _moved(line: Line, origin: tuple[float, float, float, float]) -> Line:
    """A line of a part of the picture, with its box in the whole."""
    left, top, right, bottom = origin
    wide, high = right - left, bottom - top
    box = (left + line.box[0] * wide, top + line.box[1] * high, left + line.box[2] * wide, top + line.box[3] * high)
    return replace(line, box=box)


def _turn(picture: Picture, quads: Sequence[Quad], quarters: int) -> tuple[Picture, list[Quad], int]:
    height, width = picture.shape[:2]
    upright = np.ascontiguousarray(np.rot90(picture, -quarters))
    return upright, [turned(quad, quarters, width, height) for quad in quads], quarters


def _is_head_down(engine: Engine, picture: Picture, quads: Sequence[Quad], texts: Sequence[Text]) -> bool:
    """Whether the longest lines are read more surely the other way round."""
    longest = sorted(range(len(quads)), key=lambda at: -quads[at].width)[:PROBES]
    other, probes, _ = _turn(picture, [quads[at] for at in longest], 2)
    now = _mean([texts[at][1] for at in longest], probes)
    return _mean([score for _, score, _ in engine.read(other, probes)], probes) > now + 0.05


def _mean(scores: Sequence[float], things: Sequence[Quad] | Sequence[Line]) -> float:
    """By length: a long line says more about which way is up than a single character."""
    weights = [one.width if isinstance(one, Quad) else max(1, len(one.text)) for one in things]
    return sum(score * weight for score, weight in zip(scores, weights, strict=True)) / sum(weights)
