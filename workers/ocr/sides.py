"""Which reader reads which page: the registry of sides, and which of them a page is by what it says.

A new kind of page is a `Side` here: how much lines look like it, and what stands on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.documents.reading import Found
from workers.ocr import certificate, contract, diploma, id_card
from workers.ocr.lines import Line


@dataclass(frozen=True, slots=True)
class Side:
    """A kind of page. `likeness`: 0 to 1, how much the writing looks like it; `read`: what stands there, by name;
    `names`: what a good page of this kind always shows (a page that shows them all is not looked at again)."""

    likeness: Callable[[Sequence[Line]], float]
    read: Callable[[Sequence[Line]], Mapping[str, Found]]
    names: tuple[str, ...] = ()
    sealed: bool = False  # a red seal may lie over what is read
    pair: str = ""  # another side that may stand on the same page: a copy of both sides of a card


SIDES: dict[str, Side] = {
    "id_front": Side(
        id_card.front_likeness,
        id_card.read_front,
        ("name", "sex", "ethnicity", "birth_date", "address", "id_number"),
        pair="id_back",
    ),
    "id_back": Side(id_card.back_likeness, id_card.read_back, ("issuer", "valid_from", "valid_until")),
    "diploma": Side(diploma.likeness, diploma.read, ("name", "school", "major", "issued_on", "number"), True),
    "certificate": Side(certificate.likeness, certificate.read, ("name", "issued_on", "issuer", "number"), True),
    "contract": Side(contract.likeness, contract.read, ("name", "employer", "valid_from", "valid_until"), True),
}

ALSO = 0.5  # likeness of a page to the other side of its paper, where that is on it as well
LIKE = 0.3  # below this, a page is not taken to be of a kind
EXPECTED = 0.2  # a page of the kind that was asked for needs to look like it that much less


def kind_of(lines: Sequence[Line], expected: Sequence[str] = ()) -> str:
    """The kind of page that the writing looks most like; empty where it looks like none."""
    likeness = {name: side.likeness(lines) + (EXPECTED if name in expected else 0.0) for name, side in SIDES.items()}
    best = max(likeness, key=lambda name: likeness[name])
    return best if likeness[best] >= LIKE and likeness[best] > (EXPECTED if best in expected else 0.0) else ""


def beside(kind: str, lines: Sequence[Line]) -> Iterator[str]:
    """The other side of the same paper, where the page shows both."""
    pair = SIDES[kind].pair if kind in SIDES else ""
    if pair and SIDES[pair].likeness(lines) >= ALSO:
        yield pair


def read(kind: str, lines: Sequence[Line]) -> Mapping[str, Found]:
    """What stands on a page of that kind; nothing for a kind without a reader."""
    return SIDES[kind].read(lines) if kind in SIDES else {}


def whole(kind: str, shown: Mapping[str, Found]) -> bool:
    """Whether everything that such a page always shows has been read."""
    return kind in SIDES and all(name in shown and shown[name].value is not None for name in SIDES[kind].names)
