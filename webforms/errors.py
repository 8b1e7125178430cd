"""What a person sees when something goes wrong: one clear sentence, what to do, and for the unknown a reference number.

The reference is bound to the request's log lines, so the number that a person reads out finds what happened.
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from models import logs
from models.errors import BoleError, NotFound, StorageAway
from models.interview import wording
from webforms import i18n
from webforms.flask_app import asked_by_machine
from webforms.requests import TYPED, read_away

log = structlog.get_logger(__name__)


class PageExpired(Exception):
    """The page's ticket and the cookie are both gone: the person resumes with their receipt code."""


def init_app(app: Flask) -> None:
    """Bind the error pages to `app`."""
    app.register_error_handler(PageExpired, _expired)
    app.register_error_handler(NotFound, lambda _exc: _page(404))
    app.register_error_handler(StorageAway, _storage_away)
    app.register_error_handler(BoleError, _known)
    app.register_error_handler(CSRFError, lambda _exc: _page(400, "csrf"))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def bind() -> None:
    """A new reference for this request."""
    logs.bind_reference(endpoint=request.endpoint or "")


def sentences(status: int, kind: str = "") -> tuple[str, str]:
    """Title and advice for an HTTP status."""
    if kind == "csrf":
        return _("这一页放得太久了"), _("请返回上一页、刷新后再提交一次。")
    if kind == "typed":
        return _("写得太长"), _("这一次没有保存。请返回上一页，写短一些再提交；您写的内容还在那里。")
    known = {
        403: (_("您不能打开这一页"), _("如果您认为这不对，请从头进入，或者联系报送单位。")),
        404: (_("没有找到这一页"), _("网址可能写错了，或者这一页已经不在了。请从首页重新进入。")),
        405: (_("没有找到这一页"), _("网址可能写错了，或者这一页已经不在了。请从首页重新进入。")),
        413: (_("文件太大"), _("每张照片不能超过 30 MB。请重新拍一张，或选小一点的照片。已填的内容都还在。")),
        429: (_("试得太多了"), _("为了保护申报人的信息，请过几分钟再试。")),
    }
    if status in known:
        return known[status]
    if status < 500:
        return _("这个请求没有办成"), _("请返回上一页再试一次。已保存的内容都还在。")
    return _("对不起，系统出了点问题"), _("已保存的内容都还在。请稍后再试；如果还不行，请把下面的编号告诉工作人员。")


def _page(status: int, kind: str = "", reference: str = "") -> ResponseReturnValue:
    title, advice = sentences(status, kind)
    if _wants_json():
        return jsonify(error=title, advice=advice, reference=reference), status
    return render_template("errors/page.html", title=title, advice=advice, reference=reference), status


def _wants_json() -> bool:
    return bool(request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json")


def _http(exc: HTTPException) -> ResponseReturnValue:
    if exc.code is None or exc.code < 400:
        return exc.get_response()
    if asked_by_machine(current_app):  # of forged requests there may be many, and nobody reads a page
        return Response(status=exc.code, mimetype="text/plain")
    if exc.code == 413:
        read_away()
        return _page(413, "typed" if request.mimetype == TYPED else "")
    return _page(exc.code)


def _known(exc: BoleError) -> ResponseReturnValue:
    """A refusal that no page turned into its own answer: its sentence alone."""
    return render_template("errors/page.html", title=wording.error(exc, i18n.lang()), advice="", reference=""), 409


def _storage_away(exc: StorageAway) -> ResponseReturnValue:
    """The same again in a moment is right: a script tries by itself (503), a person is told so."""
    log.error("storage_away", **logs.describe(exc))
    sentence = wording.error(exc, i18n.lang())
    if _wants_json():
        return jsonify(error=sentence, advice="", reference=""), 503, {"Retry-After": "30"}
    page = render_template("errors/page.html", title=sentence, advice="", reference="")
    return page, 503, {"Retry-After": "30"}


def _expired(_exc: PageExpired) -> ResponseReturnValue:
    resume = url_for("apply.resume", expired=1)
    if _wants_json():
        sentence = _("这一页放得太久了，填的内容已在本机保留。")
        return jsonify(error=sentence, resume=resume, resume_words=_("用申报编号重新打开")), 401
    g.page_expired = True
    return redirect(resume)


def _unknown(exc: Exception) -> ResponseReturnValue:
    reference = logs.reference()
    log.error("unknown_error", exc_info=exc)
    return _page(500, reference=reference)
