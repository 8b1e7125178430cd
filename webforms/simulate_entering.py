"""What an invented person does in a door: start, answer, photograph; their ID card may show what they typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from models.application import service
from models.interview.steps import Plan
from models.programme.mentions import form_fields
from models.programme.pack import Pack
from models.programme.papers import paper_of
from models.programme.showing import display
from webforms.simulate_people import FEMALE, Person
from webforms.simulate_photos import Album

DOOR = "simulate"
_SLIP = 4  # one card in so many shows another name than was typed: a demo has a difference to look at
Draw = Callable[..., bytes]  # `workers.inline.Inline.id_card`


def enter(
    pack: Pack, person: Person, answers: Mapping[str, Any], plan: Plan, random: Random, album: Album, draw: Draw | None
) -> tuple[str, int]:
    """Start, answer, photograph: the calls that a door makes. Gives the id and the number of pages."""
    started = service.start(pack.slug, DOOR, "en" if random.random() < 0.05 else "zh")
    application_id = started.application.id
    service.record(application_id, {**answers, "verdict": True}, DOOR)
    pages = 0
    for ask in plan.documents:
        document = ask.key.partition(":")[2]
        if not ask.required and random.random() < 0.5:
            service.skip_document(application_id, document, DOOR)
            continue
        sides = _sides(pack, document) if draw is not None else ()
        for number in range(max(1, ask.min_pages)):
            if draw is not None and number < len(sides):
                data = draw(sides[number], *_on_card(pack, person, answers), seed=person.id_number)
            else:
                data = album.page(document, ask.label.zh, ask.portrait, random, person.name)
            service.add_page(application_id, document, data, f"{document}:{number}", DOOR)
            pages += 1
    return application_id, pages


def _sides(pack: Pack, document: str) -> tuple[str, ...]:
    """The sides of an ID card; none for any other document."""
    spec = next(one for one in pack.documents.documents if one.id == document)
    paper = paper_of(spec)
    return paper.sides if paper is not None and paper.sides[:1] == ("id_front",) else ()


def _on_card(pack: Pack, person: Person, answers: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """Name, sex, ethnic group, number and address as they stand on the card; now and then another name. Without a
    place on the form the address is empty."""
    name = person.name
    if int(person.phone[-4:]) % _SLIP == 1:
        name = name[:-1] + next(char for char in FEMALE if char != name[-1])
    group, place = _typed(pack, answers, "ethnicity"), _typed(pack, answers, "household_place")
    address = f"{place}样例路{person.phone[-2:]}号" if place else ""
    return name, person.sex, group.removesuffix("族") or "汉", person.id_number, address


def _typed(pack: Pack, answers: Mapping[str, Any], profile: str) -> str:
    spec = next((field for field in form_fields(pack) if field.profile == profile), None)
    return display(spec, answers.get(f"field:{spec.id}"), "zh") if spec is not None else ""
