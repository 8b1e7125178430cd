"""The units as the office keeps them: the notice's are fixed, its own come, change, close and hand their people on."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

import pytest
from sqlalchemy import select

from models.application import service
from models.application.tables import Event
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import batches, scope, unit_keeping, unit_lists, units
from models.office.tables import Audit, UnitRow
from models.office.unit_keeping import Names
from models.programme import loader


def added(world, name="新设单位", under="east", who="admin"):
    return unit_keeping.add(world.staff(who), world.unit(under).id, Names(name))


def actions(kind):
    return list(db.session.scalars(select(Audit.reason).where(Audit.action == kind)))


def test_a_unit_under_another_reports_through_it_and_outlives_a_start(world):
    made = added(world)
    again = added(world, "又一个", "office")
    assert (made.code, again.code) == ("own-001", "own-002")
    assert made.parent_id == world.unit("east").id and made.name_en == "新设单位"
    assert made.id in set(db.session.scalars(units.within(world.unit("east").id)))
    assert made.id in {row.id for row in db.session.scalars(scope.units(world.staff("east")))}
    assert units.load_units(loader.load_pack("tiny")) == 0
    assert world.unit("own-001").name == "新设单位"
    assert actions("add_unit") == ["own-001", "own-002"]


@pytest.mark.parametrize("name", ["", "  ", "长" * 201, "藏\u200b字", "甲县", " 甲 县 "])
def test_names_that_will_not_do(world, name):
    world.unit("east").name = "甲县"
    db.session.commit()
    with pytest.raises(InvalidAnswer):
        added(world, name)
    assert len(added(world, "长" * 200).name) == 200


def test_what_the_pack_fixes_cannot_be_changed(world):
    admin, east = world.staff("admin"), world.unit("east")
    before = east.name
    for act in (
        lambda: unit_keeping.change(admin, east.id, before, Names("别的"), east.parent_id),
        lambda: unit_keeping.close(admin, east.id, "不用了"),
        lambda: unit_keeping.close(admin, world.unit("office").id, "不用了"),
    ):
        with pytest.raises(InvalidAnswer, match=r"units\.fixed"):
            act()
        db.session.rollback()
    assert world.unit("east").name == before and world.unit("east").closed_at is None


def test_reviewers_and_answerers_keep_no_units(world):
    for who in ("east", "answerer"):
        with pytest.raises(NotFound):
            added(world, who=who)
        db.session.rollback()


def test_two_who_rename_are_told(world):
    made = added(world)
    admin, office = world.staff("admin"), world.staff("office")
    unit_keeping.change(admin, made.id, "新设单位", Names("甲", "A"), made.parent_id)
    with pytest.raises(Conflict):
        unit_keeping.change(office, made.id, "新设单位", Names("乙"), made.parent_id)
    db.session.rollback()
    assert (world.unit("own-001").name, world.unit("own-001").name_en) == ("甲", "A")
    assert actions("change_unit") == ["新设单位 → 甲"]


def test_a_unit_moves_but_not_under_itself(world):
    upper = added(world, "上")
    lower = added(world, "下", "own-001")
    admin = world.staff("admin")
    with pytest.raises(InvalidAnswer, match=r"units\.parent_unknown"):
        unit_keeping.change(admin, upper.id, "上", Names("上"), lower.id)
    db.session.rollback()
    unit_keeping.change(admin, lower.id, "下", Names("下"), world.unit("west").id)
    assert world.unit("own-002").parent_id == world.unit("west").id


def test_a_closed_unit_takes_nobody_new(world):
    made = added(world)
    below = added(world, "下级", "own-001")
    admin, office = world.staff("admin"), world.staff("office")
    with pytest.raises(InvalidAnswer, match=r"units\.has_units"):
        unit_keeping.close(admin, made.id, "并掉了")
    db.session.rollback()
    with pytest.raises(InvalidAnswer, match=r"office\.reason_missing"):
        unit_keeping.close(admin, below.id, " ")
    db.session.rollback()
    unit_keeping.close(admin, below.id, "并掉了")
    unit_keeping.close(admin, made.id, "并掉了")
    assert actions("close_unit") == ["并掉了", "并掉了"]
    assert units.open_above(db.session(), world.unit("own-002")).code == "east"
    assert made.id not in {row.id for row in db.session.scalars(scope.reroute_targets(office))}
    app_id = world.applied("east")
    with pytest.raises(InvalidAnswer):
        service.reroute(app_id, made.id, office.id, world.application(app_id).version, "试试")
    db.session.rollback()
    with pytest.raises(InvalidAnswer, match=r"units\.parent_closed"):
        added(world, "更下级", "own-001")
    db.session.rollback()
    with pytest.raises(InvalidAnswer, match=r"units\.parent_closed"):
        unit_keeping.reopen(admin, below.id)
    db.session.rollback()
    unit_keeping.reopen(admin, made.id)
    assert world.unit("own-001").closed_at is None


def test_a_route_to_a_unit_that_was_closed_leads_above_it(world):
    """Of an older version of the pack: what it named may have been closed since."""
    east = world.unit("east")
    east.closed_at = world.application(world.applied("west")).submitted_at
    db.session.commit()
    assert world.application(world.applied("east")).unit_id == world.unit("office").id
    assert units.load_units(loader.load_pack("tiny")) == 1  # the pack names it, so it is open
    assert world.application(world.applied("east")).unit_id == world.unit("east").id


def test_people_of_a_closed_unit_are_handed_on_in_pieces(world, monkeypatch):
    monkeypatch.setattr(unit_keeping, "AT_ONCE", 2)
    made = added(world)
    office = world.staff("office")
    people = [world.applied("east") for _ in range(4)]
    for app_id in people:
        service.reroute(app_id, made.id, office.id, world.application(app_id).version, "归它管")
    service.approve(people[0], office.id, world.application(people[0]).version, "")
    service.decline(people[3], office.id, world.application(people[3]).version, "一", "不符合")
    west = world.unit("west").id
    with pytest.raises(InvalidAnswer, match=r"units\.not_closed"):
        unit_keeping.hand_on(office, made.id, west, "并掉了")
    unit_keeping.close(office, made.id, "并掉了")
    with pytest.raises(InvalidAnswer, match=r"office\.reason_missing"):
        unit_keeping.hand_on(office, made.id, west, " ")
    with pytest.raises(NotFound):
        unit_keeping.hand_on(office, made.id, world.unit("own-001").id, "自己")
    assert unit_keeping.hand_on(office, made.id, west, "并掉了") == unit_keeping.Moved(2, 1)
    assert unit_keeping.hand_on(office, made.id, west, "并掉了") == unit_keeping.Moved(1, 0)
    assert unit_keeping.hand_on(office, made.id, west, "并掉了") == unit_keeping.Moved(0, 0)
    assert [world.application(app_id).unit_id for app_id in people] == [west, west, west, made.id]
    told = db.session.scalars(select(Event).where(Event.type == "rerouted").order_by(Event.seq.desc())).first()
    assert told.data["reason"] == "并掉了"


LIST = "单位名称\t上级单位\t英文名称\n第一科\t第二处\tSection One\n第二处\t\n第三科\n"


def test_a_list_comes_in_whole_with_its_tree_and_once(world):
    admin, office = world.staff("admin"), world.unit("office").id
    listed = unit_lists.look_through(admin, LIST, office)
    assert [(line.number, line.state) for line in listed.lines] == [(2, "new"), (3, "new"), (4, "new")]
    assert db.session.scalar(select(UnitRow).where(UnitRow.name == "第一科")) is None
    assert unit_lists.bring_in(admin, LIST, office) == 3
    first, second = (db.session.scalar(select(UnitRow).where(UnitRow.name == name)) for name in ("第一科", "第二处"))
    assert first.parent_id == second.id and first.name_en == "Section One" and second.parent_id == office
    assert unit_lists.bring_in(admin, LIST, office) == 0
    assert {line.state for line in unit_lists.look_through(admin, LIST, office).lines} == {"known"}
    assert actions("import_units") == ["3"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("甲科\t没有的处", "units.list_above"),
        ("甲科\t乙科\n乙科\t甲科", "units.list_circle"),
        ("甲科\n甲 科", "units.list_twice"),
        ("甲科\t\n\t甲科", "units.name_missing"),
        ("甲科\t乙科\n乙科\t没有的处", "units.list_above"),
        ("甲科\t关了的", "units.parent_closed"),
    ],
)
def test_one_faulty_line_and_nothing_comes_in(world, text, key):
    admin, office = world.staff("admin"), world.unit("office").id
    unit_keeping.close(admin, added(world, "关了的").id, "并掉了")
    faulty = unit_lists.look_through(admin, text, office).of("faulty")
    assert key in {line.problem.key for line in faulty}
    with pytest.raises(InvalidAnswer, match=r"units\.list_faulty"):
        unit_lists.bring_in(admin, text, office)
    db.session.rollback()
    assert world.unit("own-002") is None


def test_an_administrator_of_a_unit_keeps_those_below_it(world):
    keeper, east, west = world.staff("keeper"), world.unit("east"), world.unit("west")
    made = unit_keeping.add(keeper, east.id, Names("甲乡"))
    unit_keeping.change(keeper, made.id, "甲乡", Names("乙乡"), east.id)
    assert {row.code for row in unit_keeping.parents(db.session(), keeper)} == {"east", "own-001"}
    for parent in (west.id, world.unit("office").id):
        with pytest.raises(NotFound):
            unit_keeping.add(keeper, parent, Names("别处"))
        db.session.rollback()
    with pytest.raises(InvalidAnswer, match=r"units\.name_taken"):
        unit_keeping.add(keeper, east.id, Names(world.unit("west").name))
    db.session.rollback()
    (line,) = unit_lists.look_through(keeper, world.unit("west").name, east.id).lines
    assert line.problem.key == "units.name_taken"
    world.staff("keeper").unit_id = made.id
    db.session.commit()
    with pytest.raises(InvalidAnswer, match=r"units\.fixed"):
        unit_keeping.close(world.staff("keeper"), made.id, "自己关自己")
    db.session.rollback()
    unit_keeping.close(world.staff("admin"), made.id, "并掉了")
    assert world.unit("own-001").closed_at is not None


def test_a_closed_unit_begins_no_lists(world):
    made = added(world)
    world.staff("west").unit_id = made.id
    db.session.commit()
    unit_keeping.close(world.staff("admin"), made.id, "并掉了")
    with pytest.raises(InvalidAnswer, match=r"units\.closed"):
        batches.paste(world.staff("west"), "姓名\n测试甲")
    db.session.rollback()


def test_a_list_has_an_end(world):
    admin, office = world.staff("admin"), world.unit("office").id
    whole = "\n".join(f"第{n}科" for n in range(unit_lists.MOST))
    assert len(unit_lists.look_through(admin, whole, office).of("new")) == unit_lists.MOST
    for text in ("", " \n\n", whole + "\n多一科", "单位名称\n"):
        with pytest.raises(InvalidAnswer):
            unit_lists.look_through(admin, text, office)


def test_two_at_once_get_numbers_of_their_own(persistent_world, persistent_app):
    admin, office = persistent_world.staff("admin").id, persistent_world.unit("office").id
    db.session.rollback()

    def one(name):
        with persistent_app.app_context():
            return unit_keeping.add(db.session.get(scope.Staff, admin), office, Names(name)).code

    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(Context().run, one, name) for name in ("甲科", "乙科")]
        assert sorted(task.result() for task in tasks) == ["own-001", "own-002"]


def test_the_pages_from_the_list_to_the_end_of_a_unit(world, sign_in):
    app_id = world.applied("east")
    admin = sign_in("admin")
    tree = admin.get("/office/units").get_data(as_text=True)
    assert "主管办公室" in tree and "通知里的" in tree and "新增单位" in tree
    assert "不能改名" in admin.get(f"/office/units/{world.unit('east').id}").get_data(as_text=True)
    office = world.unit("office").id
    looked = admin.post("/office/units/import", data={"list": LIST, "parent": office}).get_data(as_text=True)
    assert "新增 3 个" in looked and "导入 3 个单位" in looked
    assert admin.post("/office/units/import", data={"list": LIST, "parent": office, "do": "import"}).status_code == 302
    for wanted, shown in (("第二处", 1), ("dyk", 1), ("diyike", 1), ("own-00", 3), ("没有", 0)):
        page = admin.get("/office/units", query_string={"q": wanted}).get_data(as_text=True)
        assert page.count("data-row") == shown, wanted
    wrong = admin.post("/office/units/new", data={"name": "第一科", "name_en": "Again", "parent": office})
    assert wrong.status_code == 422 and "Again" in wrong.get_data(as_text=True)
    assert admin.post("/office/units/new", data={"name": "新", "parent": ""}).status_code == 422
    made = db.session.scalar(select(UnitRow.id).where(UnitRow.name == "第一科"))
    address = f"/office/units/{made}"
    renamed = {"do": "change", "was": "别的名字", "name": "新科", "name_en": "", "parent": office}
    answer = admin.post(address, data=renamed)
    assert answer.status_code == 409 and "新科" in answer.get_data(as_text=True)
    assert admin.post(address, data={**renamed, "was": "第一科"}).status_code == 302
    by_office = sign_in("office")
    version = world.application(app_id).version
    moved = {"version": version, "unit": made, "reason": "归它管理的人"}
    assert by_office.post(f"/office/applications/{app_id}/reroute", data=moved).status_code == 302
    assert world.application(app_id).unit_id == made
    assert admin.post(address, data={"do": "close", "reason": ""}).status_code == 422
    assert admin.post(address, data={"do": "close", "reason": "并掉了"}).status_code == 302
    assert "由主管办公室的人在这里办" in admin.get(address).get_data(as_text=True)
    assert "全部转走" in by_office.get(address).get_data(as_text=True)
    target = {"do": "move", "target": world.unit("west").id, "why": "单位撤销"}
    assert "转走了 1 份" in by_office.post(address, data=target, follow_redirects=True).get_data(as_text=True)
    assert world.application(app_id).unit_id == world.unit("west").id
    assert admin.post(address, data={"do": "reopen"}).status_code == 302
    log = admin.get("/office/audit").get_data(as_text=True)
    assert "停用单位" in log and "恢复单位" in log and "第一科 → 新科" in log
