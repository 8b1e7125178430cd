"""The applications of a unit in a round, as its workbooks need them: seven statements, however many people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from models.application import answers as sealing
from models.application.lifecycle import PASSED
from models.application.packs import of_version
from models.application.pages import bound_to
from models.application.tables import Answer, Application, DocumentPage, Event, Round
from models.clock import CHINA
from models.eligibility.tiers import entered
from models.eligibility.verdict import Status
from models.interview import engine
from models.interview.fitting import fitted
from models.office import opinions as opinions_of
from models.office import unit_entries, unit_tables
from models.office.tables import UnitRow
from models.office.units import within
from models.office.workbook_data import COUNTED, Exclusion, Record, UnitRecords
from models.programme import mentions
from models.programme.pack import Pack

Of = tuple[ColumnElement[bool], ...]  # which applications: of which round and units
_CHUNK = 2000  # rows fetched at a time: 10,000 people have more than half a million answers


def load(session: Session, pack: Pack, intake: Round, unit: UnitRow) -> UnitRecords:
    """Every application that `unit`, or a unit that reports through it, has received in `intake`: counted ones with
    their answers, the rest as exclusions.

    Needs the running app (sealed answers are opened). Raises crypto.Damaged where an answer does not open.
    """
    names = dict(_names(session, unit.id))
    of = (Application.round_id == intake.id, Application.unit_id.in_(names))
    applications = _applications(session, of)
    counted = [row for row in applications if row.status in COUNTED]
    answers = dict(_answers(session, of))
    versions = {row.pack_version: of_version(pack.slug, row.pack_version) for row in counted}
    portraits = dict(_portraits(session, versions, of))
    opinions = _opinions(session, of) | opinions_of.lines(session, of)
    typed = unit_tables.filled(session, pack, intake.id, unit.id)
    asks_unit = any(version.form.unit_fields for version in versions.values())
    entered = unit_entries.of_units(session, intake.id, tuple(names)) if asks_unit else {}
    return UnitRecords(
        programme=pack.slug,
        round_id=intake.id,
        round_name=intake.name,
        unit_id=unit.id,
        unit_code=unit.code,
        unit_name=unit.name,
        records=tuple(
            replace(
                _record(
                    pack,
                    versions[row.pack_version],
                    row,
                    answers.get(row.id, {}),
                    portraits.get(row.id),
                    opinions.get(row.id, ""),
                    names[row.unit_id],
                ),
                **_by_unit(versions[row.pack_version], row, answers.get(row.id, {}), entered.get(row.id, {})),
            )
            for row in counted
        ),
        exclusions=tuple(
            Exclusion(row.receipt, row.status, row.unit_id, names[row.unit_id])
            for row in applications
            if row.status not in COUNTED
        ),
        unit_rows={name: tuple(row.values for row in rows) for name, rows in typed.items()},
        unit_row_ids={name: tuple(row.id for row in rows) for name, rows in typed.items()},
    )


def one(session: Session, pack: Pack, application: Application) -> Record:
    """One application as a record, whatever its status: with the answers that its plan asks for."""
    of = (Application.id == application.id,)
    statuses = (application.status,)
    (row,) = _applications(session, of)
    answers = dict(_answers(session, of, statuses)).get(application.id, {})
    portrait = dict(_portraits(session, {row.pack_version: pack}, of, statuses)).get(application.id)
    unit = session.get(UnitRow, application.unit_id) if application.unit_id else None
    opinion = (_opinions(session, of) | opinions_of.lines(session, of)).get(application.id, "")
    return _record(pack, pack, row, answers, portrait, opinion, unit.name if unit else "")


def _names(session: Session, unit_id: str) -> Iterator[tuple[str, str]]:
    """The unit and those that report through it, by id."""
    for row in session.execute(select(UnitRow.id, UnitRow.name).where(UnitRow.id.in_(within(unit_id)))):
        yield row.id, row.name


def _applications(session: Session, of: Of) -> list[Row[Any]]:
    query = (
        select(
            Application.id,
            Application.receipt,
            Application.status,
            Application.categories,
            Application.pack_version,
            Application.submitted_at,
            Application.unit_id,
        )
        .where(*of)
        .order_by(Application.submitted_at, Application.receipt)
    )
    return list(session.execute(query))


def _answers(session: Session, of: Of, statuses: Sequence[str] = COUNTED) -> Iterator[tuple[str, dict[str, Any]]]:
    query = (
        select(Answer.application_id, Answer.key, Answer.value, Answer.sealed)
        .join(Application, Application.id == Answer.application_id)
        .where(*of, Application.status.in_(statuses))
        .order_by(Answer.application_id, Answer.key)
        .execution_options(yield_per=_CHUNK)
    )
    for application_id, rows in groupby(session.execute(query), key=lambda row: row.application_id):
        yield application_id, {row.key: _value(row) for row in rows}


def _value(row: Row[Any]) -> Any:
    value = row.value if row.sealed is None else sealing.unseal(row.application_id, row.key, row.sealed)
    if isinstance(value, list) and (row.key == "claim" or row.key.startswith("fact:")):
        return tuple(value)  # JSON has lists only; to the rules several choices are a tuple
    return value


def _portraits(
    session: Session, versions: Mapping[str, Pack], of: Of, statuses: Sequence[str] = COUNTED
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each person's first good page of the form's photo: pages come last first, so the first one stays in a dict."""
    wanted = {version: portrait_documents(pack) for version, pack in versions.items()}
    if not any(wanted.values()):
        return
    query = (
        select(DocumentPage, Application.pack_version)
        .join(Application, Application.id == DocumentPage.application_id)
        .where(
            *of,
            Application.status.in_(statuses),
            DocumentPage.document.in_({document for documents in wanted.values() for document in documents}),
            DocumentPage.state == "ok",
            DocumentPage.removed_at.is_(None),
        )
        .order_by(DocumentPage.position.desc(), DocumentPage.id)
    )
    for page, version in session.execute(query):
        file = page.crop_key or page.image_key  # cut for the form, where one face was found
        if file is not None and page.document in wanted[version]:
            yield page.application_id, (file, bound_to(page.id))


def _opinions(session: Session, of: Of) -> dict[str, str]:
    """What the reviewer wrote on approving, of those who have passed."""
    query = (
        select(Event.application_id, Event.data)
        .join(Application, Application.id == Event.application_id)
        .where(
            *of,
            Application.status.in_(PASSED),
            Event.type == "approved",
        )
        .order_by(Event.application_id, Event.seq)
    )
    return {row.application_id: str(row.data.get("opinion") or "") for row in session.execute(query)}


def portrait_documents(pack: Pack) -> tuple[str, ...]:
    """Which documents are the photo on the collection form: those its cells name, else those marked as portrait."""
    sources = [*(cell.source for _, cell in mentions.cells(pack)), *mentions.grid_sources(pack)]
    named = tuple(source.removeprefix("document:") for source in sources if source.startswith("document:"))
    return named or tuple(d.id for d in pack.documents.documents if d.portrait)


def _record(
    pack: Pack,
    own: Pack,
    row: Row[Any],
    answers: Mapping[str, Any],
    portrait: tuple[str, str] | None,
    opinion: str,
    unit_name: str,
) -> Record:
    day, answers = _day(row.submitted_at), fitted(own, answers).answers
    return Record(
        application_id=row.id,
        receipt=row.receipt,
        status=row.status,
        answers=live(own, answers, day),
        pack_version=row.pack_version,
        submitted_on=day,
        portrait=portrait,
        opinion=opinion,
        unit_id=row.unit_id,
        unit_name=unit_name,
        **_standing(pack, own, row, answers, day),
        pack=None if own is pack else own,
    )


def _standing(pack: Pack, own: Pack, row: Row[Any], answers: Mapping[str, Any], on: date | None) -> dict[str, Any]:
    """Under which categories the tables enter the person; where a table asks for it, of which tables they are a row,
    and by which clauses their categories hold. All by the version that judged the person, where it has the table.
    """
    categories = tuple(row.categories or ())
    tables = [table for table in pack.workbooks.people_tables() if table.when is not None]
    wants_clauses = any(cell.source == "clause" for _, cell in mentions.cells(pack))
    if on is None or not (tables or wants_clauses or own.eligibility.ladders):
        return {"categories": categories}
    form = engine.form_of(own, answers, on)
    here = form if own is pack else engine.form_of(pack, answers, on)
    known = {table.id: table for table in own.workbooks.people_tables()}
    categories = entered(own, form.assessment, categories)
    found = [form.assessment.categories[name] for name in categories if name in form.assessment.categories]
    clauses = dict.fromkeys(finding.clause for group in found for finding in group.deciding())
    tiers = {name for ladder in own.eligibility.ladders for name in ladder.categories}
    open_ = {group.id for group in found if group.id in tiers and group.status is not Status.MET}
    return {
        "categories": categories,
        "undecided": frozenset() if row.status in PASSED else frozenset(open_),
        "stands_in": frozenset(
            table.id
            for table in tables
            if (form.applies(known[table.id].when) if table.id in known else here.applies(table.when))
        ),
        "clauses": tuple(clauses),
    }


def _by_unit(own: Pack, row: Row[Any], answers: Mapping[str, Any], entered: Mapping[str, Any]) -> dict[str, Any]:
    """What the unit has filled in of what it is asked for about this person, and what it has not."""
    on = _day(row.submitted_at)
    if on is None or not own.form.unit_fields:
        return {}
    asked = unit_entries.asked_by(own, row.categories or (), answers, on)
    values = {field.id: entered[field.id] for field in asked if field.id in entered}
    lacking = tuple(field.id for field in unit_entries.still_missing(asked, values))
    return {"unit_values": values, "unit_lacking": lacking}


def _day(submitted_at: datetime | None) -> date | None:
    return None if submitted_at is None else submitted_at.astimezone(CHINA).date()


def live(pack: Pack, answers: Mapping[str, Any], on: date | None) -> dict[str, Any]:
    """The answers that the plan still asks for: what a changed claim has made moot is kept, but not sent.

    A plan that no longer reaches the form (a newer pack judges otherwise) decides nothing here: then all are live.
    """
    if on is None:
        return dict(answers)
    asked = {ask.key for ask in engine.plan(pack, answers, on).asks}
    if not any(key.startswith("field:") for key in asked):
        return dict(answers)
    return {key: value for key, value in answers.items() if key in asked or not key.startswith(("field:", "fact:"))}
