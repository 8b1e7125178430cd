"""Every programme from invented people to the official tables: through the real service, into workbooks that hold what
went in, and that a real LibreOffice opens and gives back as they were."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select
from waiting import PATIENCE
from xlsx_rules import problems

from models.application import queries, rounds
from models.application.lifecycle import SUBMITTED
from models.application.tables import Application
from models.extensions import db
from models.office import units
from models.office.tables import UnitRow
from models.office.workbook_records import load
from models.programme.loader import load_pack, pack_slugs
from webforms.simulate import simulate
from workers.sheets.reading import read
from workers.sheets.summary import build_table
from workers.workbooks import write_all

PEOPLE = 6


@pytest.fixture(params=pack_slugs())
def programme(request, app, clock):
    """A programme with an open round and people in it; the app's context is left."""
    slug = request.param
    with app.app_context():
        units.load_units(load_pack(slug))
        rounds.open_round(slug, "样例批次", clock.today(), clock.today(), demo=True)
    assert simulate(app, slug, PEOPLE, seed=1).submitted == PEOPLE
    return app, slug


def cells(data):
    return [value for sheet in read(data) for row in sheet.rows for value in row if value is not None]


def test_from_people_to_workbooks_and_back(programme, tmp_path):
    app, slug = programme
    out = tmp_path / "out"
    reports = write_all(app, slug, None, out)
    assert sum(report.own_in for report in reports) == sum(report.own_rows for report in reports) == PEOPLE
    assert all(report.records_in == report.rows_out for report in reports)
    books = sorted(out.rglob("*.xlsx"))
    assert books
    for book in books:
        assert problems(book.read_bytes()) == [], book.name
    for packed in out.rglob("*.zip"):
        with zipfile.ZipFile(packed) as archive:
            assert archive.testzip() is None
    _everybody_is_there(app, slug, reports)
    _libreoffice_gives_back(books, tmp_path)


def _everybody_is_there(app, slug, reports):
    """Each person's name, and the ID number byte for byte where the official table has one, in their unit's summary."""
    pack = load_pack(slug)
    path_of = {report.unit_code: report.files[0] for report in reports}
    sources = {cell.source for cell in pack.workbooks.summary.columns}
    shown = {"name", "id_number"} & {source.removeprefix("field:") for source in sources}
    assert "name" in shown
    with app.app_context():
        for application in db.session.scalars(select(Application).where(Application.status == SUBMITTED)).all():
            unit = db.session.get(UnitRow, application.unit_id)
            there = cells(path_of[unit.code].read_bytes())
            answers = queries.view(application.id).answers
            for name in shown:
                value = answers.get(f"field:{name}")
                assert value in there if value else True, (slug, name)
        _as_built(pack, path_of)


def _as_built(pack, path_of):
    """What stands in the file is what the builder was given, cell by cell."""
    intake = rounds.current(pack.slug, rounds.clock.current().today())
    for unit in db.session.scalars(select(UnitRow).where(UnitRow.programme == pack.slug)).all():
        held = load(db.session(), pack, intake, unit)
        built = build_table(pack, pack.workbooks.summary, held, rounds.clock.current().today())
        assert [sheet.rows for sheet in read(built)] == [sheet.rows for sheet in read(path_of[unit.code].read_bytes())]


def _libreoffice_gives_back(books: list[Path], tmp_path: Path) -> None:
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(tmp_path / "again"), *map(str, books)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    for book in books:
        again = (tmp_path / "again" / book.name).read_bytes()
        assert _texts(again) == _texts(book.read_bytes()), book.name


def _texts(data: bytes) -> dict[str, list[tuple[int, int, object]]]:
    """Every cell that is not empty, by sheet: programs trim rows and columns of nothing as they like."""
    return {
        sheet.title: [
            (row, column, value)
            for row, values in enumerate(sheet.rows)
            for column, value in enumerate(values)
            if value not in (None, "")
        ]
        for sheet in read(data)
    }
