"""One's own second factor: set up with an authenticator, its recovery codes, and doing without."""

from __future__ import annotations

import base64

import segno
from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import crypto
from models.crypto import Damaged
from models.errors import BoleError, Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import factors, scope, sealing
from models.office.tables import Staff
from models.unit_of_work import unit_of_work
from webforms.office_accounts import KEEPERS
from webforms.office_base import page, sentence, staff, staff_route
from webforms.office_me import prove, stay_in
from webforms.second_factor import CODES, WINDOW, library

WAITING = "factor_waiting"  # in the session: a secret that its telephone has not shown to work yet, sealed


@staff_route("/second-factor", *scope.EVERYBODY, methods=("GET", "POST"))
def second_factor() -> ResponseReturnValue:
    """Whether signing in asks for a code; set it up, make other recovery codes, do without."""
    if request.method == "GET":
        return _page()
    act = {"on": _turn_on, "codes": _other_codes, "off": _turn_off}.get(request.form.get("act", ""))
    if act is None:
        raise NotFound("office.not_found")
    try:
        prove(staff())
        return act(staff())
    except BoleError as error:
        db.session.rollback()
        return _page(sentence(error))


def _page(problem: str = "", codes: list[str] | None = None) -> ResponseReturnValue:
    member = staff()
    shown = {}
    if not member.has_factor:
        totp, secret = library(), _waiting(member)
        uri = totp.get_totp_uri(member.username or member.email, secret)
        picture = segno.make(uri, error="m").svg_inline(scale=5, border=4)
        shown = {"uri": uri, "qr": picture, "key": totp.get_totp_pretty_key(secret)}
    return page(
        "second_factor.html",
        422 if problem else 200,
        problem=problem,
        codes=codes,
        left=len(member.mf_recovery_codes),
        required=factors.required(member),
        **shown,
    )


def _turn_on(member: Staff) -> ResponseReturnValue:
    if member.has_factor:
        raise Conflict("office.factor_there")
    totp, secret = library(), _waiting(member)
    code = "".join(request.form.get("code", "").split())
    codes = totp.generate_recovery_codes(CODES)
    with unit_of_work() as changing:
        if not totp.verify_totp(code, secret, member, WINDOW):
            raise InvalidAnswer("office.factor_wrong")
        factors.keep(changing, member, secret, codes)
    session.pop(WAITING, None)
    stay_in(member)
    return _page(codes=codes)


def _other_codes(member: Staff) -> ResponseReturnValue:
    if not member.has_factor:
        raise Conflict("office.factor_none")
    codes = library().generate_recovery_codes(CODES)
    with unit_of_work() as changing:
        factors.new_codes(changing, member, codes)
    return _page(codes=codes)


def _turn_off(member: Staff) -> ResponseReturnValue:
    with unit_of_work() as changing:
        factors.stop(changing, member)
    flash(_("两步验证已关闭，以后只用密码登录。"), "success")
    return redirect(url_for("office.second_factor"))


def _waiting(member: Staff) -> str:
    """The secret that the page shows: the same one until it is taken up, so that a page read twice shows one code."""
    place = sealing.waiting_factor(member.id)
    try:
        return crypto.ring().open(base64.b64decode(session.get(WAITING, "")), place).decode()
    except (Damaged, ValueError, IndexError):  # none yet, or another person's
        secret: str = library().generate_totp_secret()
        session[WAITING] = base64.b64encode(crypto.ring().seal(secret.encode(), place)).decode()
        return secret


@staff_route("/staff/<int:member_id>/factor", *KEEPERS, methods=("POST",))
def reset_factor(member_id: int) -> ResponseReturnValue:
    """Take away the second factor of somebody who has lost theirs."""
    scope.get_member(staff(), member_id)
    try:
        factors.reset(staff(), member_id)
    except BoleError as error:
        db.session.rollback()
        flash(sentence(error), "warning")
    else:
        flash(_("两步验证已清除。本人用密码登录后可以重新设置。"), "success")
    return redirect(url_for("office.member", member_id=member_id))
