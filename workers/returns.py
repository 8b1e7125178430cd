"""The job on a workbook that came back: read, found again, compared with what went out and with what is here now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from openpyxl.utils import get_column_letter
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, storage
from models.application.tables import Application, Round
from models.errors import InvalidAnswer
from models.extensions import db
from models.office import audit, editions, returns, scope, sealing, templates, unit_entries, unit_table_saving
from models.office.edition_tables import Edition, WorkbookReturn
from models.office.return_diff import Difference, differ
from models.office.return_matching import Found, Heads, edition_of, heads_of, match
from models.office.tables import Staff, UnitRow, UnitTableRow
from models.office.workbook_data import Record, UnitRecords
from models.office.workbook_records import load
from models.programme import fields, unit_rows
from models.programme.loader import load_pack
from models.programme.official import UnitTable
from models.programme.official_columns import Slot, slots, table_of
from models.programme.pack import Pack
from models.programme.pasting import is_rounded
from workers.returned_file import Page, Unreadable, read_file
from workers.runtime import run_prepared
from workers.sheets.row_texts import row_texts

log = structlog.get_logger(__name__)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COVER = "说明"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in the file as it was at `version`; `problem` is a wording key, and then there is nothing else."""

    version: int
    problem: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    edition: tuple[str, str, str, str] | None = None  # id, round, unit, kind
    cells: Sequence[returns.Compared] = ()


def read_return(outbox_id: str) -> None:
    """Job: read and compare a returned workbook. Subject: its id."""
    run_prepared(outbox_id, look_at, record)


def look_at(return_id: str) -> Looked | None:
    """Read and compare; None where the record has gone or gone on. Nothing is written."""
    row = db.session.get(WorkbookReturn, return_id)
    if row is None or row.state != returns.READING or row.staff_id is None:
        return None
    version, key, staff_id = row.version, row.storage_key, row.staff_id
    db.session.rollback()  # reading takes a while: keep no transaction open meanwhile
    try:
        pages = read_file(storage.get(key, sealing.returned(return_id)))
    except Unreadable as refused:
        return Looked(version, refused.key)
    ident = edition_of([page.rows for page in pages])
    if not ident:
        return Looked(version, "return.no_edition")
    edition = db.session.get(Edition, ident)
    staff = db.session.get_one(Staff, staff_id)
    if edition is None or edition.taken_at is None:
        return Looked(version, "return.unknown_edition")
    unit = db.session.scalar(scope.units(staff).where(UnitRow.id == edition.unit_id))
    if unit is None:
        return Looked(version, "return.other_unit")
    return _Comparison(staff, edition, unit, pages).looked(version)


class _Comparison:
    """One file against one edition and the present state."""

    def __init__(self, staff: Staff, edition: Edition, unit: UnitRow, pages: Sequence[Page]) -> None:
        self.staff, self.edition, self.unit, self.pages = staff, edition, unit, pages
        self.pack: Pack = load_pack(unit.programme)
        self.table = table_of(self.pack, edition.kind)
        self.today = clock.current().today()
        session, intake = db.session(), db.session.get_one(Round, edition.round_id)
        # Versions first: what changes between is told by them when it is applied.
        here = select(Application.id, Application.version).where(Application.round_id == intake.id)
        self.versions: dict[str, int] = {row.id: row.version for row in session.execute(here)}
        self.entries = unit_entries.versions(session, list(self.versions))
        typed = select(UnitTableRow).where(
            UnitTableRow.round_id == intake.id, UnitTableRow.unit_id == unit.id, UnitTableRow.kind == edition.kind
        )
        self.typed = {row.id: (row.version, row.part) for row in session.scalars(typed)}
        self.held: UnitRecords = load(session, self.pack, intake, unit)
        self.records: dict[str, Record] = {one.application_id: one for one in self.held.records}
        self.ours = row_texts(self.pack, self.held, edition.kind)
        self.base = editions.rows(edition)
        self.specs = self._specs()

    def _specs(self) -> dict[str, Any]:
        """What each column holds, as far as somebody types it."""
        if isinstance(self.table, UnitTable):
            return {f"column:{column.id}": column for column in unit_rows.typed_columns(self.table)}
        specs: dict[str, Any] = {f"unit_field:{each.id}": each for each in self.pack.form.unit_fields}
        specs |= {f"field:{each.id}": each for part in self.pack.form.sections for each in part.fields}
        return specs

    def looked(self, version: int) -> Looked:
        placed = self._placed()
        if placed is None:
            return Looked(version, "return.no_table")
        page, heads = placed
        known = self.edition.people.split("\n")
        found = match(page.rows, heads, self.base, known, self._identity())
        if found.foreign:
            return Looked(version, "return.foreign_rows", {"rows": _list(found.foreign)})
        if not found.rows:
            return Looked(version, "return.no_rows")
        theirs = {key: {name: cell.text for name, cell in row.items()} for key, row in found.rows.items()}
        cells = [self._compared(one, found, page) for one in differ(self.base, theirs, self.ours, self._same)]
        edition = (self.edition.id, self.edition.round_id, self.edition.unit_id, self.edition.kind)
        params = {
            "added": list(found.added),
            "doubled": list(found.doubled),
            "missing": [key for key in found.missing if key in self.ours],
            "by_number": found.by_number,
            "rows": len(found.rows),
        }
        return Looked(version, params=params, edition=edition, cells=cells)

    def _placed(self) -> tuple[Page, Heads] | None:
        wanted = self._slots()
        best = None
        for page in self.pages:
            heads = None if page.hidden or page.title == _COVER else heads_of(page.rows, wanted)
            if heads is not None and (best is None or len(heads.columns) > len(best[1].columns)):
                best = page, heads
        return best

    def _slots(self) -> list[Slot]:
        """The headings of the office's own table where one is in use, besides the pack's."""
        known = slots(self.pack, self.edition.kind)
        used = templates.in_use(db.session(), self.pack.slug).get(self.edition.kind)
        if used is None:
            return list(known)
        heads = templates.layout_of(used).heads
        mapped = [(head, used.mapping.get(head.letter)) for head in heads]
        return [Slot(slot, head.header, head.group) for head, slot in mapped if slot] or list(known)

    def _identity(self) -> str:
        return next((name for name, spec in self.specs.items() if spec.kind == "id_number" and ":" in name), "")

    def _same(self, column: str, one: str, other: str) -> bool:
        if _folded(one) == _folded(other):
            return True
        spec = self.specs.get(column)
        if spec is None or not one or not other or spec.kind in ("text", "long_text", "rows"):
            return False
        return bool(self._read(spec, one) == self._read(spec, other))

    def _read(self, spec: Any, text: str) -> Any:
        try:
            return fields.parse(spec, _tidy(spec, text), today=self.today)
        except InvalidAnswer:
            return text

    def _compared(self, one: Difference, found: Found, page: Page) -> returns.Compared:
        cell = found.rows[one.key][one.column]
        place = f"{get_column_letter(cell.column)}{cell.row}"
        try:
            if (cell.row, cell.column) in page.calculated:
                raise InvalidAnswer("return.formula")
            if is_rounded(one.theirs):
                raise InvalidAnswer("return.rounded")
            value, version = self._taken(one)
        except InvalidAnswer as error:
            said = {name: text for name, text in error.params.items() if isinstance(text, str | int)}
            return returns.Compared(one, cell.row, place, problem=error.key, params=said)
        entry = self.entries.get((one.key, one.column.partition(":")[2]), 0)
        return returns.Compared(
            one, cell.row, place, value=value, version=version, entry=entry, part=self.typed.get(one.key, (0, ""))[1]
        )

    def _taken(self, one: Difference) -> tuple[Any, int]:
        """The canonical value, and the version of what it replaces. Raises InvalidAnswer: may not be changed so."""
        if isinstance(self.table, UnitTable):
            return self._typed(self.table, one)
        record, spec = self.records[one.key], self.specs.get(one.column)
        if spec is None or one.column.startswith("rows:"):
            raise InvalidAnswer("return.computed")
        if record.unit_id != self.staff.unit_id:
            raise InvalidAnswer("return.below", unit=record.unit_name)
        if one.column.startswith("unit_field:"):
            own = record.pack or self.pack
            on = record.submitted_on or self.today
            asked = {each.id: each for each in unit_entries.asked_by(own, record.categories, record.answers, on)}
            spec = asked.get(spec.id)
            if spec is None:
                raise InvalidAnswer("return.not_asked")
            value = fields.parse(spec, _tidy(spec, one.theirs), today=self.today) if one.theirs else None
            return value, self.versions[one.key]
        if spec.kind in ("id_number", "passport_number") or getattr(spec, "profile", "") in ("name", "id_number"):
            raise InvalidAnswer("return.identity")
        if spec.kind == "rows":
            raise InvalidAnswer("return.many_lines")
        if record.status != "submitted":
            raise InvalidAnswer("return.decided")
        return fields.parse(spec, _tidy(spec, one.theirs), today=self.today), self.versions[one.key]

    def _typed(self, table: UnitTable, one: Difference) -> tuple[Any, int]:
        column = self.specs.get(one.column)
        if column is None:
            raise InvalidAnswer("return.computed")
        if not unit_table_saving.may_fill(self.staff, self.unit):
            raise InvalidAnswer("return.below", unit=self.unit.name)
        if table.each and table.rows:
            raise InvalidAnswer("return.several")
        return unit_rows.read_cell(column, _tidy(column, one.theirs), self.today), self.typed.get(one.key, (0, ""))[0]


def _folded(text: str) -> str:
    return "\n".join(line.strip() for line in text.replace("\r\n", "\n").strip().split("\n"))


def _tidy(spec: Any, text: str) -> str:
    """A month that a spreadsheet has made a day of is a month again."""
    return text[:7] if spec.kind == "month" and _DAY.fullmatch(text) else text


def _list(numbers: Sequence[int]) -> str:
    shown = "、".join(map(str, numbers[:10]))
    return shown + "…" if len(numbers) > 10 else shown


def record(return_id: str, session: Session, looked: Looked | None) -> None:
    """Keep what was found, unless the record has changed since; a refused file goes."""
    row = session.get(WorkbookReturn, return_id, with_for_update=True, populate_existing=True)
    if row is None or looked is None or row.state != returns.READING or row.version != looked.version:
        return
    if looked.edition is None:
        log.info("return_refused", reason=looked.problem)
        returns.refuse(session, row, looked.problem, looked.params)
        if looked.problem in ("return.other_unit", "return.foreign_rows"):
            audit.write(session, row.staff_id, audit.REFUSE_RETURN, f"return:{row.id}", f"sha256 {row.digest[:16]}")
        return
    row.edition_id, row.round_id, row.unit_id, row.kind = looked.edition
    returns.keep(session, row, looked.cells, looked.params)
