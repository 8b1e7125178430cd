"""What `bole assess` speaks: an assessment as JSON data, the facts a pack knows, and facts read back from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from models.eligibility.compiled import compiled
from models.eligibility.verdict import UNSURE, Assessment, FactValue, Finding, GroupFinding, RouteFinding
from models.interview import wording
from models.programme.pack import Fact, Pack

Claimed = tuple[str, ...] | str


def to_json(assessment: Assessment, pack: Pack, lang: str) -> dict[str, Any]:
    """Everything the verdict says, each part with its clause, quotation and the facts it used, in `lang`."""
    return {
        "programme": pack.slug,
        "version": pack.programme.version,
        "outcome": assessment.outcome.value,
        "claimed": list(assessment.claimed),
        "categories": {name: _group(found, lang) for name, found in assessment.categories.items()},
        "general": _group(assessment.general, lang),
        "nearest": assessment.nearest,
        "route": _route(assessment.route, pack, lang),
        "pending": list(assessment.pending),
    }


def _group(found: GroupFinding, lang: str) -> dict[str, Any]:
    leaves = {leaf.condition: leaf for leaf in found.findings()}
    return {
        "status": found.status.value,
        "clause": found.clause,
        "title": found.title.get(lang),
        "unsure": found.unsure,
        "conditions": [_finding(leaf, lang) for leaf in leaves.values()],
        "groups": [
            {"id": group.id, "status": group.status.value, "clause": group.clause, "title": group.title.get(lang)}
            for group in _groups(found)
        ],
    }


def _groups(found: GroupFinding) -> list[GroupFinding]:
    out: list[GroupFinding] = []
    for part in found.parts:
        if isinstance(part, GroupFinding):
            out += [part, *_groups(part)]
    return out


def _finding(leaf: Finding, lang: str) -> dict[str, Any]:
    return {
        "id": leaf.condition,
        "status": leaf.status.value,
        "clause": leaf.clause,
        "quote": leaf.quote,
        "text": leaf.text.get(lang),
        "facts": {name: list(value) if isinstance(value, tuple) else value for name, value in leaf.facts.items()},
        "unsure": leaf.unsure,
        "staff_why": leaf.staff_why.get(lang) if leaf.staff_why else None,
        "evidence": list(leaf.evidence),
    }


def _route(route: RouteFinding, pack: Pack, lang: str) -> dict[str, Any]:
    names = {unit.id: unit.name.get(lang) for unit in pack.routing.units}
    return {
        "unit": route.unit,
        "name": names.get(route.unit or ""),
        "status": route.status.value,
        "clause": route.clause,
        "quote": route.quote,
        "text": route.text.get(lang),
        "candidates": [{"unit": unit, "name": names[unit]} for unit in route.candidates],
        "supporting": [body.get(lang) for body in route.supporting],
    }


def questions(pack: Pack) -> list[dict[str, Any]]:
    """The facts a pack knows, with their allowed values; first the claim."""
    eligibility = pack.eligibility
    claim = {
        "id": "claim",
        "kind": "choices",
        "values": [claim.id for claim in eligibility.claims()],
        "options": [
            {"value": x.id, "zh": x.name.zh, "en": x.name.en, "clause": x.clause} for x in eligibility.claims()
        ],
        "question": {"zh": eligibility.claim_question.zh, "en": eligibility.claim_question.en},
        "unsure": True,
        "part": "claim",
        "ask_when": [],
        "clause": eligibility.general_clause,
    }
    facts = [_question(fact, "eligibility") for fact in eligibility.facts]
    return [claim, *facts, *(_question(fact, "routing") for fact in pack.routing.facts)]


def _question(fact: Fact, part: str) -> dict[str, Any]:
    return {
        "id": fact.id,
        "kind": fact.kind,
        "values": _allowed(fact),
        "options": [{"value": o.value, "zh": o.label.zh, "en": o.label.en} for o in fact.options],
        "question": {"zh": fact.question.zh, "en": fact.question.en},
        "unsure": fact.unsure,
        "part": part,
        "ask_when": list(fact.ask_when),
        "clause": fact.clause,
    }


def _allowed(fact: Fact) -> list[Any] | str:
    if fact.kind == "yes_no":
        return [True, False]
    if fact.kind in ("choice", "choices"):
        return [option.value for option in fact.options]
    return "whole number, 0 or more" if fact.kind == "number" else "YYYY-MM-DD"


def facts_from_json(pack: Pack, data: object, lang: str = "zh") -> tuple[dict[str, FactValue], Claimed, list[str]]:
    """(facts, claim, problems) out of a JSON object {fact: value}. Missing or null is unknown; ``"unsure"`` is
    「不确定」; ``claim`` is a list of categories and ladders, or ``"unsure"`` (default: all). Problems are sentences in
    `lang`; what they name is left out of the facts."""
    everything = tuple(claim.id for claim in pack.eligibility.claims())
    if not isinstance(data, Mapping):
        return {}, everything, [wording.say("facts.not_an_object", lang)]
    specs = compiled(pack).facts
    facts: dict[str, FactValue] = {}
    problems: list[str] = []
    for name, value in data.items():
        if name == "claim" or value is None:
            continue
        if name not in specs:
            problems.append(wording.say("facts.unknown", lang, name=name))
        elif (problem := _wrong(specs[name], value, lang)) is not None:
            problems.append(problem)
        else:
            facts[name] = tuple(value) if isinstance(value, list) else value
    tiers = tuple(category.id for category in pack.eligibility.categories if category.id not in everything)
    claimed, wrong = _claim(data.get("claim"), everything, tiers, lang)
    return facts, claimed, problems + wrong


def _wrong(fact: Fact, value: Any, lang: str) -> str | None:
    """Why a value is not allowed; None when it is."""
    shown = str(value)[:60]
    if value == UNSURE:
        return None if fact.unsure else wording.say("facts.no_unsure", lang, name=fact.id)
    if fact.kind in ("choice", "choices"):
        items = value if fact.kind == "choices" else [value]
        known = [option.value for option in fact.options]
        if not isinstance(items, list):
            return wording.say("facts.list", lang, name=fact.id)
        stranger = next((item for item in items if item not in known), None)
        if stranger is None:
            return None
        few = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
        return wording.say("facts.not_an_option", lang, name=fact.id, value=str(stranger)[:60], known=few)
    if fact.kind == "yes_no":
        return None if isinstance(value, bool) else wording.say("facts.yes_no", lang, name=fact.id, value=shown)
    if fact.kind == "number":
        ok = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return None if ok else wording.say("facts.number", lang, name=fact.id, value=shown)
    return None if _is_date(value) else wording.say("facts.date", lang, name=fact.id, value=shown)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _claim(claim: Any, everything: tuple[str, ...], tiers: tuple[str, ...], lang: str) -> tuple[Claimed, list[str]]:
    if claim is None:
        return everything, []
    if claim == UNSURE:
        return UNSURE, []
    if not isinstance(claim, list) or not claim or any(item not in (*everything, *tiers) for item in claim):
        return everything, [wording.say("facts.claim", lang, known=", ".join((*everything, *tiers)))]
    return tuple(claim), []
