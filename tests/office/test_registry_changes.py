"""Changes asked for after admission: only an acceptance touches the record, one is open a person, two at once are told,
what is sealed is masked, and whoever leaves leaves none."""

import io
from datetime import date

import pytest
from sqlalchemy import select

from bot_adapter.delivery import notice_text
from models import crypto
from models.application import ending, queries, service
from models.application.tables import Answer, Application, Event, Notice, Outbox
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import change_deciding, change_lines, change_pages, changes, registry, scope_chain, searching
from models.office.chain_tables import RegistryChange
from models.office.tables import Audit

DAY = date(2026, 11, 21)
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60
NEW_JOB = [{"from": "2001-07", "place": "某木器厂"}, {"from": "2026-10", "place": "新单位"}]


@pytest.fixture
def registered(registry_packs, persistent_world):
    return persistent_world


@pytest.fixture
def paged(registry_packs, world):
    """The same behind the pages."""
    return world


def admitted(world, name="入库甲"):
    app_id = world.applied(name=name)
    service.approve(app_id, world.staff("east").id, world.application(app_id).version, "")
    assert registry.admit(world.staff("office"), [app_id], DAY) == 1
    return app_id


def change_of(change_id):
    db.session.rollback()
    return db.session.get_one(RegistryChange, change_id, populate_existing=True)


def asked(world, app_id, staff=None, **values):
    """A request that was handed in; its id."""
    change_id = changes.begin(app_id, "trade", staff)
    raw = {f"field:{name}": value for name, value in (values or {"jobs": NEW_JOB}).items()}
    assert changes.save(change_id, app_id, change_of(change_id).version, raw, "调动") == {}
    change_pages.add(change_id, app_id, JPEG, "one", "web")
    changes.submit(change_id, app_id, change_of(change_id).version, True, staff)
    return change_id


def answer(app_id, key):
    db.session.rollback()
    return queries.view(app_id).answers.get(key)


def codes(app_id):
    db.session.rollback()
    return list(db.session.scalars(select(Notice.code).where(Notice.application_id == app_id)))


def opine(world, change_id):
    change_deciding.opine(world.staff("east"), change_id, change_of(change_id).version, "情况属实", "张审核", DAY)


def test_up_the_chain_and_only_accepting_touches_the_record(registered):
    world = registered
    app_id = admitted(world)
    change_id = asked(world, app_id, jobs=NEW_JOB, trade="metal", metal_kind="铸造")
    assert change_of(change_id).state == "unit" and len(answer(app_id, "field:jobs")) == 1
    with pytest.raises(NotFound):  # another unit
        change_deciding.opine(world.staff("west"), change_id, change_of(change_id).version, "好", "甲", DAY)
    opine(world, change_id)
    assert change_of(change_id).state == "office"
    with pytest.raises(Conflict):  # signed already
        opine(world, change_id)
    office, seen = world.staff("office"), world.application(app_id).version
    change_deciding.accept(office, change_id, change_of(change_id).version, seen)
    assert [row["place"] for row in answer(app_id, "field:jobs")] == ["某木器厂", "新单位"]
    assert answer(app_id, "field:metal_kind") == "铸造"
    (line,) = [one for one in change_lines.lines(change_of(change_id), "zh") if one.key == "field:trade"]
    assert (line.old, line.new) == (("木工",), ("金工",)), "what stood there stays in the request"
    told = [code for code in codes(app_id) if "change" in code]
    assert sorted(told) == [
        "notice.change_asked",
        "notice.change_endorsed",
        "notice.changed",
    ]
    assert "行当或简历变了" in queries.timeline(queries.view(app_id), "zh")[-1].text
    jobs = set(db.session.scalars(select(Outbox.job)))
    assert "assemble_workbook" in jobs
    with pytest.raises(Conflict):
        change_deciding.accept(world.staff("office"), change_id, change_of(change_id).version, seen)


def test_what_is_accepted_is_found(paged):
    world = paged
    app_id = admitted(world)
    change_id = asked(world, app_id)
    found = change_of(change_id)
    change_deciding.accept(world.staff("office"), change_id, found.version, world.application(app_id).version)
    db.session.rollback()
    found = searching.find(world.staff("office"), searching.Wanted(keyword="新单位"))
    assert [one.id for one in found.rows] == [app_id]


def test_refused_by_a_clause_with_words(paged):
    world = paged
    app_id = admitted(world)
    change_id = asked(world, app_id)
    office, version = world.staff("office"), change_of(change_id).version
    for clause, words in (("", "证明不够"), ("没有这条", "证明不够"), ("二", " ")):
        with pytest.raises(InvalidAnswer):
            change_deciding.refuse(office, change_id, version, clause, words)
    change_deciding.refuse(office, change_id, version, "二", "证明看不出单位")
    assert change_of(change_id).state == "refused" and len(answer(app_id, "field:jobs")) == 1
    assert "证明看不出单位" in queries.timeline(queries.view(app_id), "zh")[-1].text
    (told,) = db.session.scalars(select(Notice).where(Notice.code == "notice.change_refused"))
    assert "证明看不出单位" in notice_text(told.code, told.params, told.text, None, "zh")
    assert changes.begin(app_id, "trade"), "another one may be asked for"


def test_asked_for_more_it_goes_back_to_whoever_wanted_it_unless_the_values_are_others(paged):
    world = paged
    app_id = admitted(world)
    change_id = asked(world, app_id)
    opine(world, change_id)
    office = world.staff("office")
    change_deciding.ask(office, change_id, change_of(change_id).version, "请补调令")
    assert change_of(change_id).state == "asked" and codes(app_id).count("notice.change_more") == 1
    change_pages.add(change_id, app_id, JPEG + b"2", "two", "web")
    changes.submit(change_id, app_id, change_of(change_id).version, True)
    assert change_of(change_id).state == "office" and changes.dossier(change_of(change_id)).opinion
    change_deciding.ask(world.staff("office"), change_id, change_of(change_id).version, "单位写全称")
    raw = {"field:jobs": [*NEW_JOB[:1], {"from": "2026-10", "place": "新单位有限公司"}]}
    changes.save(change_id, app_id, change_of(change_id).version, raw, "")
    changes.submit(change_id, app_id, change_of(change_id).version, True)
    assert change_of(change_id).state == "unit" and not changes.dossier(change_of(change_id)).opinion


def test_what_cannot_be_handed_in(paged):
    world = paged
    waits = world.applied()
    with pytest.raises(NotFound):  # not in the registry
        changes.begin(waits, "trade")
    app_id = admitted(world)
    with pytest.raises(NotFound):
        changes.begin(app_id, "no such")
    change_id = changes.begin(app_id, "trade")
    assert changes.begin(app_id, "trade") == change_id, "begun twice is begun once"

    def refused_for(key, agreed=True):
        with pytest.raises(InvalidAnswer) as caught:
            changes.submit(change_id, app_id, change_of(change_id).version, agreed)
        assert caught.value.key == key

    refused_for("office.change_nothing")
    version = change_of(change_id).version
    same = {"field:jobs": NEW_JOB[:1], "field:name": "别名"}  # as it was, and a field that this change is not about
    assert changes.save(change_id, app_id, version, same, "") == {}
    refused_for("office.change_nothing")
    wrong = changes.save(change_id, app_id, change_of(change_id).version, {"field:mobile": "123"}, "")
    assert set(wrong) == {"field:mobile"}
    changes.save(change_id, app_id, change_of(change_id).version, {"field:trade": "metal"}, "")
    refused_for("office.change_incomplete")  # which metal
    changes.save(change_id, app_id, change_of(change_id).version, {"field:metal_kind": "铸造"}, "")
    refused_for("office.change_no_evidence")
    change_pages.add(change_id, app_id, JPEG, "one", "web")
    change_pages.add(change_id, app_id, JPEG, "one", "web")
    assert len(change_pages.pages(db.session(), change_id, app_id)) == 1
    refused_for("office.change_agree", agreed=False)
    changes.submit(change_id, app_id, change_of(change_id).version, True)
    with pytest.raises(Conflict):
        changes.save(change_id, app_id, change_of(change_id).version, same, "")
    with pytest.raises(InvalidAnswer):
        change_pages.add(change_id, app_id, JPEG + b"3", "three", "web")


def test_one_open_a_person_and_two_at_once_are_told(registered):
    world = registered
    app_id, east = admitted(world), world.staff("east")
    mine, theirs = changes.begin(app_id, "trade"), changes.begin(app_id, "trade", east)
    assert mine != theirs
    stale = change_of(mine).version
    changes.save(mine, app_id, stale, {"field:jobs": NEW_JOB}, "")
    with pytest.raises(Conflict):  # on another telephone
        changes.save(mine, app_id, stale, {"field:jobs": NEW_JOB[:1]}, "")
    change_pages.add(mine, app_id, JPEG, "one", "web")
    changes.submit(mine, app_id, change_of(mine).version, True)
    for staff in (None, world.staff("east")):
        with pytest.raises(Conflict):
            changes.begin(app_id, "trade", staff)
    changes.save(theirs, app_id, change_of(theirs).version, {"field:jobs": NEW_JOB}, "")
    change_pages.add(theirs, app_id, JPEG, "one", "staff")
    with pytest.raises(Conflict):
        changes.submit(theirs, app_id, change_of(theirs).version, True, world.staff("east"))
    version, seen = change_of(mine).version, world.application(app_id).version
    change_deciding.ask(world.staff("office"), mine, version, "请补调令")
    with pytest.raises(Conflict):  # the colleague was faster
        change_deciding.accept(world.staff("office"), mine, version, seen)


def test_a_clerks_request_goes_to_the_office_of_a_unit_by_way_of_its_opinion(paged):
    world = paged
    app_id = admitted(world)
    change_id = asked(world, app_id, world.staff("east"))
    assert change_of(change_id).state == "unit" and "notice.change_entered" in codes(app_id)
    assert db.session.scalars(select(Audit.action).where(Audit.action == "ask_change")).all() == ["ask_change"]
    change_deciding.ask(world.staff("office"), change_id, change_of(change_id).version, "请补调令")
    assert "notice.change_more" not in codes(app_id), "the clerk reads it on the request"
    assert scope_chain.to_write(world.staff("east"), change_id).id == change_id
    with pytest.raises(NotFound):
        scope_chain.to_write(world.staff("west"), change_id)


def test_whoever_leaves_leaves_no_request(registered):
    world = registered
    app_id = admitted(world)
    change_id = asked(world, app_id, mobile="13900007777")
    assert b"13900007777" not in change_of(change_id).sealed
    assert crypto.ring() and changes.dossier(change_of(change_id)).new == {"field:mobile": "13900007777"}
    ending.delete_application(app_id)
    db.session.rollback()
    assert db.session.scalars(select(RegistryChange.id)).all() == []
    stored = db.session.scalars(select(Answer.key).where(Answer.application_id == app_id)).all()
    assert stored == []


def test_the_person_may_take_it_back_and_a_draft_leaves_nothing(paged):
    world = paged
    app_id = admitted(world)
    change_id = asked(world, app_id)
    proof = change_pages.pages(db.session(), change_id, app_id)[0].id
    changes.withdraw(change_id, app_id)
    gone = change_of(change_id)
    assert (gone.state, gone.sealed, gone.reason, gone.evidence) == ("withdrawn", None, "", [])
    assert proof not in [one.id for one in queries.view(app_id).pages]
    other = changes.begin(app_id, "trade")
    page = change_pages.add(other, app_id, JPEG, "x", "web").id
    changes.withdraw(other, app_id)
    db.session.rollback()
    assert db.session.get(RegistryChange, other) is None
    assert page not in [one.id for one in queries.view(app_id).pages]
    kinds = [event.type for event in db.session.scalars(select(Event).where(Event.application_id == app_id))]
    assert kinds.count("change_withdrawn") == 1


def test_sealed_fields_are_masked_until_a_reason_is_given(paged, sign_in):
    world = paged
    app_id = admitted(world)
    change_id = asked(world, app_id, mobile="13900007777")
    office = sign_in("office")
    page = office.get(f"/office/registry/changes/{change_id}").get_data(as_text=True)
    assert "13900007777" not in page and "139****7777" in page and "向所在县申报" in page
    path = f"/office/registry/changes/{change_id}/reveal/field:mobile"
    assert office.post(path, data={"reason": ""}).status_code == 422
    plain = office.post(path, data={"reason": "与证明核对"}).get_data(as_text=True)
    assert "13900007777" in plain and "13900001234" in plain
    reasons = db.session.scalars(select(Audit.reason).where(Audit.action == "reveal")).all()
    assert reasons == ["与证明核对"]


def test_a_clerk_writes_a_sealed_field_anew_without_reading_it(paged, sign_in):
    app_id = admitted(paged)
    east = sign_in("east")
    at = east.post(f"/office/applications/{app_id}/change", data={"kind": "trade"}).headers["Location"]
    change_id = at.split("/")[-2]
    page = east.get(at).get_data(as_text=True)
    assert "13900001234" not in page and "139****1234" in page

    def send(**typed):
        version = change_of(change_id).version
        given = {"field:trade": "wood", "field:mobile": "", "version": version, "_more": "1", **typed}
        return east.post(at, data=given, content_type="multipart/form-data")

    assert send().status_code == 303
    assert changes.dossier(change_of(change_id)).new == {}  # left empty, it stays
    assert send(**{"field:mobile": "13900007777"}).status_code == 303
    assert changes.dossier(change_of(change_id)).new == {"field:mobile": "13900007777"}
    page = east.get(at).get_data(as_text=True)
    assert "13900007777" not in page and "139****7777" in page
    assert send().status_code == 303
    assert changes.dossier(change_of(change_id)).new == {"field:mobile": "13900007777"}
    actions = db.session.scalars(select(Audit.action).where(Audit.subject == f"application:{app_id}")).all()
    assert actions.count("view_application") == 2 and "reveal" not in actions


def test_what_was_typed_while_a_colleague_saved_stands_there_still(paged, sign_in):
    app_id = admitted(paged)
    east = sign_in("east")
    at = east.post(f"/office/applications/{app_id}/change", data={"kind": "trade"}).headers["Location"]
    change_id = at.split("/")[-2]
    stale = change_of(change_id).version
    changes.save(change_id, app_id, stale, {"field:jobs": NEW_JOB}, "")
    late = {"version": stale, "reason": "十月调动的", "field:trade": "wood", "_more": "1"}
    row = {"col:field:jobs:from": "2026-10", "col:field:jobs:place": "新单位"}
    told = east.post(at, data={**late, **row}, content_type="multipart/form-data")
    page = told.get_data(as_text=True)
    assert told.status_code == 409 and "十月调动的" in page and 'value="新单位"' in page


def test_the_clerks_page_keeps_photos_and_rows_and_hands_in(paged, sign_in):
    world = paged
    app_id = admitted(world)
    east = sign_in("east")
    at = east.post(f"/office/applications/{app_id}/change", data={"kind": "trade"}).headers["Location"]
    change_id = at.split("/")[-2]

    def send(**more):
        typed = {"field:trade": "wood", "field:mobile": "13900001234", "version": change_of(change_id).version, **more}
        return east.post(at, data=typed, content_type="multipart/form-data")

    row = {"col:field:jobs:from": "2026-10", "col:field:jobs:place": "新单位"}
    wrong = send(**{"field:mobile": "12"}, **row)
    assert wrong.status_code == 422 and 'value="12"' in wrong.get_data(as_text=True)
    photo = (io.BytesIO(JPEG), "调令.jpg")
    assert send(**{"field:jobs.drop": "1"}, photo=photo, _key="k", _more="1").status_code == 303
    page = east.get(at).get_data(as_text=True)
    assert "新单位" in page and "某木器厂" not in page and "第 1 页" in page
    assert send().status_code == 422  # not confirmed
    assert send(agree="1").status_code == 303
    assert change_of(change_id).state == "unit"
    signed = {"act": "opine", "opinion": "属实", "signer": "张", "day": "2026-11-21"}
    signed["version"] = str(change_of(change_id).version)
    assert east.post(f"/office/registry/changes/{change_id}", data=signed).status_code == 303
    office = sign_in("office")
    assert "入库甲" in office.get("/office/registry/changes").get_data(as_text=True)
    seen = {"act": "accept", "version": change_of(change_id).version, "seen": world.application(app_id).version}
    assert office.post(f"/office/registry/changes/{change_id}", data=seen).status_code == 303
    assert office.post(f"/office/registry/changes/{change_id}", data=seen).status_code == 409
    assert [row["place"] for row in answer(app_id, "field:jobs")] == ["新单位"]
    page_id = change_pages.pages(db.session(), change_id, app_id)[0].id
    assert "变动的证明材料" in office.get(f"/office/pages/{page_id}").get_data(as_text=True)
    assert db.session.get_one(Application, app_id).status == "admitted"
