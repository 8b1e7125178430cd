"""Exports: a reason, a second person, a sheet with its mark, an end, and nobody in it who has left."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from models import storage
from models.application import service
from models.application.tables import Outbox
from models.crypto import Damaged
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import exports, letters, links, sealing
from models.office.edition_tables import Letter, OfficeLink
from models.office.review_tables import ExportRequest
from models.office.staff import create_staff
from models.office.tables import Audit
from models.programme import loader
from workers.exports import make_export

ALONE, HOURS, PASSWORD = 2, 24, "long-enough-for-tests"
WHY = "年底核对名单"
COLUMNS = ("field:id_number", "field:trade")


@pytest.fixture
def few(monkeypatch):
    """More than two people need a second person."""
    monkeypatch.setattr(exports, "alone", lambda: ALONE)


def second(world, unit="office", role="office", name="second"):
    create_staff(username=name, password=PASSWORD, display_name="二号", roles=(role,), unit_id=world.unit(unit).id)
    return world.staff(name)


def ask(world, people, who="office", columns=COLUMNS, full=False, why=WHY):
    return exports.ask(world.staff(who), people, columns, full, why)


def work(ident):
    """Whatever is promised for it."""
    db.session.rollback()
    for row in list(db.session.scalars(select(Outbox.id).where(Outbox.subject_id == ident, Outbox.state == "pending"))):
        db.session.rollback()
        make_export(row)
    db.session.rollback()


def row_of(ident):
    return db.session.get(ExportRequest, ident, populate_existing=True)


def sheet(world, ident, who="office"):
    _row, data = exports.take(world.staff(who), ident)
    return load_workbook(BytesIO(data)).worksheets[0]


def texts(found):
    return [[cell.value for cell in row] for row in found.iter_rows(min_row=3, max_row=found.max_row - 1)]


def test_alone_it_is_made_at_once_and_masked(persistent_world, few):
    world = persistent_world
    number = world.number()
    people = [world.applied("east", "=A1+1", id_number=number), world.applied("west", "乙")]
    ident = ask(world, people, why="=HYPERLINK(1) 核对")
    work(ident)
    found = sheet(world, ident)
    mark = found["A1"].value
    assert ident[:8] in mark and "office 同志" in mark and "核对" in mark and found.cell(found.max_row, 1).value == mark
    first, other = texts(found)
    assert first[2] == "=A1+1" and other[2] == "乙"
    assert first[7] == f"{number[:4]}{'*' * 13}{number[-1]}" and first[8] == "木工"
    kinds = {(cell.data_type, cell.number_format) for row in found.iter_rows(min_row=3) for cell in row if cell.value}
    assert kinds == {("s", "@")}  # nothing is a formula, and nothing a number that loses its digits
    row = row_of(ident)
    assert (row.state, row.rows) == ("taken", 2)
    actions = db.session.scalars(
        select(Audit.action).where(Audit.subject == f"export:{ident}").order_by(Audit.at)
    ).all()
    assert sorted(actions) == ["ask_export", "take_export"]
    with pytest.raises(NotFound):
        exports.take(second(world), ident)  # who may see that it was asked for does not get the file


def test_numbers_in_full_are_the_offices(world, few):
    number = world.number()
    app_id = world.applied("east", id_number=number)
    with pytest.raises(InvalidAnswer, match="full"):
        ask(world, [app_id], who="east", full=True)
    ident = ask(world, [app_id], full=True)
    work(ident)
    assert texts(sheet(world, ident))[0][7] == number


def test_above_the_number_a_second_person_decides(persistent_world, few):
    world = persistent_world
    people = [world.applied("east", f"测试{n}") for n in range(ALONE + 1)]
    with pytest.raises(InvalidAnswer, match="no_second"):
        ask(world, people)
    assert row_of(ask(world, people[:ALONE])).state == "making"  # up to the number alone
    other, reviewer = second(world), second(world, role="reviewer", name="third")
    ident = ask(world, people)
    work(ident)
    assert row_of(ident).state == "waiting" and exports.waiting(other) == 1
    for who, error in (
        (world.staff("office"), InvalidAnswer),
        (reviewer, InvalidAnswer),
        (world.staff("east"), NotFound),
    ):
        with pytest.raises(error):
            exports.settle(who, ident, True, "")
        db.session.rollback()
    exports.settle(other, ident, True, "可以")
    with pytest.raises(Conflict):
        exports.settle(other, ident, False, "不再需要了")
    work(ident)
    assert len(texts(sheet(world, ident))) == ALONE + 1
    refused = ask(world, people)
    with pytest.raises(InvalidAnswer, match="reason_missing"):
        exports.settle(other, refused, False, " ")
    exports.settle(other, refused, False, "名单还没有定")
    work(refused)
    row = row_of(refused)
    assert (row.state, row.answer, row.storage_key) == ("refused", "名单还没有定", "")
    assert exports.content(row).people == ()
    with pytest.raises(InvalidAnswer, match="not_ready"):
        exports.take(world.staff("office"), refused)


def test_the_link_leads_to_it_and_it_ends(world, few, sign_in, clock):
    app_id = world.applied()
    world.staff("office").email = "office@example.com"
    db.session.commit()
    ident = ask(world, [app_id])
    work(ident)
    link = db.session.scalar(select(OfficeLink).where(OfficeLink.subject_id == ident))
    assert link.purpose == links.EXPORT and link.staff_id == world.staff("office").id
    assert db.session.scalar(select(Letter.kind)) == "export"
    client = sign_in("office")
    page = client.get(f"/office/exports/{ident}").get_data(as_text=True)
    assert f"/office/exports/{ident}/file" in page and WHY in page
    answer = client.get(f"/office/exports/{ident}/file")
    assert answer.status_code == 200 and "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    key = row_of(ident).storage_key
    clock.advance(hours=HOURS, seconds=-1)
    assert exports.sweep() == 0
    clock.advance(seconds=1)
    client = sign_in("office")
    assert client.get(f"/office/exports/{ident}/file").status_code == 302  # before anything was swept
    assert exports.sweep() == 1 and exports.sweep() == 0
    row = row_of(ident)
    assert (row.state, row.storage_key, exports.content(row).people) == ("expired", "", ())
    with pytest.raises(NotFound):
        storage.get(key, sealing.export_file(ident))
    assert "已过期" in client.get(f"/office/exports/{ident}").get_data(as_text=True)


@pytest.mark.parametrize("leave", [service.withdraw, service.delete])
def test_whoever_leaves_is_gone_from_it(persistent_world, few, leave):
    world = persistent_world
    stays, goes = world.applied("east", "留下的"), world.applied("east", "离开的")
    ident = ask(world, [stays, goes])
    work(ident)
    assert len(texts(sheet(world, ident))) == 2
    key = row_of(ident).storage_key
    leave(goes)
    row = row_of(ident)
    assert (row.state, row.storage_key) == ("making", "")
    with pytest.raises((NotFound, Damaged)):
        storage.get(key, sealing.export_file(ident))
    work(ident)
    assert [line[2] for line in texts(sheet(world, ident))] == ["留下的"]


def test_one_that_is_being_made_while_somebody_leaves_comes_too_late(world, few):
    from workers import exports as job

    stays, goes = world.applied("east", "留下的"), world.applied("east", "离开的")
    ident = ask(world, [stays, goes])
    made = job.make(ident)
    service.withdraw(goes)
    job.keep(ident, db.session(), made)
    db.session.commit()
    assert row_of(ident).state == "making"
    work(ident)
    assert [line[2] for line in texts(sheet(world, ident))] == ["留下的"]


def test_by_the_pages(world, few, sign_in):
    for n in range(3):
        world.applied("east", f"王小{n}")
    second(world)
    client = sign_in("office")
    form = client.post("/office/exports/new", data={"q": "王小"}).get_data(as_text=True)
    assert "导出 3 人" in form and "要本单位另一位同事同意" in form
    assert client.post("/office/exports/new", data={"q": "王小", "step": "ask", "reason": "看"}).status_code == 422
    asked = client.post(
        "/office/exports/new", data={"q": "王小", "step": "ask", "reason": WHY, "column": list(COLUMNS)}
    )
    assert asked.status_code == 303
    path = asked.headers["Location"]
    assert "等本单位另一位同事同意" in client.get(path).get_data(as_text=True)
    assert client.post(path, data={"do": "approve"}).status_code == 422
    queue = client.post("/office/exports/new?status=submitted", data={"from": "queue"}).get_data(as_text=True)
    assert "导出 3 人" in queue
    assert WHY in client.get("/office/exports").get_data(as_text=True)
    assert sign_in("other-office").get(path).status_code == 404 and sign_in("east").get(path).status_code == 404


def test_whoever_could_approve_is_told_by_letter_and_nobody_else(world, sign_in, few):
    for name, unit, role, email in (
        ("second", "office", "office", "er@danwei.example"),
        ("third", "office", "office", ""),
        ("clerk", "office", "reviewer", "jing@danwei.example"),
        ("far", "west", "reviewer", "yuan@danwei.example"),
    ):
        second(world, unit, role, name).email = email or f"{name}@staff.invalid"
    db.session.commit()
    people = [world.applied("east", f"测试{number}") for number in range(ALONE + 1)]
    ident = ask(world, people)
    (letter,) = db.session.scalars(select(Letter))
    assert (letter.kind, letter.staff_id) == ("export_second", world.staff("second").id)
    words = letters.read(letter)
    assert words.to == "er@danwei.example" and "3 人" in words.body and WHY not in words.body
    path = words.body.partition("8000")[2].split()[0]
    assert sign_in("second").get(path).location.endswith(f"/office/exports/{ident}")
    assert sign_in("third").get(path).status_code == 404
    shown = sign_in("admin").get("/office/letters").get_data(as_text=True)
    assert "导出等人同意" in shown


@pytest.mark.parametrize(
    ("lang", "refused", "forgotten"), [("zh", "没有同意", "7 天内"), ("en", "not approve", "7 days")]
)
def test_whoever_asked_is_told_by_letter_that_nothing_comes_of_it(world, few, sign_in, clock, lang, refused, forgotten):
    second(world)
    asker = world.staff("office")
    asker.email, asker.language = "office@example.com", lang
    db.session.commit()
    people = [world.applied("east", f"测试{number}") for number in range(ALONE + 1)]
    first = ask(world, people)
    exports.settle(world.staff("second"), first, False, "名单还没有定")
    late = ask(world, people)
    clock.advance(days=7, seconds=-1)
    assert exports.sweep() == 0
    clock.advance(seconds=1)
    assert exports.sweep() == 1 and exports.sweep() == 0
    assert row_of(late).state == "expired"
    found = {letter.kind: letter for letter in db.session.scalars(select(Letter))}
    assert found.keys() == {"export_refused", "export_forgotten"}
    for kind, ident, words in (("export_refused", first, refused), ("export_forgotten", late, forgotten)):
        letter = letters.read(found[kind])
        assert letter.to == "office@example.com" and f"{ALONE + 1} " in letter.body and words in letter.body
        assert "名单还没有定" not in letter.body, "a person's words are on the page alone"
        for_whom = db.session.scalars(select(OfficeLink.staff_id).where(OfficeLink.subject_id == ident)).all()
        assert world.staff("office").id in for_whom
    assert "名单还没有定" in sign_in("office").get(f"/office/exports/{first}").get_data(as_text=True)


def test_a_file_whose_time_is_over_is_no_refusal(world, few, clock):
    world.staff("office").email = "office@example.com"
    db.session.commit()
    work(ask(world, [world.applied("east")]))
    clock.advance(hours=HOURS)
    assert exports.sweep() == 1
    assert db.session.scalars(select(Letter.kind)).all() == ["export"]


def test_an_export_that_needs_nobody_tells_nobody(world, few):
    second(world).email = "er@danwei.example"
    db.session.commit()
    ask(world, [world.applied("east")])
    assert db.session.scalars(select(Letter)).all() == []


def test_answers_of_one_name_are_told_apart_by_the_part_of_the_form_they_stand_in():
    labels = exports.labels(loader.load_pack("hengyang-2015"), "zh")
    assert labels["field:name"] == "姓名"
    assert len(set(labels.values())) == len(labels), "no two columns have one name"
    assert any(label.endswith("：人才类型") for label in labels.values())
