"""Pages for who has no way in yet: an invitation accepted, a new password chosen, a forgotten one asked for.

The link's token leaves the address at once and waits in the session's cookie: nothing that is loaded, copied or written
down later holds it. Looking uses nothing up: letters are opened by machines before people read them.
"""

from __future__ import annotations

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import logout_user

from models.errors import BoleError, InvalidAnswer
from models.extensions import db
from models.office import entering, letters, links
from webforms.office_base import blueprint, page, sentence
from webforms.office_links import OPEN_PAGES
from webforms.security import signed_in

TOKEN = "link_token"  # noqa: S105 (a name in the session)
_BOTH = ["GET", "POST"]


def _open(token: str) -> str:
    session[TOKEN] = token
    return url_for("office.entering")


OPEN_PAGES.update(dict.fromkeys(links.ONCE, _open))


@blueprint.route("/welcome", methods=_BOTH, endpoint="entering")
def entering_page() -> ResponseReturnValue:
    """Where a link that opens once leads: the form to choose a password by."""
    found = entering.look(session.get(TOKEN, ""))
    if found is None:
        return page("entering_over.html", 410, sent=letters.is_sent())
    problem = ""
    if request.method == "POST":
        try:
            _enter(found)
        except BoleError as error:
            db.session.rollback()
            problem = sentence(error)
            found = entering.look(session.get(TOKEN, ""))
            if found is None:
                return page("entering_over.html", 410, sent=letters.is_sent())
        else:
            return _done()
    invited = found.purpose == links.INVITATION
    return page(
        "entering.html",
        422 if problem else 200,
        found=found,
        invited=invited,
        problem=problem,
        typed=request.form,
        proposed=entering.proposed(found.member) if invited else "",
        signed=signed_in(),
    )


def _enter(found: entering.Open) -> None:
    given, token = request.form, session.get(TOKEN, "")
    password = given.get("password", "")
    if password != given.get("again", ""):
        raise InvalidAnswer("office.password_differs")
    if found.purpose == links.INVITATION:
        entering.accept(token, given.get("username", ""), given.get("display_name", ""), password)
    else:
        entering.choose_password(token, password)


def _done() -> ResponseReturnValue:
    session.pop(TOKEN, None)
    if signed_in() is not None:  # as somebody else, whose browser this is
        logout_user()
    flash(_("密码已设好，请用它登录。"), "success")
    return redirect(url_for("security.login"))


@blueprint.route("/forgot", methods=_BOTH, endpoint="forgot")
def forgot_page() -> ResponseReturnValue:
    """Ask for a link to a new password; the answer is the same whoever asks."""
    if request.method == "POST" and letters.is_sent():
        entering.forgot(request.form.get("identity", "")[:255], request.remote_addr or "")
        flash(
            _("登记了邮箱、正在使用的账号，几分钟内会收到一封信，链接 2 小时内有效。没收到请找管理员。"),
            "info",
        )
        return redirect(url_for("security.login"))
    return page("forgot.html", sent=letters.is_sent())
