"""What is shown beside a question: its thread, what was said around it, where the person stands, the clauses that may
answer it, and what was prepared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from bot_adapter import exchanges
from bot_adapter.exchanges import Exchange
from models import clock
from models.answers import retrieve
from models.application import labels, others, queries
from models.application.tables import Application, Conversation
from models.extensions import db
from models.interview import wording
from models.office import (
    approved,
    enquiry_list,
    enquiry_moves,
    enquiry_queue,
    prepared_answers,
    scope,
    scope_inbox,
    threads,
)
from models.office.enquiry_states import holder, is_lapsed, standing
from models.office.masking import redact
from models.office.tables import ApprovedAnswer, Enquiry, Staff, UnitRow
from models.programme.loader import load_pack
from models.programme.pack import Clause, Pack
from webforms.office_base import lang, staff
from webforms.office_format import waited

AROUND = 6  # messages before and after a question, for whoever does not read applications
CLAUSES = 5


def context(enquiry_id: str) -> dict[str, Any]:
    """Everything of a question's page. Raises NotFound out of reach."""
    enquiry, now = scope.get_enquiry(staff(), enquiry_id), clock.current().now()
    application = db.session.get(Application, enquiry.application_id) if enquiry.application_id else None
    reachable = application is not None and _reaches(application.id)
    view = _view(application)
    pack = view.pack if view is not None else load_pack(enquiry.programme)
    lines = threads.read(db.session(), enquiry)
    last = next((line.text for line in reversed(lines) if line.kind in threads.THEIRS), enquiry.question)
    previous, following = enquiry_list.neighbours(staff(), enquiry)
    before = db.session.scalar(scope.approved(staff()).where(ApprovedAnswer.enquiry_id == enquiry.id))
    return {
        "enquiry": enquiry,
        "state": standing(enquiry, now),
        "lapsed": is_lapsed(enquiry, now),
        "mine": holder(enquiry, now) == staff().id,
        "theirs": holder(enquiry, now) not in (None, staff().id),
        "since": enquiry.waiting_since or enquiry.created_at,
        "waited": lambda at: waited(at, now),
        "age": enquiry_list.age(enquiry.waiting_since or enquiry.created_at, now),
        "told_usual": enquiry_queue.told_usual(db.session(), enquiry, now, lang()),
        "lines": lines,
        "names": names(n for n in (enquiry.taken_by, *(line.staff_id for line in lines)) if n),
        "talk": _talk(enquiry, whole=reachable),
        "whole": reachable,
        "mask": redact,
        "application": application,
        "reachable": reachable,
        "outcome": _outcome(view),
        "programme": pack.programme.short.get(lang()),
        "step": _step(pack, enquiry.step_key),
        "clauses": retrieve.nearest(pack, f"{enquiry.question} {last}" if last != enquiry.question else last, CLAUSES),
        "prepared": prepared_answers.listed(staff()),
        "approved": before,
        "may_approve": _may_approve(pack),
        "desks": _desks(enquiry),
        "colleagues": list(db.session.scalars(scope_inbox.colleagues(staff(), enquiry))),
        "desk": db.session.get(UnitRow, enquiry.unit_id) if enquiry.unit_id else None,
        "ours": threads.ours(enquiry),
        "reasons": enquiry_moves.reasons(enquiry),
        "previous": previous,
        "following": following,
    }


def onward() -> str:
    """The address to go on at when a question is done: the next one, or the list where none is left."""
    found = enquiry_list.following(staff(), clock.current().now())
    return url_for("office.question", enquiry_id=found) if found else url_for("office.questions")


def inserted(enquiry_id: str, text: str, what: str) -> str:
    """The answer as it was typed, and after it a clause (``clause:<ref>``) or a prepared answer (``prepared:<id>``).
    Raises NotFound for what is not there."""
    enquiry = scope.get_enquiry(staff(), enquiry_id)
    kind, _colon, ident = what.partition(":")
    if kind == "prepared":
        row = scope_inbox.get_prepared(staff(), ident)
        more = row.text_en if row.text_en and _language(enquiry) == "en" else row.text
    else:
        pack = load_pack(enquiry.programme)
        quoted = (c for c in approved.citable(pack) if c.ref == ident)
        more = next((_quote(clause, _language(enquiry)) for clause in quoted), "")
    return f"{text.rstrip()}\n{more}".strip() if more else text


def _quote(clause: Clause, language: str) -> str:
    return wording.say("answers.clause", language, ref=clause.ref, heading=clause.heading, quote=clause.quote)


def names(ids: Iterable[int]) -> dict[int, str]:
    """Colleagues' names, also of those who have left."""
    return {n: found.display_name for n in set(ids) if (found := db.session.get(Staff, n))}


def _desks(enquiry: Enquiry) -> list[UnitRow]:
    query = scope_inbox.desks(staff(), enquiry)
    return list(db.session.scalars(query.order_by(UnitRow.office.desc(), UnitRow.code)))


def _may_approve(pack: Pack) -> bool:
    return scope.OFFICE in scope.roles(staff()) and bool(approved.citable(pack))


def _language(enquiry: Enquiry) -> str:
    talk = db.session.get(Conversation, enquiry.conversation_id) if enquiry.conversation_id else None
    application = db.session.get(Application, enquiry.application_id) if enquiry.application_id else None
    return talk.language if talk is not None else application.language if application is not None else "zh"


def _reaches(application_id: str) -> bool:
    return db.session.scalar(scope.applications(staff()).where(Application.id == application_id)) is not None


def _view(application: Application | None) -> queries.ApplicationView | None:
    if application is None or application.status == "deleted":
        return None
    return queries.view(application.id)


def _outcome(view: queries.ApplicationView | None) -> str:
    """What the notice's conditions come to under what the person has said so far."""
    return view.plan.assessment.outcome.value if view is not None else ""


def _talk(enquiry: Enquiry, *, whole: bool) -> list[Exchange]:
    """What was said in the conversation, oldest first; only around the question for who does not read applications."""
    talk = db.session.get(Conversation, enquiry.conversation_id) if enquiry.conversation_id else None
    if talk is None and enquiry.application_id is not None:
        carried = select(Conversation).where(others.carriers(enquiry.application_id))
        talk = db.session.scalar(carried.order_by(Conversation.updated_at.desc()).limit(1))
    if talk is None:
        return []
    begun = enquiry.application_id is not None
    said = exchanges.about(db.session(), talk, enquiry.programme, begun=begun)
    if whole:
        return said
    here = next((n for n, one in enumerate(said) if one.at >= enquiry.created_at), len(said))
    return said[max(0, here - AROUND) : here + AROUND]


def _step(pack: Pack, key: str) -> str:
    """Where the person was: the wording of the question that stood before them."""
    fixed = {"claim": _("选择类别"), "verdict": _("查看结论"), "declaration": _("声明")}
    kind = key.partition(":")[0]
    if kind in fixed:
        return str(fixed[kind])
    found = labels.label(pack, key, lang())
    return "" if found == key else found
