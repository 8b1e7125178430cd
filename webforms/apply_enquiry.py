"""A free question in the browser: answered with a clause where one clearly answers it, else sent to the office."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from bot_adapter import conversation_plain
from models import clock
from models.application.queries import ApplicationView
from models.errors import NotFound
from models.extensions import db
from models.interview.wording import say
from models.office import answering, enquiries, enquiry_queue, enquiry_replies, threads
from models.office.enquiry_states import ASKED, DONE
from models.unit_of_work import unit_of_work
from webforms.apply_base import Problem, blueprint, editable, opened, page, switching
from webforms.i18n import lang

LONGEST_QUESTION = 500


@blueprint.route("/p/<slug>/ask", methods=["GET", "POST"])
def ask_people(slug: str) -> ResponseReturnValue:
    """A question to the people of the office; the answer appears on the status page. Where the notice clearly says it,
    that is shown first, with what was typed still there to be sent."""
    view = opened(slug)
    if request.method == "GET":
        return page("ask", view, question="", nonce=secrets.token_hex(8), about=request.args.get("about", ""))
    text = request.form.get("question", "").strip()
    about, nonce = request.form.get("about", "")[:60], request.form.get("nonce", "")[:32]
    typed: dict[str, Any] = {"question": text, "about": about, "nonce": nonce}
    if switching():
        return page("ask", view, **typed)
    if not text or len(text) > LONGEST_QUESTION:
        too_long = _("最多写 %(limit)s 个字，请写短一些。", limit=LONGEST_QUESTION)
        problem = too_long if text else _("请写下您的问题。")
        return page("ask", view, problems=[Problem("question", problem)], **typed)
    if not request.form.get("to_people") and (found := _answer(view, text)):
        return page("ask", view, answer=found, **typed)
    with unit_of_work() as session:
        enquiries.ask(
            session,
            programme=slug,
            question=text,
            application_id=view.application.id,
            step_key=about,
            effect=f"web-enquiry:{view.application.id}:{nonce}",
        )
    return redirect(url_for("apply.asked", slug=slug))


def _answer(view: ApplicationView, text: str) -> dict[str, Any] | None:
    """What the chat would say as well, in the same order: what the office has approved, what every stranger asks, the
    clause."""
    found = answering.look(db.session(), view.pack, text, lang())
    if (found is None or not found.approved) and (plain := _plain(view, text)):
        return {"lead": plain, "clause": None, "plain": True}
    if found is None:
        return None
    said = answering.lead(found, view.pack, lang(), clock.current().today())
    return {"lead": said, "clause": None if answering.quotes_itself(found, said) else found.clause}


def _plain(view: ApplicationView, text: str) -> str:
    if not editable(view):
        return ""
    return conversation_plain.answer(view.pack, view.plan, text, lang(), here="chat.apply_here_web")


@blueprint.get("/p/<slug>/asked")
def asked(slug: str) -> ResponseReturnValue:
    """The question is in the queue: its place, how long an answer usually takes, when people are back."""
    view = opened(slug)
    last = enquiry_queue.last(db.session(), view.application.id)
    return page("asked", view, lines=enquiry_queue.queued(db.session(), last, lang()) if last else [])


@blueprint.route("/p/<slug>/asked/<enquiry_id>", methods=["GET", "POST"])
def own_question(slug: str, enquiry_id: str) -> ResponseReturnValue:
    """One's own question with everything said about it; the answer to what was asked back, a word more, or that the
    answer has not helped."""
    view = opened(slug)
    enquiry = enquiry_replies.get_own(db.session(), view.application.id, enquiry_id)
    nonce = request.form.get("nonce", "")[:32] or secrets.token_hex(8)
    text = request.form.get("text", "").strip()
    if request.method == "GET" or switching():
        return _thread(view, enquiry.id, text, nonce)
    if not text and enquiry.state in DONE and not threads.ours(enquiry):
        text = say("answers.reopened_words", lang())  # a press says it
    if not text or len(text) > enquiries.LONGEST:
        too_long = _("最多写 %(limit)s 个字，请写短一些。", limit=enquiries.LONGEST)
        return _thread(view, enquiry.id, text, nonce, Problem("text", too_long if text else _("请写下您的话。")))
    with unit_of_work() as session:
        found = enquiry_replies.get_own(session, view.application.id, enquiry_id, held=True)
        if found.state in DONE and not enquiry_replies.may_reopen(found):
            raise NotFound("error.not_found")
        enquiry_replies.write(session, found, text, key=nonce)
    return redirect(url_for("apply.own_question", slug=slug, enquiry_id=enquiry_id, sent=1))


def _thread(
    view: ApplicationView, enquiry_id: str, text: str, nonce: str, problem: Problem | None = None
) -> ResponseReturnValue:
    enquiry = enquiry_replies.get_own(db.session(), view.application.id, enquiry_id)
    done = enquiry.state in DONE
    return page(
        "question_asked",
        view,
        kept=False,
        problems=[problem] if problem else (),
        enquiry=enquiry,
        ours=threads.ours(enquiry),
        lines=threads.shared(db.session(), enquiry),
        standing=enquiry_queue.stands(db.session(), enquiry, lang()),
        awaited=enquiry.state == ASKED,
        done=done,
        may_write=not done or enquiry_replies.may_reopen(enquiry),
        sent=request.args.get("sent") == "1",
        text=text,
        nonce=nonce,
    )
