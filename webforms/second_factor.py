"""Flask-Security's second step with an authenticator, as we set it up: secrets sealed by our own keys, no code used
twice, guessing slowed down, and the step's two pages ours in looks. Its other pages are shut: a factor is set up and
taken away on a page of our own (`webforms.office_factor`), which asks for the password.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, NoReturn

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_security.forms import TwoFactorRescueForm, TwoFactorVerifyCodeForm
from flask_security.recovery_codes import MfRecoveryCodesUtil, MfRecoveryForm
from flask_security.totp import Totp
from passlib.exc import UsedTokenError
from passlib.totp import TokenError, TotpMatch
from wtforms import RadioField

from models import clock
from models.clock import SystemClock
from models.extensions import db
from models.office import factors, logins
from models.office.second_factor import METHOD
from models.office.tables import Staff

WINDOW = 30  # seconds before and after for which a code is taken: a telephone's clock is a little off
CODES = 10
ISSUER = "Bole"
WRONG = _l("验证码不对，或已经用过。请等手机上换了新的 6 位数字再输。")
WRONG_CODE = _l("恢复码不对，或已经用过。")
BLOCKED = _l("试错次数太多，请 15 分钟后再试。")
# Pages of the library that nobody needs here: what they do is done on ours, or not at all.
SHUT = ("two_factor_setup", "two_factor_setup_validate", "two_factor_rescue", "tf_select", "mf_recovery_codes")


class SealedTotp(Totp):  # type: ignore[misc]
    """The library's comparing, by the real time, each code once. The secret's JSON is not encrypted a second time."""

    def generate_totp_secret(self) -> str:
        """A new secret as JSON, to be sealed by whoever keeps it."""
        return str(self._totp.new().to_json(encrypt=False))

    def verify_totp(self, token: str, totp_secret: str, user: Staff, window: int = 0) -> bool:
        """Whether the code is right and was not used; it is used then."""
        used = {"window": window, "last_counter": user.factor_counter, "time": _now()}
        try:
            self.set_last_counter(user, self._totp.verify(token, totp_secret, **used))
        except TokenError:
            return False
        return True

    def set_last_counter(self, user: Staff, tmatch: TotpMatch) -> None:
        """Raises UsedTokenError where another request was faster."""
        if not factors.use_step(db.session(), user, tmatch.counter):
            raise UsedTokenError


def _now() -> float:
    """The real time, also where a notice's own days are replayed: the telephone knows no other."""
    current = clock.current()
    return (SystemClock() if isinstance(current, SystemClock) else current).now().timestamp()


class SealedCodes(MfRecoveryCodesUtil):  # type: ignore[misc]
    """The library's recovery codes, kept where the secret is."""

    def delete_recovery_code(self, user: Staff, code: str) -> bool:
        """A code opens once."""
        factors.use_code(user, code)
        return True


class CodeForm(TwoFactorVerifyCodeForm):  # type: ignore[misc]
    """The code of the moment; guessing is counted for each account, wherever it comes from."""

    def validate(self, **kwargs: Any) -> bool:
        """As the library does, with our words."""
        if not _may_try(self, self.user):
            return False
        self.code.data = "".join(str(self.code.data or "").split())
        if super().validate(**kwargs):
            return True
        return _was_wrong(self, self.user, WRONG)


class RecoveryForm(MfRecoveryForm):  # type: ignore[misc]
    """A recovery code, as people copy it from paper."""

    def validate(self, **kwargs: Any) -> bool:
        """As the library does, one at a time for each account, so that one code does not open twice."""
        if not _may_try(self, self.user):
            return False
        db.session().refresh(self.user, with_for_update=True)
        self.code.data = tidy(str(self.code.data or ""))
        if super().validate(**kwargs):
            return True
        return _was_wrong(self, self.user, WRONG_CODE)


class NoRescueForm(TwoFactorRescueForm):  # type: ignore[misc]
    """The library's ways out of a lost telephone, of which our page links the one there is."""

    help_setup = RadioField(choices=[])


def tidy(code: str) -> str:
    """``ABCD 1234 ef56`` as it was printed: in fours, with hyphens."""
    bare = "".join(letter for letter in code.lower() if letter.isalnum())
    return "-".join(bare[start : start + 4] for start in range(0, len(bare), 4))


def _may_try(form: Any, member: Staff) -> bool:
    if not logins.blocked_codes(member.id):
        return True
    form.form_errors.append(str(BLOCKED))
    return False


def _was_wrong(form: Any, member: Staff, words: Any) -> bool:
    logins.note_wrong_code(member.id, request.remote_addr or "")
    form.code.errors = []
    form.form_errors.append(str(words))
    return False


def library() -> SealedTotp:
    """What the running app makes and compares codes with."""
    made: SealedTotp = current_app.extensions["security"].totp_factory
    return made


def config(app: Flask) -> dict[str, Any]:
    """What Flask-Security is told."""
    said_by_us = ("", "error")
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_IMPLEMENTATIONS": {"code": "flask_security.twofactor.CodeTfPlugin"},
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["email"],  # until `init_app`: it would ask for a library of QR codes
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": WINDOW,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": CODES,
        "SECURITY_TOTP_SECRETS": {"1": app.config["SECRET_KEY"]},  # asked for, unused: see `SealedTotp`
        "SECURITY_TOTP_ISSUER": ISSUER,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/office/",
        "SECURITY_MSG_TWO_FACTOR_PERMISSION_DENIED": said_by_us,
        "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": said_by_us,
        "SECURITY_MSG_INVALID_RECOVERY_CODE": said_by_us,
    }


def parts() -> dict[str, Any]:
    """The classes that stand in for Flask-Security's own."""
    return {
        "totp_cls": SealedTotp,
        "mf_recovery_codes_util_cls": SealedCodes,
        "two_factor_verify_code_form": CodeForm,
        "two_factor_rescue_form": NoRescueForm,
        "mf_recovery_form": RecoveryForm,
    }


def init_app(app: Flask) -> None:
    """After Flask-Security: the one method there is, and pages shut."""
    app.config["SECURITY_TWO_FACTOR_ENABLED_METHODS"] = [METHOD]
    for name in SHUT:
        app.view_functions[f"security.{name}"] = _shut
    step = app.view_functions["security.two_factor_token_validation"]
    app.view_functions["security.two_factor_token_validation"] = wraps(step)(partial(_for_who_is_not_in, step))


def _for_who_is_not_in(step: Callable[..., Any]) -> Any:
    """The library signs out whoever opens the second step while signed in, so that a link anywhere could do that."""
    return redirect(url_for("office.home")) if current_user.is_authenticated else step()


def _shut(**_values: object) -> NoReturn:
    abort(404)
