"""An official table from upload to use: what the clerk sees, and what the workers do in between, on both databases."""

import io
import zipfile

import pytest
from docx import Document
from office_forms import office_form
from office_tables import office_table
from openpyxl import load_workbook
from sqlalchemy.exc import IntegrityError

from models import crypto, leftovers, storage
from models.application.tables import Outbox
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import audit, templates, workbook_files
from models.office.tables import Audit, OfficialTemplate, Workbook
from models.office.template_layout import Wanted
from models.programme.loader import load_pack
from models.programme.official_columns import slots
from workers import workbooks
from workers.templates import read_template, try_template

KIND = "summary"


def own_table(**more):
    return office_table([(slot.group, slot.header) for slot in slots(load_pack("tiny"), KIND)], **more)


def work(*jobs):
    """Do what is promised, as workers would."""
    functions = {
        "read_template": read_template,
        "try_template": try_template,
        "assemble_workbook": workbooks.assemble_workbook,
    }
    db.session.rollback()
    query = db.select(Outbox).where(Outbox.state == "pending", Outbox.job.in_(jobs or functions))
    for ident, job in [(row.id, row.job) for row in db.session.scalars(query)]:
        db.session.rollback()
        functions[job](ident)
        db.session.rollback()
        assert db.session.get(Outbox, ident).state == "done"


def row_of(ident):
    db.session.rollback()
    return db.session.get(OfficialTemplate, ident, populate_existing=True)


def uploaded(world, data=None, who="office"):
    row = templates.upload(world.staff(who), KIND, "正式表.xlsx", data if data is not None else own_table())
    ident = row.id
    work("read_template")
    return ident


def tried(world, data=None):
    ident = uploaded(world, data)
    row = row_of(ident)
    templates.map_columns(world.staff("office"), ident, row.version, row.mapping)
    work("try_template")
    return ident


def used(world, data=None):
    ident = tried(world, data)
    templates.use(world.staff("office"), ident, row_of(ident).version)
    return ident


def book_of(unit_id):
    db.session.rollback()
    row = db.session.scalar(db.select(Workbook).where(Workbook.unit_id == unit_id, Workbook.kind == KIND))
    return load_workbook(io.BytesIO(workbook_files.read(row))), row.content_hash


def test_from_upload_to_use_and_back(persistent_world, clock):
    world = persistent_world
    clock.advance(minutes=1)
    world.applied("east", "样例丙")
    unit_id = world.unit("east").id
    clock.advance(minutes=30)
    work("assemble_workbook")
    drawn, before = book_of(unit_id)
    assert "正式表" not in drawn.sheetnames

    ident = uploaded(world)
    row = row_of(ident)
    assert (row.state, row.problem) == ("draft", "")
    assert list(row.mapping.values()) == [slot.id for slot in slots(load_pack("tiny"), KIND)]
    with pytest.raises(Conflict):
        templates.use(world.staff("office"), ident, row.version)
    templates.map_columns(world.staff("office"), ident, row.version, row.mapping)
    work("try_template")
    row = row_of(ident)
    assert row.state == "tried" and {one["held"] for one in row.trial} == {True}
    trial = load_workbook(io.BytesIO(storage.get(row.trial_key, templates.trial_bound_to(ident))))["正式表"]
    assert "样例甲" in {cell.value for line in trial.iter_rows() for cell in line}
    with pytest.raises(Conflict):
        templates.stop(world.staff("office"), ident, row.version)

    templates.use(world.staff("office"), ident, row.version)
    work("assemble_workbook")
    filled, after = book_of(unit_id)
    assert after != before
    names = {cell.value for line in filled["正式表"].iter_rows() for cell in line}
    assert "样例丙" in names and "样例甲" not in names and filled.sheetnames[-1] == "说明"

    clock.advance(minutes=5)
    templates.stop(world.staff("office"), ident, row_of(ident).version)
    work("assemble_workbook")
    again, last = book_of(unit_id)
    assert last == before and again.sheetnames == drawn.sheetnames
    actions = [line.action for line in db.session.scalars(db.select(Audit).order_by(Audit.at))]
    assert {audit.UPLOAD_TEMPLATE, audit.USE_TEMPLATE, audit.STOP_TEMPLATE} <= set(actions)


def test_one_at_a_time_is_in_use(persistent_world):
    first, second = used(persistent_world), used(persistent_world, own_table(picture=False))
    assert (row_of(first).state, row_of(second).state) == ("tried", "in_use")
    row_of(first).state = "in_use"
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_what_changed_meanwhile_is_not_overwritten(world):
    ident = tried(world)
    row = row_of(ident)
    version, mapping = row.version, dict(row.mapping)
    office = world.staff("office")
    for act in (
        lambda: templates.map_columns(office, ident, version - 1, mapping),
        lambda: templates.lay_out(office, ident, version - 1, Wanted(sheet="正式表", top=2, bottom=2, first=3)),
        lambda: templates.use(office, ident, version - 1),
        lambda: templates.remove(office, ident, version - 1),
    ):
        with pytest.raises(Conflict):
            act()
    templates.use(office, ident, version)
    with pytest.raises(Conflict):
        templates.remove(office, ident, row_of(ident).version)


def test_a_mapping_must_be_about_this_table(world):
    ident = uploaded(world)
    row = row_of(ident)
    version, mapping = row.version, dict(row.mapping)
    office = world.staff("office")
    for wrong in ({}, {"A": ""}, {"ZZ": "field:name"}, {"A": "field:nothing"}, {"A": "field:name", "B": "field:name"}):
        with pytest.raises(InvalidAnswer):
            templates.map_columns(office, ident, version, wrong)
    assert row_of(ident).mapping == mapping


def test_a_job_done_twice_or_too_late_changes_nothing(world):
    ident = uploaded(world)
    row = row_of(ident)
    templates.map_columns(world.staff("office"), ident, row.version, row.mapping)
    promised = db.session.scalars(db.select(Outbox.id).where(Outbox.subject_id == ident)).all()
    for outbox_id in [*promised, *promised]:
        db.session.rollback()
        (try_template if outbox_id == promised[-1] else read_template)(outbox_id)
    work()
    assert row_of(ident).state == "tried"
    templates.remove(world.staff("office"), ident, row_of(ident).version)
    read_template(promised[0])
    assert row_of(ident) is None


def test_files_belong_to_their_record_and_go_with_it(world):
    ident = tried(world)
    row = row_of(ident)
    keys = {row.storage_key, row.trial_key}
    assert keys <= set(leftovers.named())
    with pytest.raises(crypto.Damaged):
        storage.get(row.storage_key, templates.bound_to("0" * 32))
    templates.remove(world.staff("office"), ident, row.version)
    for key in keys:
        with pytest.raises(NotFound):
            storage.get(key, templates.bound_to(ident))


@pytest.mark.parametrize(
    ("data", "problem"),
    [(b"PK\3\4" + b"0" * 50, "workbook.refused.damaged"), (b"hello", "workbook.refused.not_a_workbook")],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(world, sign_in, data, problem):
    ident = uploaded(world, data)
    row = row_of(ident)
    assert (row.state, row.problem) == ("refused", problem)
    shown = sign_in("office").get(f"/office/templates/{ident}").get_data(as_text=True)
    assert "alert-warning" in shown and "不能用" in shown


def test_sizes(world, monkeypatch):
    assert templates.LARGEST == 5 << 20
    monkeypatch.setattr(templates, "LARGEST", 10)
    templates.upload(world.staff("office"), KIND, "x.xlsx", b"0" * 10)
    for data in (b"0" * 11, b""):
        with pytest.raises(InvalidAnswer):
            templates.upload(world.staff("office"), KIND, "x.xlsx", data)
    with pytest.raises(NotFound):
        templates.upload(world.staff("office"), "nothing", "x.xlsx", b"0")


def test_the_clerks_pages(world, sign_in, clock):
    client = sign_in("office")
    assert "上传正式模板" in client.get("/office/programme").get_data(as_text=True)
    sent = {"kind": KIND, "file": (io.BytesIO(own_table()), "人才汇总表.xlsx")}
    answer = client.post("/office/templates/new", data=sent, content_type="multipart/form-data", buffered=True)
    path = answer.headers["Location"]
    assert "正在读取" in client.get(path).get_data(as_text=True)
    work("read_template")
    row = db.session.scalar(db.select(OfficialTemplate))
    form = {"version": row.version, **{f"column-{letter}": slot for letter, slot in row.mapping.items()}}
    first = min(row.mapping)
    partly = {**form, f"column-{first}": ""}
    twice = {**form, f"column-{first}": row.mapping["B"]}
    refused = client.post(f"{path}/columns", data=twice)
    assert refused.status_code == 422 and "两个栏目" in refused.get_data(as_text=True)
    assert client.post(f"{path}/columns", data=partly).status_code == 302
    assert "正在试填" in client.get(path).get_data(as_text=True)
    work("try_template")
    shown = client.get(path).get_data(as_text=True)
    assert "试填通过" in shown and "图片" in shown and "有变化" not in shown
    assert client.get(f"{path}/trial").data[:2] == b"PK"
    version = row_of(path.rpartition("/")[2]).version
    assert client.post(f"{path}/use", data={"version": version - 1, "use": "1"}).status_code == 409
    assert client.post(f"{path}/use", data={"version": version, "use": "1"}).status_code == 302
    assert "使用中" in client.get("/office/templates").get_data(as_text=True)
    assert client.post(f"{path}/remove", data={"version": version + 1}).status_code == 409
    assert client.post(f"{path}/use", data={"version": version + 1}).status_code == 302
    version = row_of(path.rpartition("/")[2]).version
    heads = {"version": version, "sheet": "正式表", "top": 2, "bottom": 1, "first": 3}
    assert client.post(f"{path}/heads", data=heads).status_code == 422
    assert client.post(f"{path}/heads", data={**heads, "bottom": 2, "first": 4}).status_code == 302
    work("read_template")
    row = row_of(path.rpartition("/")[2])
    assert row.state == "draft" and row.layout["first"] == 4
    assert client.post(f"{path}/remove", data={"version": row.version}).status_code == 302
    assert client.get(path).status_code == 404


def test_nothing_chosen_and_too_much_are_said(world, sign_in, monkeypatch):
    client = sign_in("office")
    answer = client.post("/office/templates/new", data={"kind": KIND})
    assert answer.status_code == 422 and "请先选择" in answer.get_data(as_text=True)
    monkeypatch.setattr(templates, "LARGEST", 10)
    sent = {"kind": KIND, "file": (io.BytesIO(b"0" * 11), "x.xlsx")}
    answer = client.post("/office/templates/new", data=sent, content_type="multipart/form-data", buffered=True)
    assert answer.status_code == 422 and "文件太大" in answer.get_data(as_text=True)


def test_a_programme_that_has_lost_a_column_or_a_table_says_so(world, sign_in):
    ident = used(world)
    client = sign_in("office")
    assert "重新对应" not in client.get("/office/templates").get_data(as_text=True)
    row = row_of(ident)
    row.mapping = {**row.mapping, "A": "field:gone"}
    db.session.commit()
    assert "重新对应" in client.get("/office/templates").get_data(as_text=True)
    row_of(ident).kind = "gone"
    db.session.commit()
    assert client.get(f"/office/templates/{ident}").status_code == 404
    assert client.get("/office/templates").status_code == 200


def form_uploaded(world, *texts):
    row = templates.upload(world.staff("office"), "forms", "申请表.docx", office_form(*texts))
    ident = row.id
    work("read_template")
    return ident


def test_a_form_in_word_from_upload_to_use_and_back(persistent_world, clock):
    world = persistent_world
    clock.advance(minutes=1)
    world.applied("east", "样例丙")
    unit_id = world.unit("east").id
    clock.advance(minutes=30)

    def forms():
        work("assemble_workbook")
        row = db.session.scalar(db.select(Workbook).where(Workbook.unit_id == unit_id, Workbook.kind == "forms"))
        return workbook_files.read(row), row

    drawn, row = forms()
    before = row.content_hash
    assert workbook_files.media_type("forms", drawn) == workbook_files.XLSX

    ident = form_uploaded(world, "姓名：{{ 姓名 }}")
    row = row_of(ident)
    assert (row.state, row.mapping) == ("tried", {"姓名": "field:name"}) and {one["held"] for one in row.trial} == {
        True
    }
    assert row.trial_key in set(leftovers.named())
    templates.use(world.staff("office"), ident, row.version)
    made, row = forms()
    assert row.content_hash != before and workbook_files.media_type("forms", made) == workbook_files.ZIP
    pack = load_pack("tiny")
    assert workbook_files.download_name(row, made, "东", pack).endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        (name,) = archive.namelist()
        text = "".join(each.text for each in Document(io.BytesIO(archive.read(name))).paragraphs)
    assert name == "001 样例丙.docx" and "姓名：样例丙" in text

    clock.advance(minutes=5)
    templates.stop(world.staff("office"), ident, row_of(ident).version)
    again, row = forms()
    assert row.content_hash == before and workbook_files.media_type("forms", again) == workbook_files.XLSX


def test_the_clerks_pages_of_a_form_in_word(world, sign_in):
    client = sign_in("office")
    listed = client.get("/office/templates").get_data(as_text=True)
    assert "{{ 姓名 }}" in listed and "{{ name }}" in listed and 'accept=".docx"' in listed
    path = f"/office/templates/{form_uploaded(world, '{{ 姓名 }} {{ 没有 }}')}"
    shown = client.get(path).get_data(as_text=True)
    assert "不认识的" in shown and "<code>没有</code>" in shown and "alert-warning" in shown
    assert client.post(f"{path}/use", data={"version": row_of(path[-32:]).version, "use": "1"}).status_code == 409
    assert "重新对应" not in client.get("/office/templates").get_data(as_text=True)
    path = f"/office/templates/{form_uploaded(world, '{{ 姓名 }}')}"
    assert "试填通过" in client.get(path).get_data(as_text=True)
    trial = client.get(f"{path}/trial")
    assert trial.mimetype == workbook_files.ZIP and ".zip" in trial.headers["Content-Disposition"]
    columns = {"version": row_of(path[-32:]).version, "column-A": "field:name"}
    assert client.post(f"{path}/columns", data=columns).status_code == 422
