"""Check answers, declare, hand in, receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application import queries, rounds, service
from models.application.queries import ApplicationView
from models.application.tables import Finding
from models.errors import BoleError, Conflict, NotOpen, NotReady, WayClosed
from models.extensions import db
from models.interview import wording
from models.interview.steps import Ask, Stage
from models.office.masking import mask
from models.office.tables import UnitRow
from models.programme.fields import display
from models.programme.pack import Text
from webforms.apply_base import (
    DOOR,
    Problem,
    address,
    attach,
    blueprint,
    editable,
    open_keys,
    opened,
    page,
    require_form,
    returned,
    say,
    switching,
)
from webforms.apply_differences import questions
from webforms.forms import bind
from webforms.i18n import lang


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One answer on the check page; `change` is empty where it may not be changed now."""

    label: Any
    value: str
    change: str
    missing: bool
    rows: tuple[str, ...] = ()
    masked: str = ""  # what is shown first of an answer that is kept encrypted


@dataclass(frozen=True, slots=True)
class CheckPart:
    """A heading of the check page with its answers."""

    title: Any
    lines: tuple[CheckLine, ...]


@blueprint.get("/p/<slug>/check")
def check(slug: str) -> ResponseReturnValue:
    """Every answer with a way to change it."""
    view = opened(slug)
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    missing = _missing(view)
    return page(
        "check",
        view,
        kept=False,
        check_parts=parts(view, change=True),
        missing=missing,
        returned=returned(view),
        questions=questions(view),
    )


def _missing(view: ApplicationView) -> list[Ask]:
    return [ask for ask in view.plan.asks if ask.key not in view.plan.answered and ask.kind != "declaration"]


def parts(view: ApplicationView, *, change: bool) -> list[CheckPart]:
    """Eligibility, each section and the documents, as the applicant reads them."""
    plan = view.plan
    made = [CheckPart(_("条件问题"), _lines(view, [a for a in plan.asks if a.stage is Stage.ELIGIBILITY], change))]
    made += [CheckPart(section.title, _lines(view, section.asks, change)) for section in plan.sections]
    made.append(CheckPart(_("证明材料"), _lines(view, plan.documents, change)))
    return [part for part in made if part.lines]


def _lines(view: ApplicationView, asks: Any, change: bool) -> tuple[CheckLine, ...]:
    allowed = open_keys(view)
    return tuple(_line(view, ask, change and (allowed is None or ask.key in allowed)) for ask in asks)


def _line(view: ApplicationView, ask: Ask, change: bool) -> CheckLine:
    value = view.answers.get(ask.key)
    missing = ask.key not in view.plan.answered
    rows: tuple[str, ...] = ()
    if ask.kind == "document":
        shown = _("%(count)s 页", count=len(view.document_pages(ask.key.partition(":")[2]))) if value else ""
        shown = shown or (_("不交") if value == 0 and not missing else "")
    elif ask.kind == "rows" and value:
        shown = ""
        rows = tuple(display(ask, [row], lang()) for row in value)
    else:
        shown = display(ask, value, lang()) if value is not None else ""
    masked = mask(ask.kind, shown) if ask.key in view.sealed_keys and shown else ""
    return CheckLine(ask.label, shown, address(view, ask.key, back="check") if change else "", missing, rows, masked)


@blueprint.route("/p/<slug>/declare", methods=["GET", "POST"])
def declare(slug: str) -> ResponseReturnValue:
    """The declarations, then 提交."""
    view = opened(slug)
    if request.method == "POST" and view.application.status == "submitted":
        return redirect(url_for("apply.receipt", slug=slug))  # a second tap on 提交
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    if _missing(view) or view.outstanding:
        return redirect(url_for("apply.check", slug=slug))
    asks = {ask.key: ask for ask in view.plan.asks if ask.stage is Stage.DECLARATION}
    posted = request.method == "POST"
    fields = bind((slug, view.pack.programme.version), asks, {}, request.form if posted else None)
    if not posted or switching():
        return page("declare", view, fields=fields)
    wanted = {field.name: field.raw for field in fields}
    try:
        problems = attach(fields, _record_declarations(view, wanted))
        if not problems:
            service.submit(view.application.id, DOOR)
            return redirect(url_for("apply.receipt", slug=slug))
    except NotReady:
        return redirect(url_for("apply.check", slug=slug))
    except WayClosed:  # the page itself says so, with the ways that are open
        return page("declare", opened(slug), fields=fields, status=409)
    except (Conflict, NotOpen) as exc:
        problems = [Problem("main", say(exc))]
    return page("declare", opened(slug), fields=fields, problems=problems)


def _record_declarations(view: ApplicationView, wanted: dict[str, Any]) -> dict[str, BoleError]:
    """In a returned application the declarations stand already; what is ticked again needs no saving."""
    needed = {key: raw for key, raw in wanted.items() if not (raw and view.answers.get(key) is True)}
    return dict(service.save_partial(view.application.id, needed, DOOR)) if needed else {}


@blueprint.get("/p/<slug>/receipt")
def receipt(slug: str) -> ResponseReturnValue:
    """The receipt number and what happens next."""
    view = opened(slug)
    if editable(view):
        return redirect(url_for("apply.go_on", slug=slug))
    return page(
        "receipt",
        view,
        kept=False,
        timeline=queries.timeline(view, lang()),
        unit_name=unit_name(view),
        late=rounds.late_words(view.pack, view.application),
    )


def unit_name(view: ApplicationView) -> Any:
    """The name of the collecting unit, as a Text; empty while the office decides."""
    unit_id = view.application.unit_id
    unit = db.session.get(UnitRow, unit_id) if unit_id else None
    return Text(zh=unit.name, en=unit.name_en or unit.name) if unit else ""


def finding_text(finding: Finding) -> str:
    """A finding of the completeness check in a sentence."""
    return wording.say(finding.code, lang(), **finding.params)
