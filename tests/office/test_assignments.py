"""Who works on which case: taken by opening it, told to others, given, given back, and back by itself in time."""

import pytest

from models.extensions import db
from models.office import assignments, worklist
from models.office.queue_filter import Filter
from models.office.staff import create_staff
from models.office.tables import Audit
from models.unit_of_work import unit_of_work

LEASE = 120  # minutes


def text(answer, status=200):
    assert answer.status_code == status
    return answer.get_data(as_text=True)


@pytest.fixture
def second(world):
    """Another reviewer of the same unit."""
    unit = world.unit("east").id
    create_staff(username="east2", password="x" * 12, display_name="张三", roles=("reviewer",), unit_id=unit)
    return world.staff("east2")


def opened(world, username, app_id):
    with unit_of_work() as session:
        assignments.work(session, world.staff(username), world.application(app_id))


def held(app_id):
    found = assignments.holders([app_id]).get(app_id)
    return found.name if found else ""


def test_opening_takes_a_case_and_others_are_told(world, second, sign_in, clock):
    app_id = world.applied()
    first = sign_in("east")
    assert "由您审核" in text(first.get(f"/office/applications/{app_id}"))
    office = sign_in("office")
    assert "east 同志正在审核这份申报" in text(office.get(f"/office/applications/{app_id}"))
    assert "east 同志" in text(office.get("/office/applications"))
    assert held(app_id) == "east 同志"
    clock.advance(minutes=LEASE - 1)
    first.get(f"/office/applications/{app_id}/sheet")  # work renews it
    clock.advance(minutes=LEASE - 1)
    assert held(app_id) == "east 同志"
    clock.advance(minutes=1)
    assert held(app_id) == ""  # nothing has run in between
    assert "由您审核" in text(office.get(f"/office/applications/{app_id}"))


def test_taken_over_and_given_back(world, sign_in):
    app_id = world.applied()
    east, office = sign_in("east"), sign_in("office")
    east.get(f"/office/applications/{app_id}")
    office.post(f"/office/applications/{app_id}/give-back")
    assert held(app_id) == "east 同志"  # somebody else's stays
    assert office.post(f"/office/applications/{app_id}/take").status_code == 302
    assert "office 同志正在审核" in text(east.get(f"/office/applications/{app_id}/holder"))
    version = world.application(app_id).version
    assert "有了变动" not in text(east.get(f"/office/applications/{app_id}/holder?version={version}"))
    assert "有了变动" in text(east.get(f"/office/applications/{app_id}/holder?version={version + 1}"))
    office.post(f"/office/applications/{app_id}/give-back")
    assert held(app_id) == ""
    actions = [line.action for line in db.session.scalars(db.select(Audit).order_by(Audit.at))]
    assert actions.count("take_case") == 1 and actions.count("give_back_case") == 1


def test_one_case_is_one_persons_on_both_databases(persistent_world, clock):
    world = persistent_world
    app_id, other = world.applied(), world.applied("west")
    opened(world, "east", app_id)
    opened(world, "office", app_id)
    assert held(app_id) == "east 同志"
    office, member = world.staff("office"), world.staff("east").id
    assert assignments.assign(office, [other, app_id], member, 3) == [app_id]  # west's is not east's to decide
    clock.advance(days=2)
    assert next((load.member.username, load.count) for load in assignments.loads(office)) == ("east", 1)
    assert worklist.worklist(office, Filter(who="none")).total == 1
    assert worklist.worklist(office, Filter(who=str(member))).total == 1
    assert worklist.worklist(world.staff("east"), Filter(who="me")).total == 1
    opened(world, "east", app_id)  # opening does not shorten what was given for days
    clock.advance(hours=3)
    assert held(app_id) == "east 同志"
    clock.advance(days=1)
    assert held(app_id) == "" and worklist.worklist(office, Filter(who="none")).total == 2
    assert all(load.count == 0 for load in assignments.loads(office))


def test_many_are_given_and_recalled(world, second, sign_in):
    ids = [world.applied("east", f"测试{n}") for n in range(3)]
    client, member = sign_in("office"), second.id
    for sent in ({"item": []}, {"item": [f"{ids[0]}:1"]}):
        assert client.post("/office/assignments", data=sent | {"days": "3"}).status_code == 302
    assert "请选择分给谁" in text(client.get("/office/applications"))
    client.post("/office/assignments", data={"item": [f"{i}:1" for i in ids[:2]], "member": member, "days": "3"})
    assert [held(i) for i in ids] == ["张三", "张三", ""]
    client.post("/office/assignments?status=submitted", data={"all": "1", "member": member})
    assert held(ids[2]) == "张三"
    assert "3 份" in text(client.get("/office/assignments"))
    stranger = world.staff("other-east").id
    assert client.post("/office/assignments", data={"item": f"{ids[0]}:1", "member": stranger}).status_code == 404
    assert client.post(f"/office/assignments/{member}/recall").status_code == 302
    assert [held(i) for i in ids] == ["", "", ""]


def test_the_queue_leads_on(world, sign_in, clock):
    ids = []
    for n in range(3):
        ids.append(world.applied("east", f"测试{n}"))
        clock.advance(minutes=1)
    west = world.applied("west", "别县的")
    client = sign_in("office")
    unit = world.unit("east").id
    page = text(client.get(f"/office/applications?unit={unit}&who=none"))
    assert f"/office/applications/{ids[0]}?q=1&amp;status=submitted&amp;unit={unit}&amp;who=none" in page
    trail = f"q=1&status=submitted&unit={unit}"
    one = text(client.get(f"/office/applications/{ids[1]}?{trail}"))
    assert f"/office/applications/{ids[0]}?q=1" in one and f"/office/applications/{ids[2]}?q=1" in one
    assert west not in text(client.get(f"/office/applications/{ids[2]}?{trail}"))
    for number, following in ((1, ids[2]), (2, ids[0])):  # after the last the first that is left
        form = {"version": world.application(ids[number]).version}
        at = client.post(f"/office/applications/{ids[number]}/approve?{trail}&sheet=1", data=form).location
        assert at.startswith(f"/office/applications/{following}/sheet?")
        assert held(ids[number]) == ""
    last = {"version": world.application(ids[0]).version}
    at = client.post(f"/office/applications/{ids[0]}/approve?{trail}", data=last).location
    assert at == f"/office/applications?status=submitted&unit={unit}"
    assert worklist.worklist(world.staff("office"), Filter()).total == 1


def test_filters_count_beside_their_links(world, clock):
    from models.application.tables import Finding

    first = world.applied("east")
    clock.advance(minutes=1)
    second = world.applied("west")
    clock.advance(days=3)
    third = world.applied("east")
    now = clock.now()
    lacks = Finding(application_id=first, key="document:card", code="finding.missing_document", at=now)
    db.session.add_all([lacks, Finding(application_id=second, key="field:name", code="finding.missing_field", at=now)])
    db.session.commit()
    office = world.staff("office")

    def shown(**parts):
        return [row.id for row in worklist.worklist(office, Filter(**parts)).rows]

    assert shown(findings=True) == [first, second] and shown(missing=True) == [first]
    assert shown(waiting=3) == [first, second] and shown(waiting=7) == []
    assert shown(order="newest") == [third, second, first]
    facets = worklist.worklist(office, Filter(missing=True)).facets
    assert facets.unit == {world.unit("east").id: 1} and facets.missing == 1 and facets.findings == 1
    assert facets.waiting == {3: 1, 7: 0, 14: 0, 30: 0} and facets.category == {"skilled": 1}
    assert worklist.neighbours(office, world.application(second), Filter(order="newest")) == (third, first)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, Filter()),
        ({"status": "any"}, Filter(status="")),
        ({"status": "nothing"}, Filter()),
        ({"waiting": "x", "page": "-1", "who": "me"}, Filter(who="me")),
        ({"status": "approved", "missing": "1", "order": "newest", "page": "3"},
         Filter("approved", missing=True, order="newest", page=3)),
    ],
)  # fmt: skip
def test_a_filter_is_a_link(query, found):
    assert Filter.read(query) == found
    assert Filter.read({name: str(value) for name, value in found.query(page=found.page).items()}) == found
