"""The unit's workbook comes back: through LibreOffice, as WPS writes it, with conflicts, and what is refused."""

import subprocess
from io import BytesIO

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from sqlalchemy import select
from waiting import PATIENCE
from workbooks_out import build, fill, remarks, take

from models import storage
from models.application import service
from models.application.tables import Outbox
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import returns, workbook_files
from models.office.edition_tables import ReturnCell, WorkbookReturn
from models.office.hidden_columns import hidden
from models.office.tables import Audit, UnitEntry
from models.programme.loader import load_pack
from workers.returns import read_return


def taken_out(world):
    """The unit's table as it is downloaded."""
    book = build(world)["summary"]
    take(book, world.staff("east"))
    db.session.rollback()
    return workbook_files.read(build(world)["summary"])


def come(world, data, who="east"):
    """Uploaded and read; the record."""
    ident = returns.upload(world.staff(who), "改好的表.xlsx", data)
    read_again(ident)
    return db.session.get_one(WorkbookReturn, ident, populate_existing=True)


def read_again(ident):
    db.session.rollback()
    waiting = select(Outbox.id).where(Outbox.subject_id == ident, Outbox.state == "pending")
    for row in list(db.session.scalars(waiting)):
        db.session.rollback()
        read_return(row)
    db.session.rollback()


def cells(row):
    return returns.shown(db.session(), row)


def changed(data, *changes):
    """The workbook with texts in place of others."""
    book = load_workbook(BytesIO(data))
    for place, text in changes:
        book["汇总表"][place] = text
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def people(world, count):
    found = [world.applied(name=f"测试{n}") for n in range(count)]
    for app_id in found:
        fill(world, app_id, "原来的")
    return found


def place_of(data, name):
    """The row of a person."""
    return next(row[1].row for row in load_workbook(BytesIO(data))["汇总表"].iter_rows() if row[1].value == name)


def test_through_libreoffice_with_two_conflicts(persistent_world, tmp_path):
    world = persistent_world
    ids = people(world, 4)
    data = taken_out(world)
    book = load_workbook(BytesIO(data))
    sheet = book["汇总表"]
    assert sheet.column_dimensions["E"].hidden and "E" not in str(sheet.print_area)
    rows = {f"测试{n}": place_of(data, f"测试{n}") for n in range(4)}
    for n in range(3):
        sheet[f"D{rows[f'测试{n}']}"] = f"改{n}"
    values = [[cell.value for cell in sheet[row]] for row in sorted(rows.values())]
    for at, line in zip(sorted(rows.values()), reversed(values), strict=True):  # sorted, keys and all
        for column, value in enumerate(line, start=1):
            sheet.cell(at, column).value = value
    book.save(tmp_path / "back.xlsx")
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx", "--outdir", str(tmp_path / "out"), str(tmp_path / "back.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    for n in (1, 2):
        fill(world, ids[n], f"同事{n}")
    row = come(world, (tmp_path / "out" / "back.xlsx").read_bytes())
    assert (row.state, row.problem) == ("read", "")
    found = {one.key: one for one in cells(row)}
    assert {key: one.kind for key, one in found.items()} == {ids[0]: "change", ids[1]: "conflict", ids[2]: "conflict"}
    staff, ident, version = world.staff("east"), row.id, row.version
    with pytest.raises(InvalidAnswer):
        returns.apply(staff, ident, version, {})
    assert remarks(ids[0]) == "原来的"
    chosen = {found[ids[1]].id: "theirs", found[ids[2]].id: "ours"}
    assert returns.apply(world.staff("east"), ident, version, chosen) == 2
    assert [remarks(one) for one in ids] == ["改0", "改1", "同事2", "原来的"]
    line = db.session.scalar(select(Audit).where(Audit.action == "apply_return"))
    row = db.session.get_one(WorkbookReturn, ident, populate_existing=True)
    assert line.reason == f"sha256 {row.digest[:16]} 2: unit_field:remarks"
    assert (row.state, row.storage_key) == ("applied", "") and db.session.scalar(select(ReturnCell.id)) is None


def test_what_changes_after_the_comparison_is_compared_again_and_nothing_half_applied(persistent_world):
    world = persistent_world
    ids = people(world, 2)
    data = taken_out(world)
    both = [(f"D{place_of(data, f'测试{n}')}", f"改{n}") for n in range(2)]
    row = come(world, changed(data, *both))
    ident, version = row.id, row.version
    fill(world, ids[1], "同事")
    with pytest.raises(Conflict):
        returns.apply(world.staff("east"), ident, version, {})
    assert [remarks(one) for one in ids] == ["原来的", "同事"]
    read_again(ident)
    row = db.session.get_one(WorkbookReturn, ident, populate_existing=True)
    kinds = {one.key: one.kind for one in cells(row)}
    assert kinds == {ids[0]: "change", ids[1]: "conflict"}


def test_cells_that_are_refused_and_rows_that_are_new_or_gone(world):
    ids = people(world, 4)
    data = taken_out(world)
    at = [place_of(data, f"测试{n}") for n in range(4)]
    book = load_workbook(BytesIO(data))
    sheet = book["汇总表"]
    sheet[f"C{at[0]}"], sheet[f"B{at[1]}"], sheet[f"D{at[2]}"] = 4.4e17, "别名", "=1+1"
    sheet[f"D{at[0]}"] = "一" * 30
    sheet["B20"], sheet["C20"] = "新人", "430401197001010019"
    sheet.delete_rows(at[3])
    out = BytesIO()
    book.save(out)
    row = come(world, out.getvalue())
    assert row.state == "read" and row.params["missing"] == [ids[3]] and row.params["added"] == [19]
    said = {(one.place[0], ids.index(one.key)): one.problem for one in cells(row)}
    assert said == {
        ("C", 0): "return.rounded",
        ("B", 1): "return.identity",
        ("D", 2): "return.formula",
        ("D", 0): "error.too_long",
    }
    with pytest.raises(InvalidAnswer):
        returns.apply(world.staff("east"), row.id, row.version, {})


def test_as_wps_writes_it(world):
    """Inline strings, no defined names, no styles, a number where a text was, and the sheet alone with its key."""
    ids = people(world, 2)
    held = load_workbook(BytesIO(taken_out(world)))["汇总表"]
    book = Book(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for line in held.iter_rows(values_only=True):
        line = list(line)
        if line[1] == "测试1":
            line[3] = 95
        sheet.append(line)
    out = BytesIO()
    book.save(out)
    row = come(world, out.getvalue())
    assert [(one.key, one.theirs, one.problem) for one in cells(row)] == [(ids[1], "95", "")]
    returns.apply(world.staff("east"), row.id, row.version, {})
    assert remarks(ids[1]) == "95"


def test_another_unit_s_file_and_rows_are_refused_and_recorded(world):
    people(world, 1)
    row = come(world, taken_out(world), who="west")
    assert (row.state, row.problem, row.storage_key) == ("refused", "return.other_unit", "")
    assert db.session.scalar(select(Audit.subject).where(Audit.action == "refuse_return")) == f"return:{row.id}"
    row = come(world, changed(taken_out(world), ("E4", "f" * 32)))
    assert (row.state, row.problem) == ("refused", "return.foreign_rows")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"PK", "workbook.refused.not_a_workbook"),
        (b"text", "workbook.refused.not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook.refused.old_format"),  # .xls, .et
        (None, "return.no_edition"),
    ],
)
def test_files_that_are_no_table_of_ours(world, data, problem):
    if data is None:
        out = BytesIO()
        Book().save(out)
        data = out.getvalue()
    row = come(world, data)
    assert (row.state, row.problem) == ("refused", problem)


def test_the_same_file_twice_changes_nothing_the_second_time(world):
    app_id = people(world, 1)[0]
    data = taken_out(world)
    data = changed(data, (f"D{place_of(data, '测试0')}", "改"))
    first = come(world, data)
    returns.apply(world.staff("east"), first.id, first.version, {})
    second = come(world, data)
    assert (second.state, cells(second), remarks(app_id)) == ("read", [], "改")


@pytest.mark.parametrize(
    ("size", "taken"), [(0, False), (1, True), (returns.LARGEST, True), (returns.LARGEST + 1, False)]
)
def test_how_large_an_upload_may_be(world, size, taken):
    if taken:
        assert returns.upload(world.staff("east"), "表.xlsx", bytes(size))
    else:
        with pytest.raises(InvalidAnswer):
            returns.upload(world.staff("east"), "表.xlsx", bytes(size))
    db.session.rollback()


def test_whoever_leaves_takes_the_file_along(persistent_world):
    world = persistent_world
    ids = people(world, 2)
    data = taken_out(world)
    row = come(world, changed(data, (f"D{place_of(data, '测试0')}", "改")))
    ident, key = row.id, row.storage_key
    service.delete(ids[1])
    row = db.session.get_one(WorkbookReturn, ident, populate_existing=True)
    assert (row.state, row.storage_key) == ("dropped", "")
    assert db.session.scalar(select(ReturnCell.id)) is None
    with pytest.raises(NotFound):
        storage.get(key, f"workbook_return:{ident}")


def test_what_is_being_read_goes_only_where_the_person_may_be_in_it(world):
    app_id = people(world, 1)[0]
    data = taken_out(world)
    mine, other = (returns.upload(world.staff(who), "表.xlsx", data) for who in ("east", "west"))
    db.session.rollback()
    service.delete(app_id)
    states = {key: db.session.get_one(WorkbookReturn, key, populate_existing=True).state for key in (mine, other)}
    assert states == {mine: "dropped", other: "reading"}


def test_a_file_that_nobody_decides_on_goes_after_thirty_days(persistent_world, clock):
    world = persistent_world
    people(world, 1)
    row = come(world, taken_out(world))
    ident, key = row.id, row.storage_key
    db.session.rollback()
    clock.advance(days=30)
    assert returns.sweep() == 0
    clock.advance(seconds=1)
    assert returns.sweep() == 1
    row = db.session.get_one(WorkbookReturn, ident, populate_existing=True)
    assert (row.state, row.problem, row.params) == ("dropped", "return.abandoned", {"days": 30})
    with pytest.raises(NotFound):
        storage.get(key, f"workbook_return:{ident}")


def test_the_pages(world, sign_in):
    ids = people(world, 2)
    data = taken_out(world)
    client = sign_in("east")
    assert "上传改好的表" in client.get("/office/returns").get_data(as_text=True)
    file = (BytesIO(changed(data, (f"D{place_of(data, '测试0')}", "网页改的"))), "改.xlsx")
    answer = client.post("/office/returns/new", data={"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 302
    address = answer.headers["Location"]
    assert "正在逐格核对" in client.get(address).get_data(as_text=True)
    read_again(address.rpartition("/")[2])
    shown = client.get(address).get_data(as_text=True)
    assert "网页改的" in shown and "测试0" in shown and "测试1" not in shown
    version = db.session.scalar(select(WorkbookReturn.version))
    assert client.post(f"{address}/decide", data={"version": version - 1, "act": "apply"}).status_code == 409
    assert client.post(f"{address}/decide", data={"version": version, "act": "apply"}).status_code == 302
    assert remarks(ids[0]) == "网页改的" and "已采用 1 格" in client.get(address).get_data(as_text=True)
    assert db.session.scalar(select(UnitEntry.staff_id).limit(1)) is not None
    assert client.post("/office/returns/new", data={}).status_code == 422


def test_what_is_always_sealed_is_masked_whether_or_not_the_pack_says_so(world):
    pack = load_pack("tiny")
    silent = [
        part.model_copy(update={"fields": tuple(f.model_copy(update={"sensitive": False}) for f in part.fields)})
        for part in pack.form.sections
    ]
    pack = pack.model_copy(update={"form": pack.form.model_copy(update={"sections": tuple(silent)})})
    veiled = hidden(pack, "summary")
    assert (veiled["field:mobile"], veiled["field:id_number"]) == ("phone", "id_number")
    assert "field:name" not in veiled and not any(name.startswith("unit_field:") for name in veiled)
