"""The plan after one more answer to the form, worked out from the plan before it.

Most fields of a form stand for themselves: no other field, section or document comes up, goes or changes with them
(`Prepared.moving` names those by which something does). After an answer to such a field the plan is the one before,
with that field answered or not; everything else would be worked out to be what it was.
"""

from __future__ import annotations

from collections.abc import Collection, Container

from models.interview.engine import Worked
from models.interview.live import Form
from models.interview.steps import Answers, Plan, Ready, SectionState


def after(before: Worked, answers: Answers, keys: Collection[str]) -> Worked | None:
    """The plan of `before`, made on the same day, now that these keys have these answers; None where it has to be
    worked out anew."""
    was, plan = before.form, before.plan
    if was is None:
        return None
    ready = was.prepared
    form = Form(ready, answers, was.facts, was.assessment, was.conditions, was.on, was.live, was._derived)
    answered, touched = set(plan.answered.difference(keys)), set()
    for key in keys:
        spec, ask = ready.field_specs.get(key.removeprefix("field:")), plan.ask(key)
        if spec is None or ask is None or not key.startswith("field:") or spec.id in ready.moving:
            return None
        touched.add(ask.section)
        if form.answered(spec, ask):
            answered.add(key)
    sections = tuple([_recounted(one, answered) if one.id in touched else one for one in plan.sections])
    step = next((ask for ask in plan.asks if ask.key not in answered), Ready())
    now = Plan(plan.asks, frozenset(answered), plan.assessment, step, sections, plan.documents, plan.by_key)
    return Worked(now, form)


def _recounted(section: SectionState, answered: Container[str]) -> SectionState:
    done = sum([ask.key in answered for ask in section.asks])
    return SectionState.of(section.id, section.title, section.asks, done)
