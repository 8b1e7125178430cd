"""People whom the unit enters itself: the list of them, each one's link, the signed consent, the sheet to print."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import segno
from flask import Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from models import clock
from models.application import queries
from models.application.tables import Application
from models.errors import BoleError, Conflict, InvalidAnswer, NotFound, NotOpen, NotReady
from models.extensions import db
from models.interview import entering as unagreed
from models.interview.steps import Stage
from models.office import audit, batches, confirmations, scope, scope_entry
from models.office.batch_tables import BatchRow, Confirmation
from models.programme.loader import load_pack
from webforms.downloads import disposition
from webforms.office_base import lang, page, sentence, staff, staff_route
from webforms.office_doubles import outcomes

ENTERERS = (scope.REVIEWER, scope.OFFICE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STANDINGS = ("asked", "confirmed", "recorded", "objected", "handed_in", "ended")
LATE_DAYS = 3  # after so many without a word, the clerk is reminded


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody the unit has entered; `waits`: whole days since."""

    row: Confirmation
    application: Application
    standing: str
    waits: int
    over: bool


def entered_people(batch_id: str = "") -> list[Entered]:
    """Whom the unit has entered, who waits longest first; of one batch in its order."""
    query = scope_entry.entered(staff()).with_only_columns(Confirmation, Application)
    if batch_id:
        query = query.join(BatchRow, BatchRow.application_id == Application.id).where(BatchRow.batch_id == batch_id)
        query = query.order_by(BatchRow.position)
    else:
        query = query.order_by(Confirmation.created_at, Application.id)
    return [_entered(row, application) for row, application in db.session.execute(query)]


def _entered(row: Confirmation, application: Application) -> Entered:
    waits = (clock.current().now() - row.created_at).days
    return Entered(row, application, confirmations.standing(row, application), waits, confirmations.is_over(row))


@staff_route("/entry", *ENTERERS)
def entered_page() -> ResponseReturnValue:
    """Everybody whom the unit has entered, by how they stand to it, and its lists."""
    return _list()


def _list(status: int = 200, problem: str = "", pasted: str = "") -> ResponseReturnValue:
    people = entered_people()
    counts = {name: sum(one.standing == name for one in people) for name in STANDINGS}
    wanted = request.args.get("show", "")
    shown = [one for one in people if one.standing == wanted] if wanted in STANDINGS else people
    made = batches.mine(staff())
    return page(
        "entered.html",
        status,
        people=shown,
        counts=counts,
        wanted=wanted,
        total=len(people),
        late=sum(one.standing == "asked" and one.waits >= LATE_DAYS for one in people),
        late_days=LATE_DAYS,
        doubled=outcomes(),
        batches=[(batch, batches.counts(db.session(), batch.id)) for batch in made],
        problem=problem,
        pasted=pasted,
        most=batches.MOST_ROWS,
        pack=load_pack(scope.programme(staff())),
    )


@staff_route("/entry/batches", *ENTERERS, methods=("POST",))
def new_batch() -> ResponseReturnValue:
    """Keep a pasted or uploaded list and have it judged."""
    text = request.form.get("pasted", "")
    with closing(request.files.get("file") or FileStorage()) as given:
        data, name = given.stream.read(batches.LARGEST + 1), given.filename or ""
    try:
        batch_id = (batches.upload(staff(), name, data) if name else batches.paste(staff(), text)).id
    except (InvalidAnswer, NotOpen) as error:
        db.session.rollback()
        return _list(422, sentence(error), text)
    return redirect(url_for("office.batch_page", batch_id=batch_id))


@staff_route("/entry/template", *ENTERERS)
def entry_template_file() -> ResponseReturnValue:
    """An empty list to fill in."""
    from models.office import entry_template  # openpyxl takes a tenth of a start to import

    pack = load_pack(scope.programme(staff()))
    response = Response(entry_template.make(pack), mimetype=XLSX)
    response.headers["Content-Disposition"] = disposition(f"{pack.programme.short.zh}_名单.xlsx")
    return response


def link_of(row: Confirmation) -> str:
    """The address by which the person confirms; empty where it leads nowhere any more."""
    made = confirmations.token(row)
    base: str = current_app.config["BOLE"].base_url
    return f"{base}{url_for('apply.confirm', token=made)}" if made else ""


def qr(address: str, scale: int = 4) -> Markup:
    """The address as a drawing to be photographed."""
    drawn = segno.make(address, error="m").svg_inline(scale=scale, border=2, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn by segno out of our own address


@staff_route("/entry/people/<application_id>", *ENTERERS)
def entered_person(application_id: str) -> ResponseReturnValue:
    """How one person stands to it: link and QR code, the signed consent, handing in."""
    return _person(application_id)


def _person(application_id: str, status: int = 200, problem: str = "") -> ResponseReturnValue:
    row = scope_entry.get_entered(staff(), application_id)
    view = queries.view(application_id)
    one = _entered(row, view.application)
    plan = unagreed.plan(view.pack, view.answers, clock.current().today()) if one.standing != "ended" else None
    address = link_of(row) if one.standing in ("asked", "confirmed", "recorded") else ""
    open_asks = [a for a in plan.asks if a.key not in plan.answered] if plan else []
    return page(
        "entered_person.html",
        status,
        one=one,
        view=view,
        address=address,
        drawn=qr(address) if address else "",
        consents=[ask for ask in plan.asks if ask.stage is Stage.CONSENT] if plan else [],
        lacking=[a for a in open_asks if a.stage not in (Stage.CONSENT, Stage.DECLARATION)],
        problem=problem,
        paper=request.form.get("paper", ""),
        pack=view.pack,
    )


@staff_route("/entry/people/<application_id>/renew", *ENTERERS, methods=("POST",))
def renew_link(application_id: str) -> ResponseReturnValue:
    """A new link; the one before leads nowhere."""
    return _act(application_id, lambda: confirmations.renew(staff(), application_id), _("已换发新的链接，原来的作废。"))


@staff_route("/entry/people/<application_id>/paper", *ENTERERS, methods=("POST",))
def record_paper(application_id: str) -> ResponseReturnValue:
    """The signed consent lies with the unit."""
    scope_entry.get_entered(staff(), application_id)
    ticked = request.form.getlist("consent")
    where = request.form.get("paper", "")
    done = _("已登记书面同意。本人打开链接时会看到这条登记。")
    return _act(application_id, lambda: confirmations.record_paper(staff(), application_id, where, ticked), done)


@staff_route("/entry/people/<application_id>/hand-in", *ENTERERS, methods=("POST",))
def hand_in(application_id: str) -> ResponseReturnValue:
    """Hand in what the person has agreed to."""
    return _act(application_id, lambda: confirmations.hand_in(staff(), application_id), _("已提交。"))


def _act(application_id: str, act: Any, done: str) -> ResponseReturnValue:
    try:
        act()
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        clash = isinstance(error, (Conflict, NotReady))
        return _person(application_id, 409 if clash else 422, sentence(error))
    flash(done, "success")
    return redirect(url_for("office.entered_person", application_id=application_id))


@staff_route("/entry/sheet", *ENTERERS)
def link_sheet() -> ResponseReturnValue:
    """The links of all who have not confirmed, on paper, one strip each to tear off: name, link and QR code."""
    batch_id = request.args.get("batch", "")
    if batch_id:
        scope_entry.get_batch(staff(), batch_id)
    waiting = [one for one in entered_people(batch_id) if one.standing == "asked" and not one.over]
    strips = [(one.application.name, link_of(one.row), one.row.expires_at) for one in waiting]
    audit.write_now(staff().id, audit.PRINT_LINKS, f"unit:{staff().unit_id}", str(len(strips)))
    pack = load_pack(scope.programme(staff()))
    drawn = [(name, address, qr(address, 3), until) for name, address, until in _with_address(strips)]
    title, own = pack.programme.short.get(lang()), staff().unit
    unit = "" if own is None else own.name_en if lang() == "en" and own.name_en else own.name
    return page("link_sheet.html", strips=drawn, title=title, unit=unit, batch_id=batch_id)


def _with_address(strips: Iterable[tuple[Any, str, Any]]) -> list[tuple[Any, str, Any]]:
    return [strip for strip in strips if strip[1]]
