"""Tables that the office uploads: kept, laid out, mapped, tried, put in use and out of it again.

Nothing here opens a file: workers read it and fill it, because whatever was uploaded is hostile until looked at.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, outbox, storage
from models.application.notices import workbook_subject
from models.application.tables import Application, new_id
from models.errors import Conflict, InvalidAnswer, NotFound
from models.office import audit, scope, units
from models.office.tables import OfficialTemplate, Staff, UnitRow, Workbook
from models.office.template_layout import Layout, Template, Uploaded, Wanted
from models.programme.loader import load_pack
from models.programme.official_columns import slots
from models.unit_of_work import after_commit, unit_of_work

LARGEST = 5 << 20  # bytes; a table with a seal and a logo has some 200 KiB
READING, REFUSED, DRAFT, TRYING, TRIED, IN_USE = "reading", "refused", "draft", "trying", "tried", "in_use"


def bound_to(template_id: str) -> str:
    """What the encrypted file of a template is bound to."""
    return f"template:{template_id}"


def trial_bound_to(template_id: str) -> str:
    """What the encrypted trial fill of a template is bound to."""
    return f"template-trial:{template_id}"


def upload(staff: Staff, kind: str, name: str, data: bytes) -> OfficialTemplate:
    """Keep `data` for table `kind` and have it read. NotFound: no such table; InvalidAnswer: empty or too large."""
    _table(staff, kind)
    if not data:
        raise InvalidAnswer("workbook.refused.empty" if name else "office.template_missing")
    if len(data) > LARGEST:
        raise InvalidAnswer("office.template_too_large")
    template_id = new_id()
    key = storage.put(data, bound_to(template_id))
    with unit_of_work() as session:
        row = OfficialTemplate(
            id=template_id,
            programme=scope.programme(staff),
            kind=kind,
            name=name.strip()[-200:] or "—",
            storage_key=key,
            digest=hashlib.sha256(data).hexdigest(),
            state=READING,
            uploaded_by=staff.id,
            uploaded_at=clock.current().now(),
        )
        session.add(row)
        session.flush()
        _promise(session, row, "read_template")
        audit.write(session, staff.id, audit.UPLOAD_TEMPLATE, f"template:{row.id}", kind)
    return row


def _table(staff: Staff, kind: str) -> None:
    try:
        slots(load_pack(scope.programme(staff)), kind)
    except LookupError as error:
        raise NotFound("office.not_found") from error


def lay_out(staff: Staff, template_id: str, version: int, wanted: Wanted) -> None:
    """Have the file read again, with its heads where `wanted` says. Conflict: changed meanwhile, or in use."""
    if not 0 < wanted.top <= wanted.bottom < wanted.first:
        raise InvalidAnswer("office.template_rows")
    with unit_of_work() as session:
        row = _changed(session, staff, template_id, version, REFUSED, DRAFT, TRIED)
        row.wanted, row.state, row.problem = wanted.model_dump(), READING, ""
        session.flush()
        _promise(session, row, "read_template")


def map_columns(staff: Staff, template_id: str, version: int, mapping: Mapping[str, str]) -> None:
    """Say what each column holds, and have two invented people filled in.

    InvalidAnswer: no column has anything, or two have the same; Conflict: changed meanwhile, or in use.
    """
    with unit_of_work() as session:
        row = _changed(session, staff, template_id, version, DRAFT, TRIED)
        letters = {head.letter for head in layout_of(row).heads}
        known = Counter(slot.id for slot in slots(load_pack(row.programme), row.kind))
        chosen = {letter: slot for letter, slot in mapping.items() if slot}
        if not chosen or not set(chosen) <= letters or not set(chosen.values()) <= set(known):
            raise InvalidAnswer("office.template_unmapped")
        if not Counter(chosen.values()) <= known:
            raise InvalidAnswer("office.template_twice")
        row.mapping, row.state, row.problem = chosen, TRYING, ""
        session.flush()
        _promise(session, row, "try_template")


def use(staff: Staff, template_id: str, version: int) -> None:
    """Fill this one from now on, instead of the drawn table or of another. Conflict: not tried, or changed."""
    with unit_of_work() as session:
        row = _changed(session, staff, template_id, version, TRIED)
        same = select(OfficialTemplate).where(
            OfficialTemplate.programme == row.programme,
            OfficialTemplate.kind == row.kind,
            OfficialTemplate.state == IN_USE,
        )
        for before in session.scalars(same.with_for_update()):
            before.state = TRIED
        session.flush()  # before the other one takes the place that only one may have
        row.state, row.used_by, row.used_at = IN_USE, staff.id, clock.current().now()
        session.flush()
        _rebuild(session, row)
        audit.write(session, staff.id, audit.USE_TEMPLATE, f"template:{row.id}", row.kind)


def stop(staff: Staff, template_id: str, version: int) -> None:
    """Draw the table again, as without an upload. Conflict: not in use, or changed meanwhile."""
    with unit_of_work() as session:
        row = _changed(session, staff, template_id, version, IN_USE)
        row.state = TRIED
        session.flush()
        _rebuild(session, row)
        audit.write(session, staff.id, audit.STOP_TEMPLATE, f"template:{row.id}", row.kind)


def remove(staff: Staff, template_id: str, version: int) -> None:
    """Remove it with its files. Conflict: in use, or changed meanwhile."""
    with unit_of_work() as session:
        row = _changed(session, staff, template_id, version, READING, REFUSED, DRAFT, TRYING, TRIED)
        files = storage.current()
        for key in filter(None, (row.storage_key, row.trial_key)):
            after_commit(lambda key=key: files.delete(key))  # type: ignore[misc]  # a default binds the loop's value
        session.delete(row)
        audit.write(session, staff.id, audit.REMOVE_TEMPLATE, f"template:{row.id}", row.kind)


def _changed(session: Session, staff: Staff, template_id: str, version: int, *states: str) -> OfficialTemplate:
    """The row, locked, if it is in reach, as the clerk saw it, and in one of `states`."""
    query = scope.templates(staff).where(OfficialTemplate.id == template_id)
    row = scope.held(query)
    if row.version != version or row.state not in states:
        raise Conflict("office.template_changed")
    return row


def _promise(session: Session, row: OfficialTemplate, job: str) -> None:
    outbox.promise(session, job, row.id, f"{job}:{row.id}:{row.version}")


def _rebuild(session: Session, row: OfficialTemplate) -> None:
    """Promise every unit's workbooks of every round anew."""
    sent = select(Application.round_id, Application.unit_id).where(Application.programme == row.programme)
    made = (
        select(Workbook.round_id, Workbook.unit_id)
        .join(UnitRow, UnitRow.id == Workbook.unit_id)
        .where(UnitRow.programme == row.programme)
    )
    held: dict[str, set[str]] = {}
    for round_id, unit_id in session.execute(sent.union(made)):
        if unit_id is not None:
            held.setdefault(round_id, set()).add(unit_id)
    for round_id, unit_ids in sorted(held.items()):
        for unit_id in units.upwards(session, unit_ids):
            effect = f"workbook:template:{row.id}:{row.version}:{round_id}:{unit_id}"
            outbox.promise(session, "assemble_workbook", workbook_subject(round_id, unit_id), effect)


def layout_of(row: OfficialTemplate) -> Layout:
    """How the file is laid out. Conflict: it has not been read."""
    if row.layout is None:
        raise Conflict("office.template_changed")
    return Layout.model_validate(row.layout)


def in_use(session: Session, programme: str) -> dict[str, OfficialTemplate]:
    """The templates in use, by kind of workbook."""
    query = select(OfficialTemplate).where(OfficialTemplate.programme == programme, OfficialTemplate.state == IN_USE)
    return {row.kind: row for row in session.scalars(query)}


def as_used(row: OfficialTemplate) -> Uploaded:
    """What is needed to fill it."""
    return Uploaded(row.id, row.storage_key, row.digest, layout_of(row), dict(row.mapping))


def load(found: Uploaded) -> Template:
    """The template with its bytes. Raises NotFound when the file is gone, crypto.Damaged when it is not this row's."""
    return Template(storage.get(found.storage_key, bound_to(found.id)), found.layout, found.mapping)
