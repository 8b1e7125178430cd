"""Jobs on a table that the office uploaded: reading how it is laid out, and filling two invented people in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.orm import Session

from models import clock, storage
from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import templates
from models.office.tables import OfficialTemplate
from models.office.template_layout import DOCUMENT, Layout, Template, Wanted
from models.programme.loader import load_pack
from models.programme.official import FORMS, UnitTable
from models.programme.official_columns import slots, suggest, table_of
from models.programme.pack import Pack
from workers.runtime import run_prepared
from workers.sheets.form_trial import try_form
from workers.sheets.guard import inspect
from workers.sheets.sample_people import sample_unit
from workers.sheets.template_fill import fill, rows_of_people, rows_of_unit
from workers.sheets.template_proof import Finding, prove
from workers.sheets.template_reading import read_layout

log = structlog.get_logger(__name__)

PEOPLE = 2  # invented ones in a trial
_MORE = 3  # people beyond the room, of the trial in which what stands below moves down


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in the file as it was at `version`; `problem` is a wording key."""

    version: int
    layout: Layout | None = None
    mapping: dict[str, str] | None = None
    problem: str = ""
    findings: tuple[Finding, ...] = ()  # of a form in Word, which is filled as soon as it is read


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial has proved of the mapping at `version`."""

    version: int
    findings: tuple[Finding, ...] = ()
    storage_key: str = ""
    problem: str = ""


def read_template(outbox_id: str) -> None:
    """Job: find the heads of an uploaded table and suggest what its columns hold. Subject: the template's id."""
    run_prepared(outbox_id, look_at, record_layout)


def try_template(outbox_id: str) -> None:
    """Job: fill invented people into an uploaded table and compare. Subject: the template's id."""
    run_prepared(outbox_id, attempt, record_trial)


def look_at(template_id: str) -> Read | None:
    """Read the file; None where the record has gone or gone on."""
    row = db.session.get(OfficialTemplate, template_id)
    if row is None or row.state != templates.READING:
        return None
    version, key, kind, pack = row.version, row.storage_key, row.kind, load_pack(row.programme)
    wanted = Wanted.model_validate(row.wanted) if row.wanted else None
    db.session.rollback()  # reading takes a while: keep no transaction open meanwhile
    if kind == FORMS:
        return _look_at_form(template_id, pack, key, version)
    known = slots(pack, kind)
    try:
        layout = read_layout(storage.get(key, templates.bound_to(template_id)), known, wanted)
    except NotFound:
        raise
    except BoleError as refused:
        log.info("template_refused", reason=refused.key)
        return Read(version, problem=refused.key)
    found = suggest([(head.group, head.header) for head in layout.heads], known)
    pairs = zip(layout.heads, found, strict=True)
    return Read(version, layout, {head.letter: slot for head, slot in pairs if slot})


def _look_at_form(template_id: str, pack: Pack, key: str, version: int) -> Read:
    data = storage.get(key, templates.bound_to(template_id))
    try:
        tried = try_form(pack, data)
    except BoleError as refused:
        log.info("template_refused", reason=refused.key)
        return Read(version, problem=refused.key)
    if tried.trial:
        storage.put(tried.trial, templates.trial_bound_to(template_id), storage.key_for(template_id, "trial"))
    return Read(version, DOCUMENT, tried.mapping, tried.problem, tried.findings)


def record_layout(template_id: str, session: Session, found: Read | None) -> None:
    """Keep what was read, unless the record has changed since."""
    row = _row(session, template_id, templates.READING, found)
    if row is None or found is None:
        return
    row.problem, row.trial = found.problem, []
    row.state = templates.REFUSED if found.problem else templates.DRAFT
    if found.layout is not None:
        row.layout, row.mapping = found.layout.model_dump(mode="json"), found.mapping or {}
    if found.findings:
        _keep_trial(row, Trial(found.version, found.findings, storage.key_for(template_id, "trial")))
    session.flush()


def attempt(template_id: str) -> Trial | None:
    """Fill the file; None where the record has gone or gone on."""
    row = db.session.get(OfficialTemplate, template_id)
    if row is None or row.state != templates.TRYING:
        return None
    version, kind, pack, used = row.version, row.kind, load_pack(row.programme), templates.as_used(row)
    db.session.rollback()
    template = templates.load(used)
    try:
        filled = _filled(pack, kind, template, PEOPLE)
        findings = _proved(pack, kind, template, filled)
    except (ValueError, BoleError) as error:
        log.info("template_trial_failed", error=type(error).__name__)
        return Trial(version, problem="template.cannot_fill")
    key = storage.key_for(template_id, "trial")
    storage.put(filled, templates.trial_bound_to(template_id), key)
    return Trial(version, tuple(findings), key)


def _filled(pack: Pack, kind: str, template: Template, count: int) -> bytes:
    filled = fill(pack, kind, template, sample_unit(pack, count, kind), clock.current().today())
    inspect(filled)
    return filled


def _proved(pack: Pack, kind: str, template: Template, filled: bytes) -> list[Finding]:
    """What of the template is in `filled`; and rows beyond its room read back too, though what is below has moved."""
    findings = prove(template.data, filled, template.layout, template.mapping, _rows(pack, kind, PEOPLE))
    room = template.layout.room
    if room is None:
        return findings
    count = room + _MORE
    longer = _filled(pack, kind, template, count)
    again = prove(template.data, longer, template.layout, template.mapping, _rows(pack, kind, count))
    return [*findings, Finding("longer", count, again[0].held)]


def _rows(pack: Pack, kind: str, count: int) -> Any:
    table, unit = table_of(pack, kind), sample_unit(pack, count, kind)
    return rows_of_unit(table, unit) if isinstance(table, UnitTable) else rows_of_people(pack, table, unit)


def record_trial(template_id: str, session: Session, trial: Trial | None) -> None:
    """Keep what the trial has proved, unless the record has changed since. Only one that held may be put in use."""
    row = _row(session, template_id, templates.TRYING, trial)
    if row is None or trial is None:
        return
    _keep_trial(row, trial)
    session.flush()


def _keep_trial(row: OfficialTemplate, trial: Trial) -> None:
    held = bool(trial.findings) and all(finding.held for finding in trial.findings)
    row.trial, row.trial_key = [finding.to_json() for finding in trial.findings], trial.storage_key
    row.state = templates.TRIED if held else templates.DRAFT
    row.problem = "" if held else trial.problem or "template.changed_by_filling"


def _row(session: Session, template_id: str, state: str, found: Read | Trial | None) -> OfficialTemplate | None:
    row = session.get(OfficialTemplate, template_id, with_for_update=True, populate_existing=True)
    if row is None or found is None or row.state != state or row.version != found.version:
        return None
    return row
