"""Two at once, on each database: threads with sessions of their own."""

from sqlalchemy import func, select

from models.application import queries, service
from models.application.service import ReturnedItem
from models.application.tables import Application, DocumentPage, Event, Outbox
from models.errors import Conflict
from models.extensions import db

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60


def count(table, *where):
    return db.session.scalar(select(func.count()).select_from(table).where(*where))


def status(application):
    return application.status


def test_two_hand_ins_of_one_application_are_one(people, at_once):
    app_id = people.ready()
    results = at_once(*[lambda: status(service.submit(app_id, "web"))] * 4)
    assert results == ["submitted"] * 4
    assert count(Event, Event.type == "submitted") == 1
    assert count(Outbox, Outbox.job == "check_application") == 1


def test_one_person_at_two_doors_gets_one_place(people, at_once):
    ids = [people.ready(), people.ready()]
    results = at_once(*[lambda i=i: status(service.submit(i, "web")) for i in ids])
    assert sum(result == "submitted" for result in results) == 1
    (refused,) = [result for result in results if result != "submitted"]
    assert isinstance(refused, Conflict) and refused.key == "error.already_applied"
    assert count(Application, Application.status == "submitted") == 1


def test_of_two_reviewers_with_the_same_page_one_decides(people, at_once):
    app_id = people.submitted()
    seen = people.version(app_id)
    results = at_once(
        lambda: status(service.approve(app_id, 1, seen, "同意")),
        lambda: status(service.return_items(app_id, [ReturnedItem("field:name", "核对")], 2, seen)),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert count(Event, Event.application_id == app_id) == 3


def test_autosaves_of_two_doors_both_arrive(people, at_once):
    app_id = people.start()
    people.fill(app_id)
    results = at_once(
        lambda: service.save_partial(app_id, {"field:name": "测试乙"}, "web"),
        lambda: service.save_partial(app_id, {"field:trade": "metal"}, "chat"),
    )
    assert results == [{}, {}]
    answers = queries.view(app_id).answers
    assert (answers["field:name"], answers["field:trade"]) == ("测试乙", "metal")


def test_a_retry_beside_the_first_upload_makes_one_page_and_one_file(people, at_once, persistent_core_app):
    app_id = people.start()
    people.fill(app_id)
    results = at_once(*[lambda: service.add_page(app_id, "card", JPEG, "same", "web").id] * 3)
    assert len(set(results)) == 1
    assert count(DocumentPage) == 1
    files = [p for p in (persistent_core_app.config["BOLE"].data / "files").rglob("*") if p.is_file()]
    assert len(files) == 1


def test_units_and_rounds_made_at_two_starts(people, at_once):
    from models.application import rounds
    from models.office.tables import UnitRow
    from models.programme.loader import load_pack

    pack = load_pack("tiny")
    at_once(*[lambda: rounds.ensure_notice_round(pack).id] * 3)
    from models.application.tables import Round

    assert count(Round, Round.notice) == 1
    assert count(UnitRow) == 3
