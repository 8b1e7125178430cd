"""What was decided on a returned workbook, written: within the caller's transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application import answers, deciding, notices
from models.application.tables import Application, new_id
from models.errors import Conflict, InvalidAnswer
from models.interview import wording
from models.office import audit, unit_entries, unit_table_saving, unit_tables
from models.office.edition_tables import WorkbookReturn
from models.office.return_cells import Choice
from models.office.tables import Staff
from models.office.unit_table_saving import SentRow
from models.programme.loader import load_pack
from models.programme.pack import Pack


class Changed(Exception):
    """Something is not as it was when it was compared."""


def apply(session: Session, staff: Staff, row: WorkbookReturn, taken: Sequence[Choice]) -> None:
    """Write all of `taken`. Raises Changed where anything has changed since it was compared."""
    by_key: dict[str, list[Choice]] = {}
    for one in taken:
        by_key.setdefault(one.key, []).append(one)
    try:
        if any(one.column.startswith("column:") for one in taken):
            _tables(staff, row, by_key)
        else:
            _people(session, staff, row, by_key)
    except (Conflict, InvalidAnswer) as error:
        raise Changed from error


def _tables(staff: Staff, row: WorkbookReturn, by_key: dict[str, list[Choice]]) -> None:
    by_part: dict[str, list[SentRow]] = {}
    for key, cells in by_key.items():
        raw = {one.column.partition(":")[2]: "" if one.value is None else str(one.value) for one in cells}
        by_part.setdefault(cells[0].part, []).append(SentRow(key, cells[0].version, raw))
    for part, sent in by_part.items():
        place = unit_tables.find(staff, row.round_id, row.unit_id, row.kind, part)
        if any(result.state != "saved" for result in unit_table_saving.save(staff, place, sent)):
            raise Changed


def _people(session: Session, staff: Staff, row: WorkbookReturn, by_key: dict[str, list[Choice]]) -> None:
    staff_id, pack = staff.id, load_pack(staff.unit.programme if staff.unit else "")
    locked = select(Application).where(Application.id.in_(list(by_key))).with_for_update()
    people = {one.id: one for one in session.scalars(locked.execution_options(populate_existing=True))}
    for key, cells in by_key.items():
        person = people.get(key)
        if person is None or person.version != cells[0].version or not unit_entries.may_fill(staff, person):
            raise Changed
        own = {one.column.partition(":")[2]: one for one in cells if one.column.startswith("unit_field:")}
        if own:
            values = {name: one.value for name, one in own.items()}
            unit_entries.put(session, person, values, {name: one.entry for name, one in own.items()}, staff_id)
            said = f"return:{row.id} {' '.join(sorted(own))}"
            audit.write(session, staff_id, audit.FILL, f"application:{key}", said)
        proposed = [one for one in cells if one.column.startswith("field:")]
        if proposed:
            items = [deciding.ReturnedItem(one.column, _reason(pack, one, person.language)) for one in proposed]
            deciding.return_items(key, items, staff_id, cells[0].version)
            audit.write(session, staff_id, audit.RETURN, f"application:{key}", f"return:{row.id}")
    for person in people.values():
        notices.promise_workbooks(session, person, new_id(), person.unit_id)


def _reason(pack: Pack, one: Choice, language: str) -> str:
    """What the unit proposes; a value that is kept encrypted is not repeated."""
    if one.column in answers.sensitive_keys(pack) or not one.theirs:
        return wording.say("return.proposed_plain", language)
    return wording.say("return.proposed", language, value=one.theirs[:120])
