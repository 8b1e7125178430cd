"""One's own account: who one is here, and a new password."""

from __future__ import annotations

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import verify_password

from models.errors import BoleError, InvalidAnswer
from models.extensions import db
from models.office import accounts, entering, logins, scope
from models.office.tables import Staff
from webforms.office_base import page, sentence, staff, staff_route


@staff_route("/me", *scope.EVERYBODY, methods=("GET", "POST"))
def my_account() -> ResponseReturnValue:
    """One's own account; a new password by the present one."""
    if request.method == "GET":
        return _page()
    try:
        _change(staff())
    except BoleError as error:
        db.session.rollback()
        return _page(sentence(error))
    flash(_("密码已改好，其他地方的登录同时退出。"), "success")
    return redirect(url_for("office.my_account"))


def _page(problem: str = "") -> ResponseReturnValue:
    address = accounts.address_of(staff())
    return page("me.html", 422 if problem else 200, problem=problem, address=address)


def _change(member: Staff) -> None:
    prove(member)
    password = request.form.get("new", "")
    if password != request.form.get("again", ""):
        raise InvalidAnswer("office.password_differs")
    entering.change_password(member, password)
    stay_in(member)


def prove(member: Staff) -> None:
    """The password again: who finds a computer left open changes nothing. Raises InvalidAnswer."""
    name, address = member.username or "", request.remote_addr or ""
    if logins.blocked(name, address):
        raise InvalidAnswer("office.too_many_tries")
    if not verify_password(request.form.get("password", "")[:200], member.password):
        logins.note_failure(name, address, member.id)
        raise InvalidAnswer("office.password_wrong")


def stay_in(member: Staff) -> None:
    """Other sessions of the account have ended; this one goes on."""
    session["_user_id"] = member.fs_uniquifier
