"""The plan after one more answer to the form, worked out from the plan before it.

Most fields of a form stand for themselves: no other field, section or document comes up, goes or changes with them
(`Prepared.moving` names those by which something does). After an answer to such a field the plan is the one before,
with that field answered or not; everything else would be worked out to be what it was.
"""

from __future__ import annotations

from collections.abc import Collection, Container

from models.interview.engine import Worked
from models.interview.live import Form
from models.interview.steps import Answers, Plan, Ready, SectionState, Step


def after(before: Worked, answers: Answers, keys: Collection[str]) -> Worked | None:
    """The plan of `before`, made on the same day, now that these keys have these answers; None where it has to be
    worked out anew."""
    was, plan = before.form, before.plan
    if was is None:
        return None
    ready = was.prepared
    derived = dict(was._derived)  # its own: a plan of before the form is many people's
    form = Form(ready, answers, was.facts, was.assessment, was.conditions, was.on, was.live, derived)
    answered, sections = plan.answered, plan.sections
    for key in keys:
        spec, ask = ready.field_specs.get(key.removeprefix("field:")), plan.ask(key)
        if spec is None or ask is None or not key.startswith("field:") or spec.id in ready.moving:
            return None
        now_so = form.answered(spec, ask)
        if now_so is not (key in answered):
            answered = answered.union((key,)) if now_so else answered.difference((key,))
            more = 1 if now_so else -1
            sections = tuple([_with(one, more) if one.id == ask.section else one for one in sections])
    step = _first_open(plan, answered)
    return Worked(Plan(plan.asks, answered, plan.assessment, step, sections, plan.documents, plan.by_key), form)


def _first_open(plan: Plan, answered: Container[str]) -> Step:
    for ask in plan.asks:
        if ask.key not in answered:
            return ask
    return Ready()


def _with(section: SectionState, more: int) -> SectionState:
    """The section with so many more of its questions answered."""
    return SectionState.of(section.id, section.title, section.asks, section.answered + more)
