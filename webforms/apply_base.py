"""What every applicant page stands on: the blueprint, the opened application, addresses of steps, and rendering."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models import clock
from models.application import lifecycle, prefill, queries, reuse, rounds
from models.application.queries import ApplicationView
from models.application.tables import Round
from models.errors import BoleError, NotFound
from models.interview import wording
from models.interview.steps import Ask, ShowVerdict, Stage
from models.office import reason_sentences
from models.programme import loader
from models.programme.pack import FormField, Pack
from webforms import access, apply_notes
from webforms.forms import AnswerField
from webforms.i18n import LANGUAGES, about, lang, speak_to_applicants

blueprint = Blueprint("apply", __name__)
blueprint.before_request(speak_to_applicants)
DOOR = "web"
SAVED_COOKIE = "bole_saved"


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the error summary: where it links to, and the sentence."""

    anchor: str
    text: str


def open_pack(slug: str) -> Pack:
    """The pack of this address; raises NotFound for any other word."""
    if slug not in loader.pack_slugs():
        raise NotFound("error.not_found")
    return loader.load_pack(slug)


def opened(slug: str) -> ApplicationView:
    """The application that this request goes on with; raises PageExpired where nothing proves one."""
    open_pack(slug)
    view = queries.view(access.require(slug))
    if view.application.programme != slug or view.application.status == "deleted":
        access.let_go(slug)
        raise NotFound("error.not_found")
    return view


def current_round(view: ApplicationView) -> Round | None:
    """The round that takes this programme's applications today."""
    return rounds.current(view.pack.slug, clock.current().today())


def page(
    template: str,
    view: ApplicationView | None = None,
    *,
    problems: Iterable[Problem] = (),
    status: int = 200,
    kept: bool = True,
    **context: Any,
) -> ResponseReturnValue:
    """Render an applicant's page. With a view: its ticket, receipt code and programme are on the page.

    `kept`: the browser may show it again from its own memory, with what was typed on it (WeChat's page cache too);
    pages that only show, and show personal data, are not kept.
    """
    errors = list(problems)
    if view is not None:
        slug = view.pack.slug
        context |= {
            "view": view,
            "pack": view.pack,
            "slug": slug,
            "ticket": access.ticket(slug, view.application.id),
            "autosave": url_for("apply.save", slug=slug),
            "held_tag": access.tag(view.application.id),
            "closed_way": view.closed_way,
            "lng": lang(),
            "news": None if "notes" in context else view.news,  # the messages say it
            "unread": 0 if "notes" in context else apply_notes.unread(view),
        }
    html = render_template(f"apply/{template}.html", errors=errors, back=coming_from(), **context)
    response = make_response(html, 422 if errors and status == 200 else status)
    response.headers["Cache-Control"] = "no-cache, private" if kept else "no-store, private"
    response.vary.add("Cookie")
    return response


@blueprint.after_request
def confirm_saved(response: Response) -> Response:
    """Tell the page's script that what was sent is safe, so that it forgets its own copy; read once, then deleted."""
    moved_on = response.status_code in (302, 303) and not g.get("page_expired")
    if request.method == "POST" and moved_on:
        response.set_cookie(SAVED_COOKIE, quote(request.path), max_age=600, samesite="Lax")
    return response


def coming_from() -> str:
    """Where a correction returns to: ``check`` for 修改 on the check page, else nothing."""
    return "check" if request.values.get("back") == "check" else ""


def switching() -> bool:
    """Whether the form was sent only to be shown in the other language: with what was typed, unchecked and unsaved."""
    return request.method == "POST" and request.args.get("lang") in LANGUAGES


def say(exc: BoleError) -> str:
    """The sentence of an error in the page's language."""
    return wording.error(exc, lang())


def attach(fields: Iterable[AnswerField], refused: Mapping[str, BoleError]) -> list[Problem]:
    """Put refusals beside their fields and list them for the summary."""
    problems = []
    listed = list(fields)
    for field in listed:
        if field.name in refused:
            field.error = say(refused[field.name])
            label = field.spec.label.get(lang()).rstrip("。.")  # a declaration is a sentence
            sentence = field.error if len(listed) == 1 else about(label, field.error)
            problems.append(Problem(field.anchor, sentence))
    return problems


def address(view: ApplicationView, key: str, back: str | None = None) -> str:
    """The page on which this answer is given; `back` says where to return to."""
    slug = view.pack.slug
    kind, _, name = key.partition(":")
    if kind == "consent":
        return url_for("apply.consents", slug=slug, back=back)
    if kind in ("claim", "fact"):
        return url_for("apply.question", slug=slug, name=name or "claim", back=back)
    if kind == "document":
        return url_for("apply.document", slug=slug, name=name, back=back)
    if kind == "field":
        return url_for("apply.section", slug=slug, name=section_of(view.pack, name), back=back) + f"#field-{name}"
    if kind == "declaration":
        return url_for("apply.declare", slug=slug, back=back)
    return url_for("apply.verdict", slug=slug, back=back)


def section_of(pack: Pack, field_id: str) -> str:
    """The form section that holds this field; raises NotFound."""
    for section in pack.form.sections:
        if any(field.id == field_id for field in section.fields):
            return section.id
    raise NotFound("error.not_found")


def form_field(pack: Pack, field_id: str) -> FormField | None:
    """The field of the pack's form with this id."""
    return next((f for section in pack.form.sections for f in section.fields if f.id == field_id), None)


def returned_reasons(view: ApplicationView) -> dict[str, str]:
    """Why each item was given back, by its key; what was chosen from the prepared sentences, in the page's language."""
    return reason_sentences.read_in(view.pack.slug, view.returned_reasons, lang())


def editable(view: ApplicationView) -> bool:
    """Whether the applicant may change anything now."""
    return view.application.status in lifecycle.EDITABLE


def returned(view: ApplicationView) -> bool:
    """Whether the office gave named items back."""
    return bool(view.application.status == lifecycle.RETURNED)


def open_keys(view: ApplicationView) -> frozenset[str] | None:
    """Keys that may be changed: all of them (None), or in a returned application the named and the unanswered."""
    if not returned(view):
        return None
    unanswered = {ask.key for ask in view.plan.asks if ask.key not in view.plan.answered}
    return frozenset(view.application.returned_keys) | unanswered


def onward(view: ApplicationView) -> str:
    """The page of the next thing to do."""
    slug, step = view.pack.slug, view.plan.step
    if not editable(view):
        return url_for("apply.status", slug=slug)
    if coming_from() and eligibility_done(view):
        return url_for("apply.check", slug=slug)
    if isinstance(step, ShowVerdict):
        return url_for("apply.verdict", slug=slug)
    if isinstance(step, Ask) and step.stage in (Stage.CONSENT, Stage.ELIGIBILITY):
        return address(view, step.key)
    if reuse.is_due(view) and bringable(view) is not None:
        return url_for("apply.bring", slug=slug)
    if prefill.is_due(prefill.prefill(view)):
        return url_for("apply.prefilled", slug=slug)
    return url_for("apply.tasks", slug=slug)


def bringable(view: ApplicationView) -> reuse.Offer | None:
    """What of another programme's application on this device could be brought over into this one."""
    held = [entry["app"] for slug, entry in access.held().items() if slug != view.pack.slug]
    return reuse.offer(view, held) if held else None


def next_task(view: ApplicationView) -> str:
    """After a section or document: the next unfinished one, else the check page."""
    if coming_from() or returned(view):
        return onward(view)
    step = view.plan.step
    if isinstance(step, Ask) and step.stage in (Stage.FORM, Stage.DOCUMENTS):
        return address(view, step.key)
    if isinstance(step, Ask) and step.stage in (Stage.CONSENT, Stage.ELIGIBILITY):
        return address(view, step.key)
    if isinstance(step, ShowVerdict):
        return url_for("apply.verdict", slug=view.pack.slug)
    return url_for("apply.check", slug=view.pack.slug)


def eligibility_done(view: ApplicationView) -> bool:
    """Whether consents, questions and verdict are behind the person."""
    step = view.plan.step
    return not isinstance(step, ShowVerdict) and not (
        isinstance(step, Ask) and step.stage in (Stage.CONSENT, Stage.ELIGIBILITY, Stage.VERDICT)
    )


def require_form(view: ApplicationView) -> ResponseReturnValue | None:
    """A redirect where the form is not for this person yet (eligibility open) or any more (handed in)."""
    if not editable(view) or not eligibility_done(view):
        return redirect(onward(view))
    return None
