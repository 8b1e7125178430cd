"""Many colleagues invited at once: pasted, looked at, invited; links that no letter carries are shown once."""

from __future__ import annotations

import secrets

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from models.errors import InvalidAnswer
from models.extensions import db
from models.interview import wording
from models.office import inviting, letters
from models.office.inviting import Line
from webforms.office_accounts import KEEPERS, choices
from webforms.office_base import lang, page, sentence, staff, staff_route
from webforms.office_format import ROLE

ONCE = "invite_many"  # in the session: what a looked-at list is sent with, so that it is not done twice


@staff_route("/staff/many", *KEEPERS, methods=("GET", "POST"))
def invite_many() -> ResponseReturnValue:
    """Paste a list, look at it, invite."""
    if request.method == "GET":
        return _page()
    try:
        lines = _read()
    except InvalidAnswer as error:
        return _page(problem=sentence(error))
    if request.form.get("act") != "do":
        session[ONCE] = secrets.token_urlsafe(8)
        return _page(lines=lines)
    if not secrets.compare_digest(request.form.get("once", ""), session.pop(ONCE, None) or "-"):
        flash(_("这份名单已经邀请过了。请在账号列表里查看。"), "warning")
        return redirect(url_for("office.members_page"))
    return _invite(lines)


def _read() -> list[Line]:
    given = request.form
    return inviting.read(staff(), given.get("list", ""), given.get("unit", ""), tuple(given.getlist("role")), _roles())


def _roles() -> dict[str, str]:
    """Roles by how they are written in both languages."""
    found = {name: name for name in ROLE}
    for language in ("zh", "en"):
        with force_locale(language):
            found |= {str(word).lower(): name for name, word in ROLE.items()}
    return found


def _page(problem: str = "", lines: list[Line] | None = None) -> ResponseReturnValue:
    good = sum(not line.problem for line in lines or ())
    return page(
        "members_many.html",
        422 if problem else 200,
        problem=problem,
        lines=lines,
        good=good,
        told=_told(lines or []),
        once=session.get(ONCE, ""),
        typed=request.form,
        sent=letters.is_sent(),
        most=inviting.MOST,
        **choices(),
    )


def _told(lines: list[Line]) -> dict[int, str]:
    return {line.number: wording.say(line.problem, lang(), **line.params) for line in lines if line.problem}


def _invite(lines: list[Line]) -> ResponseReturnValue:
    names = {line.number: (line.unit.name_en if lang() == "en" else line.unit.name) for line in lines if line.unit}
    done = [(one.line, inviting.to_hand_over(one), one.made) for one in inviting.invite(staff(), lines)]
    db.session.rollback()
    return page(
        "members_invited.html",
        done=[(line, link, names.get(line.number, "")) for line, link, made in done if made],
        left=[line for line in lines if line.problem],
        told=_told(lines),
        until=next((made.expires_at for _line, _link, made in done if made), None),
        by_hand=any(link for _line, link, _made in done),
    )
