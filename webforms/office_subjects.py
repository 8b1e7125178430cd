"""What the lines of the audit are about, in words: receipts, user names and units instead of ids."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from models.application import labels
from models.application.packs import pack_of
from models.application.tables import Application, DocumentPage, Round
from models.extensions import db
from models.office.tables import Audit, Staff, UnitRow, Workbook
from webforms.office_setup_words import CHANNEL


def names(rows: Iterable[Audit], lang: str) -> dict[str, str]:
    """The subject of each line, by the line's id. What has been deleted since keeps its kind and the id's beginning."""
    return {row.id: _name(row.subject, lang) for row in rows}


def _name(subject: str, lang: str) -> str:
    kind, _colon, rest = subject.partition(":")
    ident, _colon, key = rest.partition(":")
    fixed = {"enquiry": _("一个问题"), "answer": _("一条公用答复"), "work": _("后台任务"), "login": _("登录页")}
    fixed |= {"notice": _("一条通知"), "prepared": _("一条常用答复"), "letter": _("一封信件")}
    fixed |= {"double": _("一件“报了两次”"), "elsewhere": _("一件“也报了别的项目”")}
    fixed |= {"channel": str(CHANNEL.get(ident, ident)), "keys": _("密钥 %(id)s", id=ident)}
    if kind in fixed:
        return str(fixed[kind])
    found = _FINDERS[kind](ident, key, lang) if kind in _FINDERS else ""
    return found or f"{kind} {ident[:8]}"


def _application(ident: str, key: str, lang: str) -> str:
    found = db.session.get(Application, ident)
    if found is None:
        return ""
    about = labels.label(pack_of(found), key, lang) if key else ""
    return f"{found.receipt} · {about}" if about else found.receipt


def _page(ident: str, _key: str, lang: str) -> str:
    found = db.session.get(DocumentPage, ident)
    return _application(found.application_id, f"document:{found.document}", lang) if found else ""


def _staff(ident: str, _key: str, _lang: str) -> str:
    found = db.session.get(Staff, int(ident)) if ident.isdecimal() else None
    return (found.username or found.display_name) if found else ""


def _unit(ident: str, _key: str, lang: str) -> str:
    found = db.session.get(UnitRow, ident)
    return (found.name_en if lang == "en" else found.name) if found else ""


def _workbook(ident: str, _key: str, lang: str) -> str:
    found = db.session.get(Workbook, ident)
    return _unit(found.unit_id, "", lang) if found else ""


def _round(ident: str, _key: str, _lang: str) -> str:
    found = db.session.get(Round, ident)
    return found.name if found else ""


_FINDERS = {
    "application": _application,
    "page": _page,
    "staff": _staff,
    "unit": _unit,
    "workbook": _workbook,
    "round": _round,
}
