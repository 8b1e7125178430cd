"""What was read on a photo and is not what was typed: one question each, with a way to change either, or neither."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.application import differences
from models.application.queries import ApplicationView
from models.documents.comparing import Compared
from models.office.masking import mask
from webforms.apply_base import address, blueprint, editable, open_keys, opened
from webforms.i18n import lang


@dataclass(frozen=True, slots=True)
class Question:
    """One difference: `change` and `retake` are empty where they are not the person's to do now; `masked` is what is
    shown first of an answer that is kept encrypted."""

    text: str
    typed: str
    read: str
    masked: tuple[str, str] | None
    change: str
    retake: str
    page_id: str
    name: str


def questions(view: ApplicationView) -> list[Question]:
    """The open differences, while there is something that the person can say to them."""
    if view.application.status not in differences.MAY_STAND_BY:
        return []
    return [_question(view, one) for one in view.differences]


def _question(view: ApplicationView, one: Compared) -> Question:
    typed, read = differences.typed_value(view, one, lang()), differences.read_value(one, lang())
    ask = view.plan.ask(one.key)
    kind = ask.kind if ask is not None else ""
    document = f"document:{one.document}"
    return Question(
        text=differences.question(view, one, lang()),
        typed=typed,
        read=read,
        masked=(mask(kind, typed), mask(kind, read)) if one.key in view.sealed_keys else None,
        change=address(view, one.key, back="check") if _may_change(view, one.key) else "",
        retake=address(view, document, back="check") if _may_change(view, document) else "",
        page_id=one.page_id,
        name=one.name,
    )


def _may_change(view: ApplicationView, key: str) -> bool:
    allowed = open_keys(view)
    return editable(view) and (allowed is None or key in allowed)


@blueprint.post("/p/<slug>/stand-by")
def stand_by(slug: str) -> ResponseReturnValue:
    """「我填的没错」: kept, and the question is gone; staff see both values and that the person stands by theirs."""
    view = opened(slug)
    differences.stand_by(view.application.id, request.form.get("page", "")[:32], request.form.get("name", "")[:40])
    return redirect(url_for("apply.check" if request.form.get("from") == "check" else "apply.status", slug=slug))
