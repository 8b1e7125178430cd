"""One decision about many cases: looked at first, taken back in time, carried out once, refused case by case."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

import pytest
from bulk_runs import run, statuses
from flask import current_app
from sqlalchemy import func, select

from models.application import queries, service
from models.application.tables import Application, Event, new_id
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import accounts, bulk, bulk_carrying, opinions, reason_sentences, scope_bulk
from models.office.bulk_choice import APPROVE, RETURN, Choice, check
from models.office.decisions import Signed
from models.office.review_tables import BulkAction, BulkItem
from models.office.tables import Audit

TRADE = Choice(RETURN, reasons={"field:trade": "请写清工种"})


def seen(world, *ids):
    return [(one, world.application(one).version) for one in ids]


def begun(world, choice, *ids, who="east"):
    """Confirmed; its id."""
    staff, ident = world.staff(who), new_id()
    bulk.begin(staff, ident, choice, bulk.survey(staff, seen(world, *ids), choice, "zh"))
    db.session.rollback()
    return ident


def results(ident):
    query = select(BulkItem.result, BulkItem.problem).where(BulkItem.bulk_id == ident).order_by(BulkItem.position)
    return [tuple(row) for row in db.session.execute(query)]


def test_nothing_happens_before_the_time_is_over_and_then_everything_once(persistent_world, clock):
    world = persistent_world
    ids = [world.applied(name=f"测试{n}") for n in range(3)]
    words = Signed("同意上报", "王审核", clock.today())
    ident = begun(world, Choice(APPROVE, words), *ids)
    clock.advance(seconds=59)
    run(ident)
    assert statuses(world, ids) == ["submitted"] * 3
    clock.advance(seconds=1)
    run(ident)
    assert statuses(world, ids) == ["approved"] * 3
    assert results(ident) == [("done", "")] * 3
    assert opinions.lines(db.session(), [])[ids[0]].startswith("同意上报\n审核人：王审核")
    row = db.session.get_one(BulkAction, ident, populate_existing=True)
    assert row.state == "done" and row.params == {}, "the opinion is kept sealed with the people, not here"
    told = db.session.scalars(select(Audit.reason).where(Audit.action == "approve")).all()
    assert told == [f"bulk:{ident}"] * 3


def test_it_is_taken_back_until_it_begins(persistent_world, clock):
    world = persistent_world
    one = world.applied()
    first = begun(world, Choice(APPROVE), one)
    clock.advance(seconds=59)
    bulk.undo(world.staff("east"), first)
    clock.advance(seconds=10)
    run(first)
    assert statuses(world, [one]) == ["submitted"]
    with pytest.raises(InvalidAnswer, match="too_late"):
        bulk.undo(world.staff("east"), first)
    second = begun(world, Choice(APPROVE), one)
    clock.advance(seconds=60)
    with pytest.raises(InvalidAnswer, match="too_late"):
        bulk.undo(world.staff("east"), second)


def test_twice_and_at_once_it_is_done_once(persistent_world, clock):
    world = persistent_world
    ids = [world.applied(name=f"测试{n}") for n in range(4)]
    ident = begun(world, TRADE, *ids)
    clock.advance(seconds=60)
    app = current_app._get_current_object()
    db.session.rollback()

    def carry():
        with app.app_context():
            bulk_carrying.carry(ident)
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(Context().run, carry) for _ in range(2)]:
            done.result()
    run(ident)
    returned = select(func.count()).where(Event.type == "items_returned")
    assert db.session.scalar(returned) == 4 and results(ident) == [("done", "")] * 4


def test_a_prepared_reason_reaches_each_person_in_their_own_language(world, clock):
    zh, en = (reason_sentences.offered(world.slug, lang)[0] for lang in ("zh", "en"))
    ids = [world.applied(name="测试甲"), world.applied(name="测试乙")]
    world.application(ids[1]).language = "en"
    db.session.commit()
    ident = begun(world, Choice(RETURN, reasons={"field:trade": zh}), *ids)
    clock.advance(seconds=60)
    run(ident)
    assert [queries.view(one).returned_reasons for one in ids] == [{"field:trade": zh}, {"field:trade": en}]


def test_what_has_changed_since_is_left_alone_and_says_why(world, clock):
    ids = [world.applied(name=f"测试{n}") for n in range(3)]
    ident = begun(world, Choice(APPROVE), *ids)
    colleague = world.application(ids[1])
    service.return_items(ids[1], [service.ReturnedItem("field:name", "请核对")], 1, colleague.version)
    service.withdraw(ids[2])
    clock.advance(seconds=60)
    run(ident)
    assert statuses(world, ids[:2]) == ["approved", "returned"]
    assert results(ident) == [("done", ""), ("refused", "bulk.changed"), ("refused", "bulk.gone")]


def test_what_cannot_be_is_told_before(world):
    done, other, fresh = world.applied(name="甲"), world.applied(name="乙"), world.applied(name="丙")
    service.approve(done, 1, world.application(done).version, "")
    begun(world, TRADE, other)
    stale = [(done, world.application(done).version), *seen(world, other, fresh)]
    found = bulk.survey(world.staff("east"), [*stale[:2], (fresh, 1)], Choice(APPROVE), "zh")
    assert [case.problem for case in found.cases] == ["bulk.not_now", "bulk.pending", "bulk.changed"]
    with pytest.raises(InvalidAnswer, match="none"):
        bulk.begin(world.staff("east"), new_id(), Choice(APPROVE), found)
    nothing = bulk.survey(world.staff("east"), stale[2:], Choice(RETURN, reasons={"field:unknown": "请补"}), "zh")
    assert [case.problem for case in nothing.cases] == ["bulk.not_asked"]
    assert nothing.asked["field:trade"].cases == 1


def test_whoever_may_no_longer_decide_has_decided_nothing(world, clock):
    one = world.applied()
    ident = begun(world, Choice(APPROVE), one)
    accounts.set_active(world.staff("admin"), world.staff("east").id, False)
    clock.advance(seconds=60)
    run(ident)
    assert statuses(world, [one]) == ["submitted"] and results(ident) == [("refused", "bulk.gone")]


def test_another_unit_s_cases_do_not_exist(world):
    mine, theirs = world.applied(county="west"), world.applied()
    with pytest.raises(NotFound):
        bulk.survey(world.staff("west"), seen(world, theirs), Choice(APPROVE), "zh")
    found = bulk.survey(world.staff("west"), seen(world, mine, theirs), Choice(APPROVE), "zh")
    assert [case.application.id for case in found.cases] == [mine] and found.gone == 1
    ident = begun(world, Choice(APPROVE), theirs)
    with pytest.raises(NotFound):
        scope_bulk.get_bulk(world.staff("west"), ident)
    assert scope_bulk.get_bulk(world.staff("office"), ident).id == ident


@pytest.mark.parametrize(
    "choice",
    [
        Choice(RETURN),
        Choice(RETURN, reasons={"field:trade": ""}),
        Choice(RETURN, reasons={"field:trade": "长" * 301}),
        Choice(APPROVE, Signed("同意", "", None)),
    ],
)
def test_what_nobody_can_be_told_is_not_begun(app, choice):
    with app.app_context(), pytest.raises(InvalidAnswer):
        check(choice)


def test_what_only_the_sheet_shows_is_told_before_many_are_approved(world, sign_in):
    differing, marked, plain = (world.applied() for _ in range(3))
    world.read(differing, name="别人")
    world.pages(marked)[0].flags = [{"code": "flag.screen"}, {"code": "unheard.of"}]
    db.session.commit()
    items = seen(world, differing, marked, plain)
    found = bulk.survey(world.staff("east"), items, Choice(APPROVE), "zh")
    assert [(case.differing, case.marks, case.doubted) for case in found.cases] == [
        (1, 0, True),
        (0, 1, True),
        (0, 0, False),
    ]
    data = {"action": "approve", "item": [f"{one}:{version}" for one, version in items]}
    page = sign_in("east").post("/office/bulk", data=data).get_data(as_text=True)
    assert "其中 2 份自动检查还有问题" in page
    assert "与材料 1 处不一致" in page and "照片有 1 处疑点" in page


def test_the_pages(world, sign_in, clock):
    ids = [world.applied(name=f"测试{n}") for n in range(2)]
    east = sign_in("east")
    items = [f"{one}:{version}" for one, version in seen(world, *ids)]
    page = east.post("/office/bulk", data={"action": "return", "item": items}).get_data(as_text=True)
    assert "2 份要填" in page
    chosen = {"action": "return", "item": items, "key": ["field:trade"], "reason:field:trade": "请写清工种"}
    unseen = east.post("/office/bulk/begin", data={**chosen, "looked": "", "bulk": "b" * 32})
    assert unseen.status_code == 422 and "请核对下面新的结果" in unseen.get_data(as_text=True)
    looked = TRADE.digest(ids)
    for _ in range(2):  # pressed twice
        begun_now = east.post("/office/bulk/begin", data={**chosen, "looked": looked, "bulk": "b" * 32})
        assert begun_now.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(BulkAction)) == 1
    assert "在那以前可以撤销" in east.get("/office/applications").get_data(as_text=True)
    clock.advance(seconds=60)
    run("b" * 32)
    shown = east.get(f"/office/bulk/{'b' * 32}").get_data(as_text=True)
    assert shown.count("办好了") == 2 and "请写清工种" in shown
    assert east.post(f"/office/bulk/{'b' * 32}/undo").status_code == 303
    assert "不能撤销" in east.get("/office/bulk").get_data(as_text=True)
    assert east.post("/office/bulk", data={"action": "approve"}).status_code == 302
    assert east.post("/office/bulk", data={"action": "decline", "item": items}).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Application).where(Application.status == "returned")) == 2
