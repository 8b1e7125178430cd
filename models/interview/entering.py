"""Answers that a unit enters for somebody who has not agreed yet: read by the same rules, as if they had. What the
person alone can give (consents, declarations) stays open, so nothing of this can be handed in without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.eligibility.verdict import Outcome
from models.errors import InvalidAnswer
from models.interview import crosscheck, engine
from models.interview.prepared import prepared
from models.interview.steps import Answers, Ask, Plan, ShowVerdict, Stage
from models.programme import fields
from models.programme.pack import Pack

_PERSONAL = (Stage.CONSENT, Stage.DECLARATION)


@dataclass(frozen=True, slots=True)
class Taken:
    """What of raw values can be kept (`values`, canonical, the verdict's fingerprint among them), what cannot, and
    what is live then. `moot`: keys that this person is not asked for."""

    values: dict[str, Any] = field(repr=False)
    refused: dict[str, InvalidAnswer]
    moot: frozenset[str]
    plan: Plan

    @property
    def not_eligible(self) -> bool:
        """Whether the conditions refuse every category claimed."""
        return self.plan.assessment.outcome is Outcome.REFUSED and isinstance(self.plan.step, ShowVerdict)

    @property
    def lacking(self) -> tuple[Ask, ...]:
        """What is asked and not answered, but for photos and what the person alone can give."""
        asks = self.plan.asks
        open_ones = (ask for ask in asks if ask.key not in self.plan.answered and ask.stage not in _PERSONAL)
        return tuple(ask for ask in open_ones if ask.kind != "document")


def agreed(pack: Pack, answers: Answers) -> dict[str, Any]:
    """The answers as if every consent had been given: to see what would be asked then, never to be stored."""
    assumed = {f"consent:{consent.id}": True for consent in pack.programme.consents}
    return {**answers, **assumed}


def plan(pack: Pack, answers: Answers, on: date) -> Plan:
    """What would be live once the person has agreed."""
    return engine.plan(pack, agreed(pack, answers), on)


def take(pack: Pack, answers: Answers, raw: Mapping[str, Any], on: date, *, offer: bool = False) -> Taken:
    """Read `raw` (by answer key) against the plan that the answers make, in whatever order it comes. `offer`: take what
    follows from other answers (the birth date in an ID number) where nothing is given.

    Values of questions that come later (the form, while a deciding fact is open) are read by their kind alone.
    """
    one = _Taking(pack, agreed(pack, answers), on)
    left = {key: value for key, value in raw.items() if not key.startswith(("consent:", "declaration:", "document:"))}
    left.pop("verdict", None)
    while one.round(left, offer):
        pass
    moot = one.keep_for_later(left)
    return Taken(one.values, one.refused, frozenset(moot), one.plan)


class _Taking:
    """One reading of many values, each against the plan that those before it make."""

    def __init__(self, pack: Pack, present: dict[str, Any], on: date) -> None:
        self.pack, self.present, self.on = pack, present, on
        self.values: dict[str, Any] = {}
        self.refused: dict[str, InvalidAnswer] = {}
        self.plan = engine.plan(pack, present, on)

    def round(self, left: dict[str, Any], offer: bool) -> bool:
        """Take what is asked now, then go on from the verdict; whether anything has changed."""
        moved = False
        for key in list(left):
            ask = self.plan.ask(key)
            if ask is not None:
                value = left.pop(key)
                moved |= not (_blank(value) and ask.required) and self._take(key, value)
        step = self.plan.step
        if isinstance(step, ShowVerdict) and step.assessment.outcome is not Outcome.REFUSED:
            moved |= self._take("verdict", True)
        elif not moved and offer:
            moved = self._offered(left)
        return moved

    def _take(self, key: str, value: Any) -> bool:
        try:
            canonical = engine.accept(self.pack, self.present, key, value, self.on, self.plan)
        except InvalidAnswer as refusal:
            self.refused[key] = refusal
            return False
        self._put(key, canonical)
        return True

    def _put(self, key: str, canonical: Any) -> None:
        self.values[key] = self.present[key] = canonical
        self.plan = engine.plan(self.pack, self.present, self.on)

    def _offered(self, left: Mapping[str, Any]) -> bool:
        for ask in self.plan.asks:
            known = ask.key in self.present or ask.key in self.refused or ask.key in left
            if ask.stage is Stage.FORM and ask.suggestion is not None and not known:
                return self._take(ask.key, ask.suggestion) or self._offered({**left, ask.key: None})
        return False

    def keep_for_later(self, left: Mapping[str, Any]) -> set[str]:
        """Read by its kind what is not asked yet, and by the ID number beside it; keys that are not asked at all."""
        ready = prepared(self.pack)
        known = {ask.key: ask for ask in (*ready.facts.values(), *ready.fields.values())}
        moot = set()
        for key, value in left.items():
            ask = known.get(key)
            if ask is None or self.plan.sections:
                moot.add(key)
            elif not _blank(value):
                try:
                    self.values[key] = fields.parse(ask, value, options=ask.options, today=self.on)
                except InvalidAnswer as refusal:
                    self.refused[key] = refusal
        for key, why in list(crosscheck.at_odds_with_id(ready, self.values)):
            self.refused[key] = why
            del self.values[key]
        return moot


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, list) and not value)
