"""What was read on a page: encrypted at rest, the page's as it is turned now, and gone with it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models.application import readings, service
from models.application.tables import DocumentPage, Reading
from models.documents.reading import NOT_CHECKED, Found, PageReading
from models.errors import NotFound
from models.extensions import db
from models.unit_of_work import unit_of_work

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60
READ = PageReading("read", "id_front", {"name": Found("测试甲", "测试甲", score=0.9, box=(0.1, 0.2, 0.3, 0.4))})


@pytest.fixture
def app_id(people):
    started = people.start()
    people.fill(started)
    return started


@pytest.fixture
def page_id(app_id):
    kept = service.add_page(app_id, "card", JPEG, "k1", "web").id
    with unit_of_work() as session:
        readings.save(session, session.get(DocumentPage, kept), READ, "test 1")
    return kept


def test_it_is_kept_encrypted_and_comes_back(app_id, page_id):
    assert readings.of_application(app_id) == {page_id: READ}
    row = db.session.scalar(select(Reading))
    assert "测试甲".encode() not in row.sealed
    assert (row.state, row.kind, row.engine) == ("read", "id_front", "test 1")


def test_nothing_read_is_kept_too(app_id, page_id):
    with unit_of_work() as session:
        readings.save(session, session.get(DocumentPage, page_id), NOT_CHECKED, "")
    assert readings.of_application(app_id) == {page_id: NOT_CHECKED}


def test_a_page_that_was_turned_has_to_be_read_again(app_id, page_id):
    with unit_of_work() as session:
        session.get(DocumentPage, page_id).turn = 1
    assert readings.of_application(app_id) == {}
    with unit_of_work() as session:
        readings.save(session, session.get(DocumentPage, page_id), READ, "test 1")
    assert readings.of_application(app_id) == {page_id: READ}


def test_what_the_person_explained_is_remembered_until_it_is_read_anew(app_id, page_id):
    with unit_of_work() as session:
        readings.confirm(session, app_id, {page_id: ["name"]})
        readings.confirm(session, app_id, {page_id: ["sex", "name"]})
    assert readings.confirmed(app_id) == {page_id: {"name", "sex"}}
    with unit_of_work() as session:
        readings.save(session, session.get(DocumentPage, page_id), READ, "test 1")
    assert readings.confirmed(app_id) == {page_id: frozenset()}


def test_nobody_explains_anothers_page(app_id, page_id, people):
    other = people.start()
    with pytest.raises(NotFound), unit_of_work() as session:
        readings.confirm(session, other, {page_id: ["name"]})
    assert readings.confirmed(app_id) == {page_id: frozenset()}


@pytest.mark.parametrize("end", ["the page", "the application"])
def test_it_goes_with(end, app_id, page_id):
    if end == "the page":
        service.remove_page(app_id, page_id)
    else:
        service.delete(app_id)
    assert db.session.scalars(select(Reading)).all() == []


@pytest.mark.parametrize(
    ("turns", "reason"), [(0, None), (1, "photo.upside_down"), (2, "photo.upside_down"), (4, None)]
)
def test_a_page_that_lies_the_wrong_way_round_is_remarked_on_and_stays_good(turns, reason, app_id, page_id):
    with unit_of_work() as session:
        page = session.get(DocumentPage, page_id)
        page.state = "ok"
        readings.save(session, page, replace(READ, quarter_turns=turns), "test 1")
    page = db.session.get(DocumentPage, page_id)
    assert (page.state, page.reason) == ("ok", reason)


def test_read_upright_the_remark_is_gone(app_id, page_id):
    for turns in (2, 0):
        with unit_of_work() as session:
            readings.save(session, session.get(DocumentPage, page_id), replace(READ, quarter_turns=turns), "test 1")
    assert db.session.get(DocumentPage, page_id).reason is None


def test_what_else_was_said_of_the_page_comes_first(app_id, page_id):
    with unit_of_work() as session:
        page = session.get(DocumentPage, page_id)
        page.reason = "photo.blurred"
        readings.save(session, page, replace(READ, quarter_turns=2), "test 1")
    assert db.session.get(DocumentPage, page_id).reason == "photo.blurred"
