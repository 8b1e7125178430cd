"""Eligibility: one question a page, then the verdict with the clause behind each condition."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from models.application import service
from models.application.queries import ApplicationView
from models.eligibility.verdict import Outcome
from models.errors import InvalidAnswer
from models.interview.steps import Ask, ShowVerdict, Stage
from models.programme.fields import display
from webforms.apply_base import DOOR, Problem, attach, blueprint, editable, onward, opened, page, say, switching
from webforms.apply_verdict import verdict_lines
from webforms.forms import bind
from webforms.i18n import lang


def _key(name: str) -> str:
    return "claim" if name == "claim" else f"fact:{name}"


@blueprint.route("/p/<slug>/q/<name>", methods=["GET", "POST"])
def question(slug: str, name: str) -> ResponseReturnValue:
    """One question: what is asked, why, an example, 「不确定」."""
    view = opened(slug)
    key = _key(name)
    ask = view.plan.ask(key)
    if not editable(view) or ask is None:
        return redirect(onward(view))  # the earlier answers no longer lead here
    posted = request.method == "POST"
    (field,) = bind((slug, view.pack.programme.version), {key: ask}, view.answers, request.form if posted else None)
    if not posted or switching():
        return page("question", view, field=field, ask=ask, position=_position(view, key))
    problems = attach([field], service.save_partial(view.application.id, {key: field.raw}, DOOR))
    view = opened(slug)
    if problems:
        return page("question", view, field=field, ask=ask, position=_position(view, key), problems=problems)
    return redirect(onward(view))


def _position(view: ApplicationView, key: str) -> dict[str, str | int]:
    """How many questions are behind, and the one before this one."""
    keys = [ask.key for ask in view.plan.asks if ask.stage is Stage.ELIGIBILITY]
    index = keys.index(key)
    before = keys[index - 1].rpartition(":")[2] if index else ""
    return {"number": index + 1, "before": before}


@blueprint.route("/p/<slug>/verdict", methods=["GET", "POST"])
def verdict(slug: str) -> ResponseReturnValue:
    """Each condition with its clause and words; for a refusal what failed and the nearest category."""
    view = opened(slug)
    step = view.plan.step
    if isinstance(step, Ask) and step.stage in (Stage.CONSENT, Stage.ELIGIBILITY):
        return redirect(onward(view))
    problems = []
    if request.method == "POST":
        try:
            service.record(view.application.id, {"verdict": True}, DOOR)
        except InvalidAnswer as exc:
            problems = attach_to_page(exc)
            view = opened(slug)
        else:
            return redirect(onward(opened(slug)))
    assessment = view.plan.assessment
    last = view.plan.step
    documents = last.documents if isinstance(last, ShowVerdict) else view.plan.documents
    return page(
        "verdict",
        view,
        problems=problems,
        assessment=assessment,
        lines=verdict_lines(view.pack, assessment, documents),
        later=last.later if isinstance(last, ShowVerdict) else (),
        refused=assessment.outcome is Outcome.REFUSED,
        answered=[(ask, display(ask, view.answers[ask.key], lang())) for ask in _answered(view)],
        confirm=isinstance(view.plan.step, ShowVerdict) and editable(view),
    )


def attach_to_page(exc: InvalidAnswer) -> list[Problem]:
    """An error that belongs to no field."""
    return [Problem("main", say(exc))]


def _answered(view: ApplicationView) -> list[Ask]:
    return [ask for ask in view.plan.asks if ask.stage is Stage.ELIGIBILITY and view.answers.get(ask.key) is not None]
