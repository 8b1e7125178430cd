"""What was read on a paper, as answers that the form could take: offered to the person, who confirms or corrects.

Nothing is replaced: what is answered already is no longer offered. Nothing unsure passes for sure: an ID number that
does not prove itself is shown to be checked digit by digit and left to be typed. What follows from the ID number (sex,
birth date) is not asked twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from models.documents import words
from models.documents.comparing import SURE
from models.documents.reading import Found, PageReading
from models.errors import InvalidAnswer
from models.interview import engine
from models.interview.live import derived
from models.interview.prepared import prepared
from models.interview.steps import Ask, Plan, Stage
from models.programme.form import Document, FormField
from models.programme.pack import Pack
from models.programme.papers import paper_of

WORTH = 2  # open fields that make the offer worth a step
# sure: to be confirmed; doubtful: to be confirmed after a closer look; unproven: shown, but to be typed by the person;
# follows: what the ID number that is offered (or stands) says by itself.
Trust = Literal["sure", "doubtful", "unproven", "follows"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field that is open, and what the paper says. `value` is canonical, as the form's own rules took it; None where
    the person has to type it. `text`: as it stands on the paper; empty where it only follows."""

    ask: Ask
    trust: Trust
    value: Any = field(default=None, repr=False)
    text: str = field(default="", repr=False)


def document_of(pack: Pack) -> Document | None:
    """The document that is worth photographing before the form."""
    for document in pack.documents.documents:
        paper = paper_of(document)
        if paper is not None and paper.prefill and paper.sides:
            return document
    return None


def consented(pack: Pack, answers: Mapping[str, Any]) -> bool:
    """Whether every consent that is asked of everybody was given, those one may refuse among them."""
    return all(answers.get(f"consent:{one.id}") is True for one in pack.programme.consents if not one.channels)


def open_fields(pack: Pack, plan: Plan, document: Document) -> tuple[Ask, ...]:
    """The open questions of the form that the paper would answer."""
    profiles = _profiles(document)
    specs = prepared(pack).field_specs
    return tuple(
        ask
        for ask in plan.asks
        if ask.stage is Stage.FORM and ask.key not in plan.answered and specs[_name(ask)].profile in profiles
    )


def proposals(
    pack: Pack, answers: Mapping[str, Any], document: Document, readings: Iterable[PageReading], on: date
) -> tuple[Proposal, ...]:
    """What the readings of the document's pages could fill in, in the form's order. Each value is one that the
    interview accepts beside the answers given and the proposals before it."""
    found = _found(document, readings)
    values, made, tried = dict(answers), {}, set(answers)
    while (ask := _next(pack, values, document, tried, on)) is not None:
        tried.add(ask.key)
        proposal = _proposal(pack, values, ask, found, on)
        if proposal is not None:
            made[ask.key] = proposal
            if proposal.value is not None:
                values[ask.key] = proposal.value
    order = [ask.key for ask in engine.plan(pack, values, on).asks]
    return tuple(sorted(made.values(), key=lambda one: order.index(one.ask.key)))


def _profiles(document: Document) -> Collection[str]:
    paper = paper_of(document)
    return {shows.profile for shows in paper.shows if shows.profile} if paper is not None else ()


def _found(document: Document, readings: Iterable[PageReading]) -> dict[str, Found]:
    """By profile the best of what was read: what proves itself before what does not, then the surest."""
    paper = paper_of(document)
    best: dict[str, Found] = {}
    for reading in readings:
        for shows in paper.shows if paper is not None and reading.kind in paper.sides else ():
            one = reading.found.get(shows.name)
            if one is None or not shows.profile:
                continue
            other = best.get(shows.profile)
            if other is None or (one.trusted, one.score) > (other.trusted, other.score):
                best[shows.profile] = one
    return best


def _next(pack: Pack, values: Mapping[str, Any], document: Document, tried: set[str], on: date) -> Ask | None:
    asks = open_fields(pack, engine.plan(pack, values, on), document)
    return next((ask for ask in asks if ask.key not in tried), None)


def _proposal(pack: Pack, values: Mapping[str, Any], ask: Ask, found: Mapping[str, Found], on: date) -> Proposal | None:
    spec = prepared(pack).field_specs[_name(ask)]
    if spec.derive and _id_is_asked(pack, values, spec, on):
        return _following(pack, values, ask, spec, on)
    one = found.get(spec.profile)
    if one is None:
        return None
    if ask.kind == "id_number" and not one.trusted:
        return Proposal(ask, "unproven", text=one.text)
    value = _accepted(pack, values, ask, _raw(ask, one), on)
    if value is None or ask.suggestion not in (None, value):
        return None  # an eligibility answer says something else: people put that right, not we
    doubtful = 0 < one.score < SURE and not one.trusted
    return Proposal(ask, "doubtful" if doubtful else "sure", value, one.text)


def _id_is_asked(pack: Pack, values: Mapping[str, Any], spec: FormField, on: date) -> bool:
    return engine.plan(pack, values, on).ask(f"field:{spec.id_field}") is not None


def _following(pack: Pack, values: Mapping[str, Any], ask: Ask, spec: FormField, on: date) -> Proposal | None:
    """What the ID number says; nothing while that is still to be typed."""
    number = values.get(f"field:{spec.id_field}")
    said = derived(spec, number) if isinstance(number, str) and number else None
    value = _accepted(pack, values, ask, said, on)
    return None if value is None else Proposal(ask, "follows", value)


def _raw(ask: Ask, one: Found) -> Any:
    """What was read, as this kind of field is answered; None where it says nothing of the kind."""
    if ask.kind == "choice":
        meant = words.options_of(ask.options, one.value or one.text)
        return next(iter(meant)) if len(meant) == 1 else None
    if ask.kind == "date":
        return one.value if one.value is not None and len(one.value) == len("2001-02-03") else None
    if ask.kind == "month":
        return one.value[: len("2001-02")] if one.value else None
    return (one.value or one.text) if ask.kind in ("text", "long_text", "place", "id_number") else None


def _accepted(pack: Pack, values: Mapping[str, Any], ask: Ask, raw: Any, on: date) -> Any:
    if raw in (None, ""):
        return None
    try:
        return engine.accept(pack, values, ask.key, raw, on)
    except InvalidAnswer:
        return None


def _name(ask: Ask) -> str:
    return ask.key.removeprefix("field:")


def grouped(number: str) -> str:
    """An ID number in the groups in which people compare it (region, birth date, the rest); other texts as they are."""
    plain = "".join(number.split())
    return f"{plain[:6]} {plain[6:14]} {plain[14:]}" if len(plain) == 18 else number


def to_confirm(made: Iterable[Proposal]) -> Iterator[Proposal]:
    """Those that the person only has to confirm."""
    return (one for one in made if one.value is not None)
