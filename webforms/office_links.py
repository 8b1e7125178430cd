"""Links in letters and messages: they lead to a page, once whoever follows them has signed in."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import NotFound
from models.extensions import db
from models.office import links, scope, scope_letters
from models.office.edition_tables import OfficeLink
from models.unit_of_work import unit_of_work
from webforms.office_base import blueprint, page, staff, staff_route
from webforms.security import signed_in

# Purpose → the address of its page. Whoever writes links of another purpose names theirs here.
PAGES: dict[str, Callable[[OfficeLink], str]] = {
    links.WORKBOOK: lambda link: _workbook(link),
    links.EXPORT: lambda link: url_for("office.export_page", export_id=link.subject_id),
    links.PROGRESS: lambda link: url_for("office.progress_page"),
}
# Purposes of people who have no account yet: their page takes the token, and decides by `links.find` what it opens.
OPEN_PAGES: dict[str, Callable[[str], str]] = {}


def _workbook(link: OfficeLink) -> str:
    """What has changed in one of the unit's tables, or all of them where the link names none."""
    if not link.subject_id:
        return url_for("office.workbooks_page")
    return url_for("office.changes_page", workbook_id=link.subject_id)


@blueprint.before_request
def _before_signing_in() -> ResponseReturnValue | None:
    """Lead who has no account yet to their page; say already at the sign-in page that a link is over."""
    if request.endpoint != "office.office_link" or request.method != "GET":
        return None
    token = str((request.view_args or {}).get("token", ""))
    link = links.find(db.session(), token)
    if link is not None and link.purpose in OPEN_PAGES:  # also where somebody else is signed in: its page says so
        return redirect(OPEN_PAGES[link.purpose](token))
    if signed_in() is not None:
        return None
    if link is not None and links.is_over(link) and not request.headers.get("HX-Request"):
        flash(_("这个链接已经过期。登录后仍可以直接办理。"), "warning")
        return redirect(url_for("security.login", next=url_for("office.home")))
    return None


@staff_route("/l/<token>", *scope.EVERYBODY)
def office_link(token: str) -> ResponseReturnValue:
    """Where the link leads, for whom it is; for anybody else it does not exist."""
    link = links.find(db.session(), token)
    if link is None or not scope_letters.is_for(staff(), link):
        raise NotFound("office.not_found")
    target = PAGES[link.purpose](link) if link.purpose in PAGES else url_for("office.home")
    if links.is_over(link):
        return page("link_over.html", 410, target=target)
    if link.used_at is None:
        with unit_of_work() as session:
            links.note_use(session, link)
    return redirect(target)
