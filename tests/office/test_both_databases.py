"""What staff reach, filter and find is the same on SQLite and on PostgreSQL."""

import pytest

from models.errors import Conflict, NotFound
from models.extensions import db
from models.office import reviews, scope, searching, worklist
from models.office.tables import Audit
from models.unit_of_work import unit_of_work


@pytest.fixture
def world(persistent_world):
    return persistent_world


def ids(query):
    return set(db.session.scalars(query.with_only_columns(query.selected_columns.id)))


def test_scope_queue_filter_and_search(world, clock, monkeypatch):
    monkeypatch.setattr(worklist, "PAGE_SIZE", 2)
    number = world.number()
    east = [world.applied("east", "东一", id_number=number)]
    for name in ("东二_%", "东三"):
        clock.advance(minutes=1)
        east.append(world.applied("east", name))
    west, other = world.applied("west", "西一"), world.applied("east", "别处", slug="other")
    reviewer, office = world.staff("east"), world.staff("office")

    assert ids(scope.applications(reviewer)) == set(east)
    assert ids(scope.applications(office)) == {*east, west}
    assert ids(scope.applications(world.staff("other-east"))) == {other}
    assert not ids(scope.applications(world.staff("answerer"))) and not ids(scope.applications(world.staff("admin")))
    for stranger in (west, other):
        with pytest.raises(NotFound):
            scope.get_application(reviewer, stranger)

    first = worklist.worklist(reviewer, worklist.Filter(category="skilled"))
    assert [row.id for row in first.rows] == east[:2] and (first.total, first.pages) == (3, 2)
    last = worklist.worklist(reviewer, worklist.Filter(category="skilled", page=9))
    assert [row.id for row in last.rows] == east[2:] and last.counts == {"submitted": 3}
    for category in ("skill", 'skilled"', "%", "other"):
        assert worklist.worklist(reviewer, worklist.Filter(category=category)).total == 0
    unit = world.unit("west").id
    assert [row.id for row in worklist.worklist(office, worklist.Filter(unit_id=unit)).rows] == [west]
    assert worklist.worklist(reviewer, worklist.Filter(unit_id=unit)).total == 0
    assert worklist.neighbours(reviewer, world.application(east[1])) == (east[0], east[2])
    assert (worklist.waiting(reviewer), worklist.waiting(office)) == (3, 4)

    def found(text):
        return [row.id for row in searching.find(reviewer, searching.Wanted(text)).rows][::-1]

    assert found("东") == east and found("_%") == [east[1]] and found("西") == []
    assert found(world.application(east[2]).receipt.lower()) == [east[2]]
    assert found(number) == [east[0]]


def test_decisions_and_reveals(world):
    from models.application import service

    number = world.number()
    app_id = world.applied("east", id_number=number)
    reviewer, office = world.staff("east").id, world.staff("office").id
    version = world.application(app_id).version
    assert reviews.reveal(world.staff("east"), app_id, "field:id_number", "与身份证照片核对", "zh") == number
    (line,) = db.session.scalars(db.select(Audit).where(Audit.action == "reveal"))
    assert (line.staff_id, line.reason) == (reviewer, "与身份证照片核对") and number not in line.subject
    service.approve(app_id, office, version, "同意")
    with pytest.raises(Conflict), unit_of_work():
        service.return_items(app_id, [service.ReturnedItem("document:card", "模糊")], reviewer, version)
    assert world.application(app_id).status == "approved"
