"""Workbooks from the database: assembled by the job, not built twice, adding up, on both databases."""

from dataclasses import replace
from io import BytesIO

import pytest
from built_once import built_once
from openpyxl import load_workbook
from sqlalchemy import select
from xlsx_rules import problems

from models import outbox, storage
from models.application import rounds, service
from models.application.notices import workbook_subject
from models.application.tables import Application, Outbox
from models.errors import NotFound
from models.extensions import db
from models.office import audit, scope, units, workbook_files, workbook_records
from models.office.tables import Audit, Role, Staff, UnitRow, Workbook
from models.programme.loader import load_pack
from webforms.simulate import simulate
from workers import workbooks

SLUG = "hengyang-2015"
PEOPLE = 3


def people(app, clock):
    """Three invented people, one after another unit, apply in an open round."""
    with app.app_context():
        units.load_units(load_pack(SLUG))
        rounds.open_round(SLUG, "样例批次", clock.today(), clock.today(), demo=True)
    simulate(app, SLUG, PEOPLE, seed=1)


def _office(app, clock):
    with app.app_context():
        built_once(app, "assembly", lambda: people(app, clock))
        yield app
        db.session.remove()


@pytest.fixture
def office(app, clock):
    """An app on SQLite in whose open round three people have applied."""
    yield from _office(app, clock)


@pytest.fixture
def persistent_office(persistent_app, clock):
    """The same on each of the two databases."""
    yield from _office(persistent_app, clock)


def applications():
    return list(db.session.scalars(select(Application).order_by(Application.receipt)))


def gathered(clock):
    """All into one unit, so that its workbook has something to leave out."""
    people = applications()
    unit = people[0].unit_id
    for person in people:
        person.unit_id = unit
    db.session.commit()
    return people, unit


def run_job(clock, subject):
    promised = outbox.promise(db.session(), "assemble_workbook", subject, f"test:{subject}:{clock.now()}")
    promised_id = promised.id
    db.session.commit()
    workbooks.assemble_workbook(promised_id)
    row = db.session.get(Outbox, promised_id, populate_existing=True)
    assert row.state == "done", row.error
    return {row.kind: row for row in db.session.scalars(select(Workbook).execution_options(populate_existing=True))}


def test_the_job_builds_both_and_not_twice(persistent_office, clock):
    people, unit = gathered(clock)
    subject = workbook_subject(people[0].round_id, unit)
    first = run_job(clock, subject)
    assert set(first) == {"summary", "forms"}
    keys = {kind: row.storage_key for kind, row in first.items()}
    assert first["summary"].rows == PEOPLE
    sheet = load_workbook(BytesIO(workbook_files.read(first["summary"])))["汇总表"]
    pack = load_pack(SLUG)
    column = next(i for i, c in enumerate(pack.workbooks.summary.columns) if c.source == "field:name")
    assert {sheet.cell(row, column + 1).value for row in (4, 5, 6)} == {p.name for p in people}
    forms = load_workbook(BytesIO(workbook_files.read(first["forms"])))
    assert all(forms[name]._images for name in forms.sheetnames[2:])

    clock.advance(days=1)
    built_at = first["summary"].built_at
    again = run_job(clock, subject)
    assert {kind: row.storage_key for kind, row in again.items()} == keys
    assert again["summary"].built_at == built_at


def test_a_change_builds_again_and_lists_who_is_left_out(office, clock):
    people, unit = gathered(clock)
    subject = workbook_subject(people[0].round_id, unit)
    before = run_job(clock, subject)["summary"].storage_key
    approved = service.approve(people[0].id, 0, people[0].version, "材料属实，同意入库。")
    waiting = select(Outbox).where(
        Outbox.job == "assemble_workbook", Outbox.subject_id == subject, Outbox.state == "pending"
    )
    assert db.session.scalars(waiting).all()  # approving promises a build by itself
    service.withdraw(people[1].id)
    clock.advance(minutes=5)
    made = run_job(clock, subject)
    row = made["summary"]
    book = load_workbook(BytesIO(workbook_files.read(made["forms"])))
    sheet = next(book[name] for name in book.sheetnames if name.endswith(str(approved.name)))
    assert "材料属实，同意入库。" in {cell.value for line in sheet.iter_rows() for cell in line}
    assert all(problems(workbook_files.read(each)) == [] for each in made.values())
    assert row.rows == PEOPLE - 1
    assert row.excluded == [{"receipt": people[1].receipt, "reason": "withdrawn"}]
    with pytest.raises(NotFound):
        storage.get(before, workbook_files.bound_to(row.round_id, row.unit_id, "summary"))


def test_who_leaves_leaves_the_workbooks_too(persistent_office, clock):
    """At once: the file goes with the commit, not when a worker gets round to building the next one."""
    people, unit = gathered(clock)
    subject = workbook_subject(people[0].round_id, unit)
    before = {kind: row.storage_key for kind, row in run_job(clock, subject).items()}
    clock.advance(minutes=1)
    db.session.get(Workbook, db.session.scalar(select(Workbook.id).limit(1))).content_hash = "older"
    db.session.commit()
    under_way = workbooks.assemble(subject)  # read with the person still in it
    asked = load_pack(SLUG).programme.consents[0].id
    service.withdraw_consent(people[1].id, asked)
    for kind, key in before.items():
        with pytest.raises(NotFound):
            storage.get(key, workbook_files.bound_to(people[0].round_id, unit, kind))
    reader = Staff(active=True, unit_id=unit, roles=[Role(name=scope.REVIEWER)])
    assert db.session.scalars(scope.workbooks(reader)).all() == []

    workbooks.record(subject, db.session(), under_way)  # it finishes too late: its file goes, nothing is shown
    db.session.commit()
    assert db.session.scalars(scope.workbooks(reader)).all() == []
    for built in under_way.built:
        with pytest.raises(NotFound):
            storage.get(built.storage_key, workbook_files.bound_to(people[0].round_id, unit, built.kind))

    clock.advance(minutes=5)
    rows = run_job(clock, subject)
    assert {row.rows for row in rows.values()} == {PEOPLE - 1}
    assert len(db.session.scalars(scope.workbooks(reader)).all()) == 2


def test_who_read_later_stays(office, clock):
    people, unit = gathered(clock)
    subject = workbook_subject(people[0].round_id, unit)
    early = workbooks.assemble(subject)
    clock.advance(minutes=1)
    service.withdraw(people[1].id)
    late = workbooks.assemble(subject)
    workbooks.record(subject, db.session(), late)
    workbooks.record(subject, db.session(), early)
    db.session.commit()
    assert {row.rows for row in db.session.scalars(select(Workbook))} == {PEOPLE - 1}


def test_a_subject_that_is_gone(office):
    with pytest.raises(NotFound):
        workbooks.assemble("0" * 64)


def test_records_are_few_statements_and_only_live_answers(office, clock):
    _, unit_id = gathered(clock)
    pack = load_pack(SLUG)
    unit = db.session.get(UnitRow, unit_id)
    intake = rounds.current(SLUG, clock.today())
    statements = []
    from sqlalchemy import event

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        held = workbook_records.load(db.session(), pack, intake, unit)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len([s for s in statements if s.lstrip().startswith(("SELECT", "WITH"))]) <= 7
    assert held.records_in == PEOPLE
    record = held.records[0]
    assert record.answers["field:id_number"].isascii() and len(record.answers["field:id_number"]) == 18
    moot = {**record.answers, "field:never_asked": "x"}
    assert "field:never_asked" not in workbook_records.live(pack, moot, record.submitted_on)


def test_write_all_adds_up(office, tmp_path, clock):
    reports = workbooks.write_all(office, SLUG, None, tmp_path / "out")
    assert len(reports) == len(load_pack(SLUG).routing.units)
    assert sum(report.records_in for report in reports) == PEOPLE
    assert all(report.records_in == report.rows_out + len(report.exclusions) for report in reports)
    files = [path for report in reports for path in report.files]
    assert len(set(files)) == len(files) == len(list((tmp_path / "out").rglob("*.xlsx")))
    assert len(list((tmp_path / "out").glob("*.xlsx"))) == len(reports)  # one workbook a unit, its forms beside
    lines = db.session.scalars(select(Audit).where(Audit.action == audit.EXPORT)).all()
    assert len(lines) == sum(report.rows_out > 0 for report in reports) > 0  # who left no rows is no export
    programme_office = db.session.scalar(select(UnitRow).where(UnitRow.office.is_(True)))
    reader = Staff(id=0, active=True, unit=programme_office, roles=[Role(name=scope.OFFICE)])
    with db.session.no_autoflush:
        assert set(db.session.scalars(scope.audit(reader))) == set(lines)
    db.session.rollback()
    busy = next(report for report in reports if report.records_in)
    assert [path.name.split("_")[2] for path in busy.files] == ["汇总表", "采集表"]
    one = workbooks.write_all(office, SLUG, busy.unit_code, tmp_path / "one")
    assert [r.unit_code for r in one] == [busy.unit_code]
    assert str(one[0]).startswith(f"{busy.unit_code}  {busy.unit_name}: 1 in = 1 rows + 0 left out")
    with pytest.raises(NotFound):
        workbooks.write_all(office, SLUG, "nobody", tmp_path / "none")


def test_a_unit_puts_together_what_those_below_have_collected(office, tmp_path):
    """四(一)7: the offices elsewhere report to the city government's office, which puts theirs together."""
    first, second = db.session.scalars(select(Application.id).order_by(Application.receipt).limit(2)).all()
    by_code = {unit.code: unit.id for unit in db.session.scalars(select(UnitRow))}
    staff_id = db.session.scalar(select(Staff.id)) or _somebody(by_code["programme-office"])
    for app_id, code in ((first, "beijing-office"), (second, "changsha-office")):
        version = db.session.get(Application, app_id).version
        service.reroute(app_id, by_code[code], staff_id, version, "在外地工作")
    reports = {report.unit_code: report for report in workbooks.write_all(office, SLUG, None, tmp_path / "out")}
    above, beijing = reports["city-government-office"], reports["beijing-office"]
    assert (above.records_in, above.rows_out, above.own_in) == (2, 2, 0)
    assert (beijing.records_in, beijing.own_in) == (1, 1)
    assert "(0 of its own, 2 of the units that report through it)" in str(above)
    assert "report through" not in str(beijing)
    assert sum(report.own_in for report in reports.values()) == PEOPLE
    (path,) = above.files  # the forms are made, and stamped, where the people were collected
    book = load_workbook(path)
    names = {row[1].value for row in book["汇总表"].iter_rows(min_row=4, max_row=5)}
    assert names == {db.session.get(Application, one).name for one in (first, second)}
    cover = "\n".join(str(cell.value) for row in book["说明"].iter_rows() for cell in row if cell.value)
    assert "2 份（本单位 0 份，市政府驻北京办事处 1 份，市政府驻长沙办事处 1 份；" in cover


def _somebody(unit_id):
    member = Staff(email="o@example.org", fs_uniquifier="o", display_name="办公室", unit_id=unit_id, active=True)
    db.session.add(member)
    db.session.commit()
    return member.id


def test_the_check_sum_notices_who_is_missing_or_twice(office, tmp_path, clock):
    reports = workbooks.write_all(office, SLUG, None, tmp_path / "out")
    intake = rounds.current(SLUG, clock.today())
    busy = next(report for report in reports if report.own_in)
    for change in ({"own_in": busy.own_in - 1}, {"records_in": busy.records_in + 1}):
        wrong = [replace(one, **change) if one is busy else one for one in reports]
        with pytest.raises(ArithmeticError):
            workbooks._check_sum(intake, wrong)
