"""Signing in of staff: Flask-Security on the Staff table, argon2, our own page at /office/login.

Nobody registers, the library mails nothing, no tokens: a session cookie only, ended after hours without use. Who has
set up a second factor is asked for it (`webforms.second_factor`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request, session
from flask_babel import lazy_gettext as _l
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore, current_user, logout_user, user_authenticated
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from models import clock
from models.extensions import db
from models.office import audit, logins
from models.office.staff import find_login
from models.office.tables import Role, Staff
from webforms import second_factor

IDLE_SECONDS = 4 * 3600
LONGEST_PASSWORD = 200  # hashing is slow on purpose; what is longer is not a password

WRONG = _l("用户名或密码不对。请核对大小写后再试。")
BLOCKED = _l("试错次数太多，请 15 分钟后再试，或请管理员重设密码。")


class StaffLoginForm(LoginForm):  # type: ignore[misc]
    """User name or e-mail in one field. A wrong name and a wrong password read the same."""

    email = None
    remember = None
    identity = StringField(_l("用户名或邮箱"), validators=[DataRequired(_l("请输入用户名。")), Length(max=255)])
    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请输入密码。")), Length(max=LONGEST_PASSWORD)])

    def validate(self, **kwargs: Any) -> bool:
        """Slow down guessing, then let Flask-Security compare; every failure is counted."""
        name, address = self.identity.data or "", request.remote_addr or ""
        if logins.blocked(name, address):
            self.form_errors.append(str(BLOCKED))
            return False
        self.ifield = self.identity
        self.user = find_login(name) if name.strip() else None
        staff_id = self.user.id if self.user else None
        if super().validate(**kwargs):
            return True
        if name.strip() and self.password.data and "csrf_token" not in self.errors:
            logins.note_failure(name, address, staff_id)
            self.form_errors.append(str(WRONG))
        return False


def _config(app: Flask) -> dict[str, Any]:
    wrong = ("", "error")  # said once, above the form, in the person's language
    return {
        "SECURITY_URL_PREFIX": "/office",
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_LOGIN_URL": "/login",
        "SECURITY_LOGOUT_URL": "/logout",
        "SECURITY_POST_LOGIN_VIEW": "/office/",
        "SECURITY_POST_LOGOUT_VIEW": "/office/login",
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": True,  # argon2 takes any length, so no second hash before it
        "SECURITY_PASSWORD_SALT": app.config["SECRET_KEY"],  # asked for, unused with a single hash
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_FRESHNESS": timedelta(minutes=-1),
        "SECURITY_API_ENABLED_METHODS": ["session"],
        **second_factor.config(app),
        "SECURITY_MSG_USER_DOES_NOT_EXIST": wrong,
        "SECURITY_MSG_INVALID_PASSWORD": wrong,
        "SECURITY_MSG_DISABLED_ACCOUNT": wrong,
    }


def init_app(app: Flask) -> None:
    """Bind Flask-Security to `app`, with its pages under /office."""
    for key, value in _config(app).items():
        app.config.setdefault(key, value)
    datastore = SQLAlchemyUserDatastore(db, Staff, Role)
    Security(app, datastore, login_form=StaffLoginForm, **second_factor.parts())
    second_factor.init_app(app)
    # Before every request it would look for a token of its own, which we do not accept, and for that read and parse a
    # JSON body of any size: a webhook caps its body before anything is read.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    user_authenticated.connect(_note_login, app)


def _note_login(app: Flask, user: Staff, **_: Any) -> None:
    session["staff_seen"] = _now()
    audit.write(db.session(), user.id, audit.LOGIN, f"staff:{user.id}")


def _now() -> int:
    return int(clock.current().now().timestamp())


def signed_in() -> Staff | None:
    """The member of staff of this request's session; None without one, or after too long without use.

    A session cookie is the only way in: Flask-Security's header tokens are not accepted.
    """
    if "_user_id" not in session or not current_user.is_authenticated:
        return None
    now, seen = _now(), int(session.get("staff_seen", 0))
    if now - seen > IDLE_SECONDS:
        logout_user()
        return None
    if now - seen > 300:  # a cookie a few minutes is enough
        session["staff_seen"] = now
    member: Staff = current_user._get_current_object()
    return member


def no_store(response: Response) -> Response:
    """Staff pages hold people's data: nothing of them is kept by a browser or a proxy."""
    response.headers["Cache-Control"] = "no-store, private"
    return response
