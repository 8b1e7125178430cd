"""Named sets of generated photos, each from a seed: the same seed gives the same people, papers and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from workers.ocr.generated import certificates, contracts, diplomas, id_cards
from workers.ocr.generated.photographing import Conditions, awful, easy, hard, photograph
from workers.ocr.generated.sheet import Face, Sheet

SETS: Mapping[str, Callable[[Random], Conditions]] = {"easy": easy, "hard": hard, "awful": awful}

Draw = Callable[[Random, str, Face | None], tuple[Sheet, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of generated paper. `side`: the kind of page that a reader tells (``id_front``, ``diploma`` …)."""

    side: str
    layouts: tuple[str, ...]
    draw: Draw


KINDS: Mapping[str, Kind] = {
    "id_front": Kind("id_front", id_cards.LAYOUTS, id_cards.front),
    "id_back": Kind("id_back", id_cards.LAYOUTS, id_cards.back),
    "graduation": Kind("diploma", diplomas.LAYOUTS, diplomas.graduation),
    "degree": Kind("diploma", diplomas.DEGREE_LAYOUTS, diplomas.degree),
    "title": Kind("certificate", certificates.TITLE_LAYOUTS, certificates.title),
    "skill": Kind("certificate", certificates.SKILL_LAYOUTS, certificates.skill),
    "award": Kind("certificate", certificates.AWARD_LAYOUTS, certificates.award),
    "contract": Kind("contract", contracts.LAYOUTS, contracts.contract),
}


@dataclass(frozen=True, slots=True)
class Photo:
    """A generated photo: the JPEG, what stands on the paper in canonical form (by names as readings have them), and
    how it was taken."""

    kind: str
    side: str
    layout: str
    picture: bytes = field(repr=False)
    truth: Mapping[str, str]
    how: Conditions


def drawn(kind: str, seed: int | str, *, face: Face | None = None) -> tuple[Sheet, dict[str, str], str]:
    """The flat paper, what stands on it, and its layout. Raises KeyError for a kind that is not in KINDS."""
    random = _random(kind, seed)
    layout = random.choice(KINDS[kind].layouts)
    return *KINDS[kind].draw(random, layout, face), layout


def photo(kind: str, name: str, seed: int | str, *, face: Face | None = None) -> Photo:
    """A photo of the paper that `drawn` gives, taken as the set `name` takes them. Raises KeyError for others."""
    sheet, truth, layout = drawn(kind, seed, face=face)
    random = _random(f"{kind}:{name}", seed)
    how = SETS[name](random)
    return Photo(kind, KINDS[kind].side, layout, photograph(sheet.image, how, random), truth, how)


def photos(
    name: str, count: int, seed: int, *, kinds: tuple[str, ...] = (), face: Face | None = None
) -> Iterator[Photo]:
    """`count` photos of each kind (of all of them by default), kind after kind."""
    for kind in kinds or tuple(KINDS):
        for number in range(count):
            yield photo(kind, name, f"{seed}:{number}", face=face)


def _random(purpose: str, seed: int | str) -> Random:
    return Random(f"{purpose}:{seed}")  # noqa: S311 - repeatable, nothing secret
