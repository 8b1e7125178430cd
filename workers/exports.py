"""The job that makes an export: read without a lock, kept in one short transaction unless it comes too late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from models import clock, storage
from models.application import admission, queries
from models.application.tables import Application
from models.clock import CHINA
from models.errors import NotFound
from models.extensions import db
from models.interview import wording
from models.office import exports, reviews, scope, sealing
from models.office.export_erasing import MAKING
from models.office.review_tables import ExportRequest
from models.office.tables import Staff, UnitRow
from models.programme.loader import load_pack
from models.programme.pack import Pack
from models.unit_of_work import after_commit
from workers.runtime import run_prepared
from workers.sheets.styles import page
from workers.sheets.text import at, width, write_text

FIXED = ("number", "receipt", "name", "category", "unit", "status", "handed_in")


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is kept but not yet recorded, of the request as it was at `version`."""

    version: int
    storage_key: str
    rows: int


def make_export(outbox_id: str) -> None:
    """Job: make the file of an export. Subject: its id."""
    run_prepared(outbox_id, make, keep)


def make(export_id: str) -> Made | None:
    """Build and store the file; nothing is written to the database."""
    row = db.session.get(ExportRequest, export_id)
    if row is None or row.state != MAKING:
        return None
    staff = db.session.get_one(Staff, row.staff_id)
    held, version, pack = exports.content(row), row.version, load_pack(row.programme)
    full = held.full and scope.OFFICE in scope.roles(staff)
    reach = scope.applications(staff).where(Application.id.in_(held.people))
    people = {one.id: one for one in db.session.scalars(reach)}
    units = {
        unit.id: unit.name for unit in db.session.scalars(db.select(UnitRow).where(UnitRow.programme == pack.slug))
    }
    mark = watermark(row, staff, clock.current().now())
    lines = list(_lines(pack, [people[one] for one in held.people if one in people], units, held.columns, full))
    db.session.rollback()  # building takes a while: keep no transaction open meanwhile
    data = written(mark, _heads(pack, held.columns), lines)
    key = storage.put(data, sealing.export_file(export_id), storage.key_for(export_id, f"export:{version}"))
    return Made(version, key, len(lines))


def keep(export_id: str, session: Session, made: Made | None) -> None:
    """Record the file; one that comes too late goes again."""
    if made is None:
        return
    files = storage.current()
    row = session.get(ExportRequest, export_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != MAKING or row.version != made.version:
        if row is None or row.storage_key != made.storage_key:
            after_commit(lambda: files.delete(made.storage_key))
        return
    exports.made(session, row, made.storage_key, made.rows)


def watermark(row: ExportRequest, staff: Staff, now: datetime) -> str:
    """Who took this out, when, why, under which number."""
    unit = staff.unit.name if staff.unit else ""
    at_ = now.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    return wording.say(
        "export.mark", "zh", number=row.id[:8], name=staff.display_name, unit=unit, at=at_, why=row.reason
    )


def _heads(pack: Pack, columns: Sequence[str]) -> list[str]:
    labels = exports.labels(pack, "zh")
    return [*(wording.say(f"export.{name}", "zh") for name in FIXED), *(labels.get(key, key) for key in columns)]


def _lines(
    pack: Pack, people: Sequence[Application], units: dict[str, str], columns: Sequence[str], full: bool
) -> Iterator[list[str]]:
    names = {category.id: category.name.zh for category in pack.eligibility.categories}
    for number, one in enumerate(people, start=1):
        given = one.submitted_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if one.submitted_at else ""
        categories = "、".join(names.get(category, category) for category in one.categories or ())
        line = [str(number), one.receipt, one.name or "", categories, units.get(one.unit_id or "", "")]
        line += [wording.say(f"export.status_{one.status}", "zh", **admission.words(pack)), given]
        yield line + (_answers(one.id, columns, full) if columns else [])


def _answers(application_id: str, columns: Sequence[str], full: bool) -> list[str]:
    """The chosen answers in words; hidden ones masked unless they were asked for in full by who may."""
    try:
        view = queries.view(application_id)
    except NotFound:
        return [""] * len(columns)
    asked = reviews.returnable(view)
    return [reviews.said(view, asked[key], "zh", full=full) if key in asked else "" for key in columns]


def written(mark: str, heads: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    """The sheet: the mark above and below, everything as text, nothing a formula."""
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = wording.say("export.title", "zh")
    rows = [[mark], list(heads), *lines, [mark]]
    widths = [8.0] * len(heads)
    for place, texts in enumerate(rows, start=1):
        for column, text in enumerate(texts, start=1):
            write_text(at(sheet, place, column), text)
            if len(texts) == len(heads):
                widths[column - 1] = min(max(widths[column - 1], width(text) + 2), 40)
    for column, wide in enumerate(widths, start=1):
        sheet.column_dimensions[at(sheet, 2, column).column_letter].width = wide
        at(sheet, 2, column).font = Font(bold=True)
    for place in (1, len(rows)):
        sheet.merge_cells(start_row=place, start_column=1, end_row=place, end_column=len(heads))
        sheet.row_dimensions[place].height = 32
        sheet.cell(place, 1).alignment = Alignment(wrap_text=True, vertical="center")
        sheet.cell(place, 1).font = Font(bold=True, color="9C0006")
    sheet.freeze_panes = "A3"
    page(sheet, landscape=True, left=mark[:80])
    book.properties.creator = book.properties.lastModifiedBy = "伯乐 Bole"
    out = BytesIO()
    book.save(out)
    return out.getvalue()
