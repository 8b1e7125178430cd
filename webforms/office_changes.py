"""What has changed in a unit's workbook since it was taken out: a page beside the download, and a sheet of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request
from flask.typing import ResponseReturnValue

from models import clock
from models.application.tables import Round
from models.errors import NotFound
from models.extensions import db
from models.interview import wording
from models.office import audit, editions, scope_editions, workbook_files
from models.office.edition_changes import Compared, Line, compare
from models.office.edition_tables import Edition
from models.office.tables import UnitRow, Workbook
from models.office.workbook_data import file_name
from models.programme.loader import load_pack
from models.programme.official import FORMS
from models.programme.pack import Pack
from webforms import office_under_way
from webforms.downloads import disposition
from webforms.office_base import lang, page, staff, staff_route
from webforms.office_workbooks import COLLECTORS

_SHOWN = 300  # rows of each kind on the page; the sheet has them all
_EARLIER = 20  # editions that can be chosen


@dataclass(frozen=True, slots=True)
class _Found:
    """A workbook, what it holds now, what it may be compared with, and the comparison, where there is one."""

    book: Workbook
    unit: UnitRow
    pack: Pack
    now: Edition | None
    earlier: list[Edition]
    compared: Compared | None

    @property
    def label(self) -> str:
        """What the table is called, in Chinese."""
        return self.pack.workbooks.label(self.book.kind)


@staff_route("/workbooks/<workbook_id>/changes", *COLLECTORS)
def changes_page(workbook_id: str) -> ResponseReturnValue:
    """What is otherwise now than in what was taken out last, or in an earlier edition."""
    found = _find(workbook_id)
    if found.now is None and office_under_way.nothing_new("1"):
        return Response(status=204)
    if found.compared:
        audit.write_now(staff().id, audit.VIEW_CHANGES, f"workbook:{found.book.id}", _numbers(found.compared))
    kinds = found.pack.workbooks.kinds()
    others = sorted(
        scope_editions.siblings(found.book), key=lambda one: kinds.index(one.kind) if one.kind in kinds else 0
    )
    return page(
        "changes.html",
        found=found,
        intake=db.session.get_one(Round, found.book.round_id),
        others=[one for one in others if one.kind in kinds and one.kind != FORMS],
        taken=scope_editions.last_taken(staff()),
        people=found.book.kind in found.pack.workbooks.people_kinds(),
        most=_SHOWN,
        why=lambda line: why(line, lang()),
        kind=lambda name: wording.say(f"workbook.changes.kind_{name}", lang()),
    )


@staff_route("/workbooks/<workbook_id>/changes.xlsx", *COLLECTORS)
def changes_sheet(workbook_id: str) -> ResponseReturnValue:
    """The same as a sheet (变动清单). The export is audited before the bytes leave."""
    from webforms.office_changes_sheet import Head, written  # openpyxl takes a tenth of a start to import

    found = _find(workbook_id)
    if found.compared is None:
        raise NotFound("office.not_found")
    audit.write_now(staff().id, audit.EXPORT_CHANGES, f"workbook:{found.book.id}", _numbers(found.compared))
    today = clock.current().today()
    intake = db.session.get_one(Round, found.book.round_id)
    head = Head(found.unit.name, found.pack.programme.short.zh, found.label, intake.name, today)
    name = file_name(found.unit.name, found.pack.programme.short.zh, f"{found.label}变动清单", today)
    response = Response(written(head, found.compared), mimetype=workbook_files.XLSX)
    response.headers["Content-Disposition"] = disposition(name)
    return response


def why(line: Line, language: str) -> str:
    """Why a row is not in the table any more."""
    said = wording.say(f"workbook.out.{line.why}", language)
    if not line.clause:
        return said
    return wording.say("workbook.changes.by_clause", language, said=said, clause=line.clause, day=line.day)


def _find(workbook_id: str) -> _Found:
    book = scope_editions.get_book(staff(), workbook_id)
    unit = db.session.get_one(UnitRow, book.unit_id)
    pack = load_pack(unit.programme)
    if book.kind == FORMS or book.kind not in pack.workbooks.kinds():
        raise NotFound("office.not_found")
    now = editions.of(db.session(), book)
    chosen = request.args.get("since", "")
    base = scope_editions.get_taken(book, chosen) if chosen else None
    query = scope_editions.taken(book).limit(_EARLIER)
    earlier = [one for one in db.session.scalars(query) if now is None or one.id != now.id]
    base = base or next(iter(earlier), None)
    compared = compare(db.session(), unit, base, now) if now is not None and base is not None else None
    return _Found(book, unit, pack, now, earlier, compared)


def _numbers(compared: Compared) -> str:
    """How many lines of each kind: what the audit keeps."""
    return f"+{len(compared.added)} ~{len(compared.changed)} -{len(compared.gone) + compared.left}"
