"""Letters: how each went, and, where there is no server to send by, what it would have said."""

from __future__ import annotations

import re

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from models.errors import Conflict
from models.extensions import db
from models.office import audit, letter_form, letters, links, scope, scope_letters
from models.office.edition_tables import Letter
from models.office.tables import UnitRow
from models.unit_of_work import unit_of_work
from webforms.office_base import page, sentence, staff, staff_route

SIZE = 50
STATE = {
    letters.FAILED: _l("没有发出"),
    letters.UNCERTAIN: _l("可能已发出"),
    letters.PENDING: _l("等待发送"),
    letters.SENT: _l("已发出"),
    letters.KEPT: _l("只保存，没有发送"),
    letters.WITHDRAWN: _l("已撤回，没有发送"),
}
STYLE = {letters.FAILED: "danger", letters.UNCERTAIN: "warning", letters.PENDING: "info", letters.SENT: "success"}
KIND = {
    "reminder": _l("督促提醒"),
    "news": _l("工作簿有变动"),
    "deadline": _l("截止前的通知"),
    "export": _l("导出文件"),
    "export_second": _l("导出等人同意"),
    "export_refused": _l("导出没有得到同意"),
    "export_forgotten": _l("导出没有人处理"),
    "invitation": _l("邀请"),
    "password": _l("重设密码"),
}
_WHY = {
    "config": _l("邮件服务器没有设置好"),
    "rejected": _l("邮件服务器拒收"),
    "transient": _l("多次连接不上邮件服务器"),
}
_TOKEN = re.compile(r"(/office/l/)\S+")


@staff_route("/letters", *scope.EVERYBODY)
def letters_page() -> ResponseReturnValue:
    """Letters in reach, newest first; those of one state by its link."""
    state, number = request.args.get("state", ""), max(1, request.args.get("page", 1, type=int))
    query = scope_letters.letters(staff())
    if state in letters.STATES:
        query = query.where(Letter.state == state)
    query = query.order_by(Letter.created_at.desc(), Letter.id).offset((number - 1) * SIZE).limit(SIZE + 1)
    rows = list(db.session.scalars(query))
    return page(
        "letters.html",
        rows=[_line(row) for row in rows[:SIZE]],
        more=len(rows) > SIZE,
        number=number,
        state=state if state in letters.STATES else "",
        states=STATE,
        styles=STYLE,
        sent=letters.is_sent(),
        units=_names(rows),
    )


def _line(row: Letter) -> dict[str, object]:
    words = letters.read(row)
    return {"row": row, "kind": KIND.get(row.kind, row.kind), "to": words.to, "subject": words.subject, "why": why(row)}


def why(row: Letter) -> str:
    """Why it did not go, in words, with the server's code."""
    kind, _space, code = row.error.partition(" ")
    return f"{_WHY[kind]} {code}".strip() if kind in _WHY else row.error


def _names(rows: list[Letter]) -> dict[str, str]:
    ids = {row.unit_id for row in rows if row.unit_id}
    found = db.session.execute(select(UnitRow.id, UnitRow.name).where(UnitRow.id.in_(ids)))
    return {row.id: row.name for row in found}


@staff_route("/letters/<letter_id>", *scope.EVERYBODY)
def letter(letter_id: str) -> ResponseReturnValue:
    """One letter as it goes over the wire. The link of one that went out is the recipient's, and is not
    shown; nor is ever one that opens once: it is shown once where it is made."""
    row = scope_letters.get_letter(staff(), letter_id)
    words = letters.read(row)
    hidden = row.state != letters.KEPT or row.kind in links.ONCE
    body = _TOKEN.sub(r"\1…", words.body) if hidden else words.body
    headers = [(name, str(value)) for name, value in letter_form.compose(row, words).items()]
    names = _names([row])
    return page(
        "letter.html",
        row=row,
        words=words,
        parts=_parts(body, linked=not hidden),
        headers=headers,
        unit=names.get(row.unit_id or "", ""),
        kind=KIND.get(row.kind, row.kind),
        states=STATE,
        styles=STYLE,
        why=why(row),
        may_send=scope.ADMIN in scope.roles(staff()) and letters.is_sent(),
        demo=current_app.config["BOLE"].demo,
    )


def _parts(body: str, linked: bool) -> list[tuple[str, bool]]:
    """The text, cut so that its link can be one."""
    pieces = re.split(r"(https?://\S+)", body)
    return [(piece, linked and number % 2 == 1) for number, piece in enumerate(pieces)]


@staff_route("/letters/<letter_id>/again", scope.ADMIN, methods=("POST",))
def letter_again(letter_id: str) -> ResponseReturnValue:
    """Send a letter once more that did not go, or of which nobody knows."""
    row, me = scope_letters.get_letter(staff(), letter_id), staff().id
    try:
        with unit_of_work() as session:
            letters.again(session, row)
            audit.write(session, me, audit.SEND_LETTER, f"letter:{letter_id}")
    except Conflict as conflict:
        flash(sentence(conflict), "warning")
    else:
        flash(_("已重新排队发送。"), "success")
    return redirect(url_for("office.letter", letter_id=letter_id))
