"""After the hand-in: status with timeline; and the ways out (withdraw, take consent back, delete)."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from bot_adapter.channels import webchat_proof
from models.application import binding, handoff, lifecycle, queries, reuse, rounds, service
from models.application.queries import ApplicationView
from models.application.tables import Finding
from models.application.timeline import status_name
from models.errors import IllegalTransition
from models.extensions import db
from models.interview import wording
from models.office import enquiry_queue, enquiry_replies, threads
from models.office.enquiries import short
from models.office.enquiry_states import ANSWERED, ASKED, CLOSED, DONE
from models.office.tables import Enquiry
from models.programme.pack import Text
from webforms import access, apply_change, signed_papers
from webforms.apply_base import (
    Problem,
    address,
    blueprint,
    editable,
    eligibility_done,
    onward,
    opened,
    page,
    returned,
    say,
)
from webforms.apply_differences import questions
from webforms.apply_form import document_task
from webforms.apply_notes import Note, notes, shown
from webforms.apply_submit import finding_text, parts, unit_name
from webforms.i18n import lang

WAYS = ("withdraw", "delete")
LANGS = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Consented:
    """A consent that can be taken back; `ends`: the application ends with it and is erased; `withdraws`: it is only
    withdrawn, since the way in is not agreed to any more."""

    title: Text
    ends: bool
    brought: bool = False  # to data that came from another programme
    withdraws: bool = False


@blueprint.get("/p/<slug>/status")
def status(slug: str) -> ResponseReturnValue:
    """Where the application stands, what was said, what is to be done."""
    view = opened(slug)
    after = not editable(view) or returned(view)
    told = notes(view, lang())
    shown(view, told)
    return page(
        "status",
        view,
        kept=False,
        status_name=status_name(view.pack, view.application.status, lang()),
        timeline=list(reversed(queries.timeline(view, lang()))),
        notes=[one for one in told if not one.enquiry],
        asked=(asked := _asked(view, told)),
        asked_us=any(threads.ours(one.enquiry) for one in asked),
        findings=[(finding_text(f), address(view, f.key)) for f in _found(view)] if after else [],
        retakes=_retakes(view) if after else [],
        questions=questions(view) if after else [],
        returned=returned(view),
        editable=editable(view),
        unit_name=unit_name(view),
        late=rounds.late_words(view.pack, view.application),
        change=apply_change.line(view) if apply_change.offers(view) else "",
        check_parts=parts(view, change=False) if eligibility_done(view) else [],
        paper=signed_papers.paper(view.application.id),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one's own: how it stands, and what was said about it last where that is not part of it."""

    enquiry: Enquiry
    line: str = field(repr=False)
    said: str = field(repr=False)
    mine: bool  # the person's turn
    unsolved: bool  # may be said of it
    new: bool


def _asked(view: ApplicationView, told: list[Note]) -> list[Asked]:
    """The person's own questions: what is new comes first, then what waits for them, then what waits for us."""
    last = {one.enquiry: one for one in reversed(told) if one.enquiry}
    order = {ASKED: 1, ANSWERED: 3, CLOSED: 3}
    found = [_own(one, last.get(one.id)) for one in enquiry_replies.own(db.session(), view.application.id)]
    return sorted(found, key=lambda one: 0 if one.new else order.get(one.enquiry.state, 2))


def _own(enquiry: Enquiry, note: Note | None) -> Asked:
    done, asked = enquiry.state in DONE, enquiry.state == ASKED
    line = short(enquiry.question) if done else enquiry_queue.line(db.session(), enquiry, lang())
    said = note.said if note and done else ""
    new = note is not None and note.new and (done or asked)
    return Asked(enquiry, line, said, asked, done and not threads.ours(enquiry), new)


def _found(view: ApplicationView) -> list[Finding]:
    """What the check found, without photographs to take again: those are linked above it."""
    return [one for one in view.findings if one.blocking and one.code != "finding.page_retake"]


def _retakes(view: ApplicationView) -> list[tuple[object, str]]:
    """Documents whose photographs turned out to be unusable after the hand-in."""
    tasks = [document_task(view, ask) for ask in view.plan.documents]
    return [(task.title, task.url) for task in tasks if task.state == "retake"]


@blueprint.route("/p/<slug>/leave", methods=["GET", "POST"])
def leave(slug: str) -> ResponseReturnValue:
    """Withdraw the application, take a consent back, or have everything deleted; each asks once more."""
    view = opened(slug)
    consents = _consents(view)
    can_withdraw = lifecycle.allows(view.application.status, "withdrawn")
    if request.method == "GET":
        return page("leave", view, can_withdraw=can_withdraw, way="", consents=consents)
    way = request.form.get("way", "")
    if way not in WAYS and way not in consents:
        return redirect(url_for("apply.leave", slug=slug))
    if not request.form.get("sure"):
        return page("leave_sure", view, way=way, consent=consents.get(way))
    try:
        _end(view, way)
    except IllegalTransition as exc:
        problems = [Problem("main", say(exc))]
        return page("leave", opened(slug), problems=problems, can_withdraw=False, way=way, consents=consents)
    if way == "delete" or (way in consents and consents[way].ends):
        return _forgotten(make_response(page("gone", deleted=way == "delete", slug=slug, title=_("已经办好"))), slug)
    return redirect(url_for("apply.status", slug=slug))


def _consents(view: ApplicationView) -> dict[str, Consented]:
    """The consents that stand, by the way that takes each back; those to data of other programmes come last."""
    given = {
        f"consent:{consent.id}": Consented(
            consent.title,
            ends=consent.required and not consent.channels,
            withdraws=bool(consent.channels) and view.application.status != lifecycle.DRAFT,
        )
        for consent in view.pack.programme.consents
        if view.answers.get(f"consent:{consent.id}")
    }
    for source in reuse.sources(view.events):
        sentences = {name: wording.say("reuse.consent_title", name, programme=reuse.title(source)) for name in LANGS}
        ends = view.application.status != lifecycle.DRAFT
        given[f"consent:{reuse.PREFIX}{source}"] = Consented(Text(**sentences), ends, brought=True)
    return given


def _end(view: ApplicationView, way: str) -> None:
    if way == "withdraw":
        service.withdraw(view.application.id)
    elif way == "delete":
        service.delete(view.application.id)
    else:
        service.withdraw_consent(view.application.id, way.partition(":")[2])


@blueprint.post("/p/<slug>/sign-out")
def sign_out(slug: str) -> ResponseReturnValue:
    """Forget the application on this device (a borrowed phone), its chat and what the browser kept of its pages."""
    opened(slug)
    return _forgotten(make_response(redirect(url_for("apply.programme", slug=slug))), slug)


def _forgotten(response: Response, slug: str) -> Response:
    access.let_go(slug)
    response.delete_cookie(webchat_proof.COOKIE, path="/chat")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/p/<slug>/keep")
def keep(slug: str) -> ResponseReturnValue:
    """How to go on later or on another device: the receipt code and a link."""
    return _keep(opened(slug))


def _keep(view: ApplicationView, code: str = "", minutes: int = 0) -> ResponseReturnValue:
    slug = view.pack.slug
    link = access.held().get(slug, {}).get("link", "")
    path = (
        url_for("apply.resume_link", token=link)
        if link
        else url_for("apply.handoff", token=handoff.make(view.application.id))
    )
    # Our own address, not the request's Host: a header can be forged, and this link opens the application.
    url = f"{current_app.config['BOLE'].base_url}{path}"
    chats = binding.bound(db.session(), view.application.id)
    return page(
        "keep",
        view,
        kept=False,
        link=url,
        lasting=bool(link),
        onward=onward(view),
        chats=chats,
        named=binding.title,
        code=code,
        minutes=minutes,
    )


@blueprint.post("/p/<slug>/bind")
def bind(slug: str) -> ResponseReturnValue:
    """A one-time code for a chat elsewhere, shown once: reading the page again does not show it again."""
    view = opened(slug)
    code = binding.make_code(view.application.id)
    return _keep(opened(slug), code=f"{code[:4]} {code[4:]}", minutes=int(binding.AGE.total_seconds() // 60))


@blueprint.post("/p/<slug>/unbind")
def unbind(slug: str) -> ResponseReturnValue:
    """Let a chat go."""
    view = opened(slug)
    binding.unbind(view.application.id, request.form.get("chat", ""))
    return redirect(url_for("apply.keep", slug=slug, _anchor="chat"), 303)


@blueprint.post("/p/<slug>/chat")
def to_chat(slug: str) -> ResponseReturnValue:
    """Go on with this application in chat: a signed link, made for this one way."""
    view = opened(slug)
    return redirect(url_for("chat.join", slug=slug, token=handoff.make(view.application.id)), 303)
