"""What a unit fills in about a person: who may, what is checked, two clerks at once, and when it goes."""

import ast
import re
import threading
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.application import queries, service
from models.application.tables import Outbox
from models.crypto import Damaged
from models.errors import Conflict, NotFound
from models.extensions import db
from models.office import scope, unit_entries, worklist
from models.office.tables import Audit, UnitEntry
from models.office.workbook_records import load
from models.programme.loader import load_pack

ROOT = Path(__file__).parents[2]
SECRET = "只有单位知道"
GOOD = {"standing": "high", "remarks": SECRET}


def text(answer, status=200):
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page[:3000]
    return page


def held(world, app_id):
    db.session.rollback()
    view = queries.view(app_id)
    return {entry.field.id: (entry.value, entry.version) for entry in unit_entries.entries(db.session(), view)}


def save(world, app_id, values, who="east", versions=None):
    return unit_entries.save(world.staff(who), app_id, values, versions or {})


def test_kept_sealed_with_a_version_an_audit_and_a_promise(persistent_world):
    world = persistent_world
    app_id = world.applied("east")
    version = world.application(app_id).version
    builds = select(Outbox).where(Outbox.job == "assemble_workbook", Outbox.state == "pending")
    for row in db.session.scalars(builds):
        row.state = "done"
    db.session.commit()
    assert save(world, app_id, GOOD) == {}
    assert held(world, app_id) == {"standing": ("high", 1), "remarks": (SECRET, 1)}
    rows = db.session.scalars(select(UnitEntry)).all()
    assert all(SECRET.encode() not in row.sealed and b"high" not in row.sealed for row in rows)
    assert {row.staff_id for row in rows} == {world.staff("east").id}
    (line,) = db.session.scalars(select(Audit).where(Audit.action == "fill_unit_fields"))
    assert (line.subject, line.reason) == (f"application:{app_id}", "remarks standing")
    promised = {row.subject_id[32:] for row in db.session.scalars(builds)}
    assert promised == {world.unit("east").id, world.unit("office").id}, "its workbooks and those above will show it"
    assert world.application(app_id).version == version, "a decision on the screen stays valid"
    assert save(world, app_id, GOOD) == {}, "saving the same again is nothing"
    assert held(world, app_id)["standing"] == ("high", 1)


def test_an_entry_opens_in_no_other_row(world):
    one, two = world.applied("east"), world.applied("east")
    save(world, one, GOOD)
    save(world, two, GOOD)
    rows = {(r.application_id, r.key): r for r in db.session.scalars(select(UnitEntry))}
    rows[two, "remarks"].sealed = rows[one, "remarks"].sealed
    db.session.commit()
    with pytest.raises(Damaged):
        held(world, two)


@pytest.mark.parametrize("who", ["west", "other-east", "answerer", "admin", "office"])
def test_nobody_else_fills_in(world, sign_in, who):
    """The office sees all of its programme, and fills in for its own people alone."""
    app_id = world.applied("east")
    with pytest.raises(NotFound):
        save(world, app_id, GOOD, who=who)
    answer = sign_in(who).post(f"/office/applications/{app_id}/unit-fields", data={"unit:remarks": SECRET})
    assert answer.status_code == 404
    assert held(world, app_id)["remarks"] == (None, 0)


def test_the_office_reads_what_the_unit_filled_in(world, sign_in):
    app_id = world.applied("east")
    save(world, app_id, GOOD)
    page = text(sign_in("office").get(f"/office/applications/{app_id}"))
    assert SECRET in page and 'name="unit:remarks"' not in page
    assert SECRET in text(sign_in("east").get(f"/office/applications/{app_id}"))


def test_a_declined_application_is_closed(world):
    app_id = world.applied("east")
    service.decline(app_id, world.staff("east").id, world.application(app_id).version, "一", "没有证书原件")
    with pytest.raises(NotFound):
        save(world, app_id, GOOD)


def test_only_what_applies_to_this_person_is_asked(world):
    app_id = world.applied("east")
    assert set(held(world, app_id)) == {"standing", "remarks"}
    assert save(world, app_id, {"points": "3"}) == {}
    assert db.session.scalar(select(func.count()).select_from(UnitEntry)) == 0


def test_wrong_values_are_said_and_nothing_is_saved(world, sign_in):
    app_id = world.applied("east")
    data = {"unit:standing": "middling", "unit:remarks": "长" * 21, "version:standing": "0"}
    page = text(sign_in("east").post(f"/office/applications/{app_id}/unit-fields", data=data), 422)
    assert "有 2 项填写有误" in page and "最多" in page and "请从列出的选项中选" in page
    assert "长" * 21 in page, "what was typed stays"
    assert set(held(world, app_id).values()) == {(None, 0)}
    part = {"unit:standing": "high", "unit:remarks": "长" * 21}
    text(sign_in("east").post(f"/office/applications/{app_id}/unit-fields", data=part), 422)
    assert set(held(world, app_id).values()) == {(None, 0)}, "all or nothing"


def test_a_blank_takes_back(world):
    app_id = world.applied("east")
    save(world, app_id, GOOD)
    assert save(world, app_id, {"remarks": "  "}, versions={"remarks": 1}) == {}
    assert held(world, app_id) == {"standing": ("high", 1), "remarks": (None, 0)}


def test_a_colleague_was_faster_on_the_same_field(world, sign_in):
    app_id = world.applied("east")
    save(world, app_id, {"remarks": "同事写的"})
    with pytest.raises(Conflict):
        save(world, app_id, {"remarks": SECRET, "standing": "low"}, versions={"remarks": 0})
    assert held(world, app_id) == {"standing": (None, 0), "remarks": ("同事写的", 1)}
    data = {"unit:remarks": SECRET, "version:remarks": "0", "unit:standing": ""}
    page = text(sign_in("east").post(f"/office/applications/{app_id}/unit-fields", data=data), 409)
    assert "刚被同事改过" in page and SECRET in page and "现在保存的是：同事写的" in page
    assert 'name="version:remarks" value="1"' in page, "sent again on purpose it counts"
    answer = sign_in("east").post(
        f"/office/applications/{app_id}/unit-fields", data={"unit:remarks": SECRET, "version:remarks": "1"}
    )
    assert answer.status_code == 302
    assert held(world, app_id)["remarks"] == (SECRET, 2)


def test_different_fields_do_not_get_in_each_others_way(world):
    app_id = world.applied("east")
    save(world, app_id, {"remarks": SECRET})
    assert save(world, app_id, {"standing": "low"}, versions={"standing": 0, "remarks": 0}) == {}
    assert held(world, app_id) == {"standing": ("low", 1), "remarks": (SECRET, 1)}


def test_two_clerks_at_the_same_moment(persistent_world, persistent_app):
    world = persistent_world
    app_id = world.applied("east")
    db.session.rollback()
    gate, came = threading.Barrier(2), []

    def clerk(words):
        with persistent_app.app_context():
            gate.wait()
            try:
                save(world, app_id, {"remarks": words})
                came.append("saved")
            except Conflict:
                came.append("told")
            db.session.remove()

    threads = [threading.Thread(target=clerk, args=(words,)) for words in ("甲写的", "乙写的")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["saved", "told"]
    assert held(world, app_id)["remarks"][1] == 1


def leave(app_id, how):
    if how == "consent":
        return service.withdraw_consent(app_id, "identity")
    return service.withdraw(app_id) if how == "withdraw" else service.delete(app_id)


@pytest.mark.parametrize("how", ["withdraw", "consent", "delete"])
def test_it_goes_with_the_person(persistent_world, how):
    app_id = persistent_world.applied("east")
    save(persistent_world, app_id, GOOD)
    leave(app_id, how)
    assert db.session.scalar(select(func.count()).select_from(UnitEntry)) == 0


def test_it_stays_with_no_other_unit(world):
    app_id = world.applied("east")
    save(world, app_id, GOOD)
    west = world.unit("west").id
    service.reroute(app_id, west, world.staff("office").id, world.application(app_id).version, "在西县工作")
    assert set(held(world, app_id).values()) == {(None, 0)}


def test_who_still_lacks_something_is_listed(world, sign_in):
    done, half, none = (world.applied("east", name) for name in ("齐全人", "半截人", "空白人"))
    world.applied("west", "西边人")
    save(world, done, GOOD)
    save(world, half, {"standing": "low"})
    east = world.staff("east")
    assert worklist.unfilled(east) == {half: 1, none: 2}
    found = unit_entries.missing(db.session(), "tiny", scope.applications(east))
    assert [field.id for field in found[half]] == ["remarks"]
    page = text(sign_in("east").get("/office/applications?unfilled=1"))
    assert "半截人" in page and "空白人" in page and "齐全人" not in page and "西边人" not in page
    assert "还缺 1 项" in page and "还缺 2 项" in page
    whole = text(sign_in("east").get("/office/applications"))
    assert "齐全人" in whole and "已填齐" in whole


def test_a_condition_on_an_answer_is_judged_by_the_answers(world):
    app_id = world.applied("east")
    application = world.application(app_id)
    asked = unit_entries.asked_by(
        load_pack("tiny"),
        application.categories,
        {**queries.view(app_id).answers, "field:trade": "metal"},
        date(2026, 11, 21),
    )
    assert [field.id for field in asked] == ["standing", "remarks", "points"]


def test_the_workbook_gets_values_and_who_lacks_them(world):
    one, two = world.applied("east"), world.applied("east")
    save(world, one, GOOD)
    application = world.application(one)
    from models.application.tables import Round

    intake, unit = db.session.get(Round, application.round_id), world.unit("east")
    records = {r.application_id: r for r in load(db.session(), load_pack("tiny"), intake, unit).records}
    assert records[one].unit_values == GOOD and records[one].unit_lacking == ()
    assert records[two].unit_values == {} and records[two].unit_lacking == ("standing", "remarks")
    assert SECRET not in repr(records[one])


# models/sealed.py lists where everything encrypted lies, for keys and sweeps: the applicant's side may
# not import it either (pyproject.toml).
READERS = {
    *("models/office/tables.py", "models/office/unit_entries.py", "models/office/unit_erasing.py"),
    "models/sealed.py",
}
STAFF_ONLY = ("models/office/", "webforms/office", "webforms/simulate", "workers/", "models/sealed.py")


def test_only_staff_modules_name_the_table_and_its_reader():
    """By construction: whoever does not name it cannot join it. The import linter holds what is imported on the way."""
    named = {}
    for package in ("models", "bot_adapter", "webforms", "workers"):
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text("utf-8")
            if not re.search("UnitEntry|unit_entr", source):  # most; reading them as Python takes seconds
                continue
            tree = ast.parse(source)
            names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
            texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
            named[str(path.relative_to(ROOT))] = (names, texts)
    tables = {path for path, (names, texts) in named.items() if "UnitEntry" in names or "unit_entry" in texts}
    assert {path for path in tables if "/migrations/" not in path} == READERS
    readers = {path for path, (names, _) in named.items() if "unit_entries" in names}
    assert readers and all(path.startswith(STAFF_ONLY) for path in readers)


def test_the_contract_that_holds_it_is_there():
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'forbidden_modules = ["models.office.unit_entries", "models.office.opinions", "models.sealed"]' in settings
