"""Handing in: all or nothing, once, one live application a person."""

import pytest
from sqlalchemy import func, select

from models.application import queries, service, submission
from models.application.tables import Application, Event, Notice, Outbox
from models.errors import Conflict, NotReady
from models.extensions import db
from models.office.tables import UnitRow


def count(table, *where):
    return db.session.scalar(select(func.count()).select_from(table).where(*where))


def test_a_hand_in_holds_everything_at_once(people):
    app_id = people.ready()
    application = service.submit(app_id, "web")

    assert application.status == "submitted"
    assert application.categories == ["skilled"]
    assert db.session.get(UnitRow, application.unit_id).code == "east"
    assert len(application.person_index) == 64
    assert application.name == "测试甲"
    jobs = set(db.session.scalars(select(Outbox.job).where(Outbox.job != "process_page")))
    assert jobs == {"check_application", "assemble_workbook", "deliver_notice"}
    assert [e.type for e in queries.view(app_id).events] == ["started", "submitted"]
    assert count(Notice, Notice.code == "notice.submitted") == 1


def test_handing_in_again_changes_nothing(people):
    app_id = people.submitted()
    before = count(Outbox), count(Event), count(Notice)
    assert service.submit(app_id, "chat").status == "submitted"
    assert (count(Outbox), count(Event), count(Notice)) == before


def test_a_crash_before_the_commit_leaves_nothing(people, monkeypatch):
    app_id = people.ready()
    before = count(Outbox), count(Event), count(Notice)
    monkeypatch.setattr(submission.notices, "tell", lambda *_a, **_k: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(MemoryError):
        service.submit(app_id, "web")
    db.session.expire_all()
    application = db.session.get(Application, app_id)
    assert (application.status, application.person_index, application.unit_id) == ("draft", None, None)
    assert (count(Outbox), count(Event), count(Notice)) == before


def test_what_is_missing_is_named(people):
    app_id = people.start()
    people.fill(app_id)
    with pytest.raises(NotReady) as caught:
        service.submit(app_id, "web")
    assert caught.value.params["missing"] == ["document:card", "document:extra", "declaration:true"]


def test_the_second_application_of_a_person_is_refused_without_revealing_the_first(people):
    first = people.submitted()
    second = people.ready()
    with pytest.raises(Conflict) as caught:
        service.submit(second, "web")
    assert caught.value.key == "error.already_applied"
    assert caught.value.params == {}
    db.session.expire_all()
    assert db.session.get(Application, second).status == "draft"
    # Withdrawing gives the place back.
    service.withdraw(first)
    assert service.submit(second, "web").status == "submitted"


def test_another_person_is_not_in_the_way(people):
    people.submitted()
    people.submitted(id_number=people.number(2))
