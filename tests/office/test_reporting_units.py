"""A unit through which others report (四(一)7): it reads theirs and puts their people into its table; they decide."""

import pytest
from sqlalchemy import select

from models.application import notices, service
from models.application.tables import Outbox
from models.extensions import db
from models.office import scope, units, workbook_files, workbook_records, worklist
from models.office.tables import Workbook
from models.programme.loader import load_pack

READ = ("", "/reveal/field:id_number")
DECIDE = ("/return", "/approve", "/decline", "/reroute")


def under(world, below, above):
    """From now on `below` reports through `above`."""
    world.unit(below).parent_id = world.unit(above).id
    db.session.commit()


def reached(staff):
    return set(db.session.scalars(scope.applications(staff)))


def promised(world):
    subjects = db.session.scalars(select(Outbox.subject_id).where(Outbox.job == "assemble_workbook"))
    codes = {unit.id: unit.code for unit in db.session.scalars(scope.units(world.staff("office")))}
    return sorted(codes[subject[32:]] for subject in subjects)


def test_the_tree_is_walked_both_ways_at_any_depth(persistent_world):
    world = persistent_world
    under(world, "west", "east")
    office, east, west = (world.unit(code).id for code in ("office", "east", "west"))
    assert set(db.session.scalars(units.within(office))) == {office, east, west}  # the pack: east reports to the office
    assert set(db.session.scalars(units.within(east))) == {east, west}
    assert set(db.session.scalars(units.within(west))) == {west}
    assert units.upwards(db.session(), [west]) == sorted([office, east, west])
    assert units.upwards(db.session(), [office]) == [office]


def test_the_unit_above_reads_and_does_not_decide(persistent_world):
    world = persistent_world
    under(world, "west", "east")
    own, below = world.applied("east", "甲"), world.applied("west", "乙")
    other = world.applied("west", "丙", slug="other")
    above, beneath = world.staff("east"), world.staff("west")
    assert {one.id for one in reached(above)} == {own, below}
    assert {one.id for one in reached(beneath)} == {below}
    assert {one.id for one in db.session.scalars(scope.decidable(above))} == {own}
    assert {one.id for one in db.session.scalars(scope.decidable(world.staff("office")))} == {own, below}
    assert not list(db.session.scalars(scope.decidable(world.staff("admin"))))
    assert worklist.waiting(above) == 1 and other not in {one.id for one in reached(above)}
    assert {unit.code for unit in db.session.scalars(scope.units(above))} == {"east", "west"}
    assert {unit.code for unit in db.session.scalars(scope.units(beneath))} == {"west"}


def test_in_the_console_the_unit_above_sees_no_way_of_deciding(world, sign_in):
    under(world, "west", "east")
    below = world.applied("west", "乙")
    page, photo = f"/office/applications/{below}", world.pages(below)[0].id
    above, beneath = sign_in("east"), sign_in("west")
    for path in READ:
        assert above.get(page + path).status_code == 200, path
    assert above.get(f"/office/pages/{photo}").status_code == 200
    for path in DECIDE:
        assert above.get(page + path).status_code == above.post(page + path, data={"version": "1"}).status_code == 404
        assert beneath.get(page + path).status_code == 200
    seen = above.get(page).get_data(as_text=True)
    assert "由西县审核" in seen and f"{page}/approve" not in seen
    assert "由西县审核" not in beneath.get(page).get_data(as_text=True)
    assert "乙" in above.get("/office/applications").get_data(as_text=True)


def test_a_change_below_reaches_every_table_above(persistent_world):
    world = persistent_world
    under(world, "west", "east")
    app_id = world.applied("west")
    assert promised(world) == ["east", "office", "west"]
    for row in db.session.scalars(select(Outbox).where(Outbox.job == "assemble_workbook")):
        row.state = "done"
    db.session.commit()
    application = world.application(app_id)
    service.reroute(app_id, world.unit("east").id, world.staff("office").id, application.version, "归东县")
    assert promised(world) == ["east", "east", "office", "office", "west", "west"]  # and once more each


def test_who_leaves_below_leaves_every_table_above(persistent_world):
    world = persistent_world
    under(world, "west", "east")
    app_id = world.applied("west")
    application = world.application(app_id)
    built = {}
    for code in ("east", "west"):
        unit = world.unit(code)
        row = Workbook(round_id=application.round_id, unit_id=unit.id, kind="summary", content_hash="x", rows=1)
        row.storage_key = workbook_files.storage.put(b"x", workbook_files.bound_to(row.round_id, unit.id, "summary"))
        row.built_at = application.submitted_at
        db.session.add(row)
        built[code] = row
    db.session.commit()
    service.withdraw(app_id)
    assert [row.storage_key for row in built.values()] == ["", ""]
    assert not list(db.session.scalars(scope.workbooks(world.staff("east"))))


def test_a_table_holds_the_rows_of_the_units_below_and_says_so(persistent_world):
    world = persistent_world
    under(world, "west", "east")
    own, below = world.applied("east", "甲"), world.applied("west", "乙")
    left = world.applied("west", "丙")
    service.decline(left, 1, world.application(left).version, "二", "不在本县")
    intake = db.session.scalar(scope.rounds(world.staff("east")))
    pack = load_pack("tiny")
    held = workbook_records.load(db.session(), pack, intake, world.unit("east"))
    assert {one.application_id for one in held.records} == {own, below}
    assert {one.unit_name for one in held.records} == {"东县", "西县"}
    assert held.records_in == 3 and held.below() == {"西县": 2}
    assert [one.application_id for one in held.own().records] == [own] and held.own().records_in == 1
    west = workbook_records.load(db.session(), pack, intake, world.unit("west"))
    assert west.records_in == west.own().records_in == 2 and west.below() == {}


def test_nothing_is_promised_where_no_unit_is_known(world):
    app_id = world.applied("east")
    before = promised(world)
    notices.promise_workbooks(db.session(), world.application(app_id), "x", None)
    assert promised(world) == before


@pytest.mark.parametrize(("who", "seen"), [("east", {"east", "west"}), ("west", {"west"})])
def test_workbooks_of_the_units_below_are_in_reach(world, sign_in, who, seen):
    under(world, "west", "east")
    app_id = world.applied("west")
    application = world.application(app_id)
    ids = {}
    for code in ("east", "west"):
        row = Workbook(round_id=application.round_id, unit_id=world.unit(code).id, kind="summary", content_hash=code)
        row.storage_key = workbook_files.storage.put(
            b"x", workbook_files.bound_to(row.round_id, row.unit_id, "summary")
        )
        row.rows, row.built_at = 1, application.submitted_at
        db.session.add(row)
        db.session.flush()
        ids[code] = row.id
    db.session.commit()
    client = sign_in(who)
    opened = {code for code, row in ids.items() if client.get(f"/office/workbooks/{row}/download").status_code == 200}
    assert opened == seen
    page = client.get("/office/workbooks").get_data(as_text=True)
    assert ("含下级单位" in page) == (who == "east")
