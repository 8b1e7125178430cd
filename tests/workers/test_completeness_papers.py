"""What was read on the papers joins the findings for staff; a difference is one question to the person, told once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from models.application import answers, differences, queries, readings
from models.application.tables import Application, DocumentPage, Finding, Notice
from models.documents.reading import PageReading
from models.errors import NotFound
from models.extensions import db
from models.interview.wording import say
from models.programme import loader
from models.unit_of_work import unit_of_work
from tests.support.readings import read
from tests.workers.test_completeness import NUMBER, check, submitted

BACK = read("id_back", valid_from="2015-01-01", valid_until="2035-01-01")


def front(**other: str) -> PageReading:
    said = {"name": "王小明", "sex": "female", "birth_date": "1990-06-15", "id_number": NUMBER}
    return read("id_front", **{**said, **other})


def put(desk: Any, application: str, *found: PageReading) -> list[str]:
    """Keep what was read on the pages of the ID card; their ids."""
    with desk.app.app_context(), unit_of_work() as session:
        query = session.query(DocumentPage).filter_by(application_id=application, document="id_card")
        pages = query.order_by(DocumentPage.position).all()
        for page, reading in zip(pages, found, strict=False):
            readings.save(session, page, reading, "a test")
        return [page.id for page in pages]


def told(desk: Any) -> list[Any]:
    return desk.all(Notice, code="notice.differs")  # type: ignore[no-any-return]


def test_papers_that_agree_find_nothing(desk: Any) -> None:
    application = submitted(desk)
    put(desk, application, front(), BACK)
    check(desk, application)
    assert desk.all(Finding) == []
    assert desk.all(Notice) == []


def test_nothing_read_is_no_finding(desk: Any) -> None:
    application = submitted(desk)
    check(desk, application)
    assert desk.all(Finding) == []
    assert desk.all(Notice) == []


def test_a_finding_of_the_papers_is_for_staff_and_blocks_nothing(persistent_desk: Any) -> None:
    desk = persistent_desk
    application = submitted(desk)
    put(desk, application, front(), read("id_back", valid_from="2005-01-01", valid_until="2026-11-20"))
    check(desk, application)
    finding = desk.one(Finding)
    assert (finding.key, finding.code, finding.clause, finding.blocking) == (
        "document:id_card",
        "finding.expired",
        "二",
        False,
    )
    assert desk.all(Notice) == []


def test_it_counts_the_day_of_the_hand_in(desk: Any) -> None:
    application = submitted(desk)
    put(desk, application, front(), read("id_back", valid_from="2005-01-01", valid_until="2026-11-20"))
    with desk.app.app_context(), unit_of_work() as session:
        row = session.get(Application, application)
        row.submitted_at = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # 20 November in China
    check(desk, application)
    assert desk.all(Finding) == []


def test_a_difference_is_asked_once_without_its_values(persistent_desk: Any) -> None:
    desk = persistent_desk
    application = submitted(desk)
    put(desk, application, front(name="李小明"), BACK)
    check(desk, application)
    (notice,) = told(desk)
    assert "「身份证」上的姓名和您填的不一样" in say(notice.code, "zh", **notice.params)
    assert "小明" not in repr(notice.params)
    check(desk, application, 2)
    assert len(told(desk)) == 1


def test_who_stands_by_it_is_not_asked_again(persistent_desk: Any) -> None:
    desk = persistent_desk
    application = submitted(desk)
    page, _ = put(desk, application, front(name="李小明"), BACK)
    with desk.app.app_context():
        differences.stand_by(application, page, "name")
        differences.stand_by(application, page, "name")
        differences.stand_by(application, page, "sex")  # agrees: nothing to stand by
        view = queries.view(application)
        assert view.differences == ()
        assert [one.name for one in view.compared if one.confirmed] == ["name"]
        assert "王小明" not in repr(readings.confirmed(application))
    check(desk, application)
    assert told(desk) == []


def test_it_was_said_of_the_answer_as_it_was(desk: Any) -> None:
    application = submitted(desk)
    page, _ = put(desk, application, front(name="李小明"), BACK)
    with desk.app.app_context():
        differences.stand_by(application, page, "name")
        with unit_of_work() as session:
            pack = loader.load_pack(desk.slug)
            answers.save(session, application, pack, {"field:name": "赵小明"}, "web")
            session.get_one(Application, application).name = "赵小明"  # whoever writes answers moves the row
        assert [one.name for one in queries.view(application).differences] == ["name"]


def test_a_page_of_somebody_else_is_not_found(desk: Any) -> None:
    application, other = submitted(desk), submitted(desk)
    page, _ = put(desk, other, front(name="李小明"), BACK)
    with desk.app.app_context():
        with pytest.raises(NotFound):
            differences.stand_by(application, page, "name")
        assert queries.view(other).differences


def test_what_was_decided_is_left_as_it_is(desk: Any) -> None:
    application = desk.answered("declined")
    page, _ = put(desk, application, front(name="李小明"), BACK)
    with desk.app.app_context():
        differences.stand_by(application, page, "name")
        assert queries.view(application).differences


def test_a_page_to_take_again_shows_nothing(desk: Any) -> None:
    application = submitted(desk)
    page, _ = put(desk, application, front(name="李小明"), BACK)
    with desk.app.app_context():
        with unit_of_work() as session:
            session.get(DocumentPage, page).state = "retake"
        db.session.expire_all()
        assert queries.view(application).differences == ()
