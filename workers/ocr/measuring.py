"""How well papers are read: generated photos, of which it is known what stands on them, against what a reader says.

`bole bench ocr` prints it. The photos go the way that uploads go: through the decoder's child, then the engine.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.documents.reading import Found, PageReading
from workers.decoding import Options, Refused, decode
from workers.ocr.engine import Missing, PaddleModels
from workers.ocr.generated import sets
from workers.ocr.generated.sets import Photo
from workers.ocr.generated.sheet import Face
from workers.ocr.page import read_page

Reads = Callable[[bytes, Sequence[str]], PageReading]
_DOTS = str.maketrans("•・．.", "····")
NUMBER = "id_number"
__all__ = ["Missing", "bench", "sets"]


@dataclass(slots=True)
class Counted:
    """Of one thing that stands on a kind of paper: on how many photos it stands, was read, and was read wrongly."""

    shown: int = 0
    read: int = 0
    wrong: int = 0
    trusted: int = 0
    wrongly_trusted: int = 0


@dataclass(slots=True)
class Tally:
    """Of one kind of paper. `seconds`: of processor time, all photos together; `unknown`: pages taken for another kind
    or none."""

    kind: str
    photos: int = 0
    unknown: int = 0
    seconds: float = 0.0
    fields: dict[str, Counted] = field(default_factory=dict)

    @property
    def wrongly_trusted(self) -> int:
        return sum(one.wrongly_trusted for one in self.fields.values())

    def add(self, photo: Photo, reading: PageReading) -> None:
        """Count one photo."""
        self.photos += 1
        self.unknown += reading.kind != photo.side
        for name in {**photo.truth, **reading.found}:
            truth, found = photo.truth.get(name), reading.found.get(name)
            if truth is not None or (found is not None and found.trusted):  # what is not known cannot be counted
                _count(self.fields.setdefault(name, Counted()), name, truth, found)


def _count(one: Counted, name: str, truth: str | None, found: Found | None) -> None:
    one.shown += truth is not None
    if found is None or found.value is None:
        return
    right = truth is not None and _same(name, found.value, truth)
    one.read += truth is not None
    one.wrong += truth is not None and not right
    one.trusted += found.trusted
    one.wrongly_trusted += found.trusted and not right


def _same(name: str, value: str, truth: str) -> bool:
    """A camera sees any dot in a name; nothing else is forgiven but the width of letters."""
    value, truth = (unicodedata.normalize("NFKC", text) for text in (value, truth))
    return value == truth or (name == "name" and value.translate(_DOTS) == truth.translate(_DOTS))


def measure(photos: Iterable[Photo], reads: Reads) -> Iterator[Tally]:
    """A tally for each kind, when its last photo has been read."""
    tally: Tally | None = None
    for photo in photos:
        if tally is None or tally.kind != photo.kind:
            if tally is not None:
                yield tally
            tally = Tally(photo.kind)
        began = time.process_time()
        reading = reads(photo.picture, (photo.side,))
        tally.seconds += time.process_time() - began
        tally.add(photo, reading)
    if tally is not None:
        yield tally


def lines(tally: Tally) -> Iterator[str]:
    """What is printed about one kind."""
    unknown = f", {tally.unknown} not recognised" if tally.unknown else ""
    yield f"{tally.kind}: {tally.photos} photos{unknown}, {tally.seconds / tally.photos:.2f} s of processor to read one"
    for name, one in tally.fields.items():
        if one.shown:
            yield f"  {name:<12}{_share(one.read, one.shown)} read {_share(one.wrong, one.shown)} wrong" + _trust(
                name, one
            )


def _share(part: int, whole: int) -> str:
    return f"{part:4d}/{whole:<4d} {100 * part / whole:5.1f} %"


def _trust(name: str, one: Counted) -> str:
    return f"   {one.trusted:4d} trusted, {one.wrongly_trusted} of them wrongly" if name == NUMBER else ""


def engine_reads() -> Reads:
    """The way of an upload: rebuilt by the decoder's child, then read. Raises Missing."""
    engine = PaddleModels()

    def reads(picture: bytes, expected: Sequence[str]) -> PageReading:
        try:
            rebuilt = decode(picture, Options()).image
        except Refused as refused:
            raise ValueError(f"a generated photo was refused: {refused.reason}") from refused
        return read_page(engine, rebuilt, expected)

    return reads


def bench(
    name: str, count: int, seed: int, kinds: tuple[str, ...], font: Path | None, say: Callable[[str], None]
) -> bool:
    """Measure the set `name` (`count` photos of each kind) and say what came out; whether no number was wrongly
    trusted. Raises Missing where nothing can read."""
    reads = engine_reads()
    face = Face(font) if font else None
    trusted = wrongly = 0
    for tally in measure(sets.photos(name, count, seed, kinds=kinds, face=face), reads):
        for line in lines(tally):
            say(line)
        trusted += sum(one.trusted for one in tally.fields.values())
        wrongly += tally.wrongly_trusted
    say(f"set {name}, {count} photos of each kind, seed {seed}: {trusted} numbers trusted, {wrongly} of them wrongly")
    return wrongly == 0
