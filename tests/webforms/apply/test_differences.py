"""A difference between photo and form is one question; the person changes either, stands by theirs, or does nothing."""

from __future__ import annotations

import re
from typing import Any

from models.application import readings
from models.application.tables import DocumentPage
from models.extensions import db
from models.unit_of_work import unit_of_work
from tests.support.readings import read
from tests.webforms.apply.conftest import ID_NUMBER

FRONT = {"name": "测试", "sex": "male", "birth_date": "1970-03-05", "id_number": ID_NUMBER}


def read_on(person: Any, **other: str) -> str:
    """What a worker read on the front of the ID card; the page's id."""
    app_id = person.app_id
    with person.app.app_context(), unit_of_work() as session:
        query = session.query(DocumentPage).filter_by(application_id=app_id, document="id_card")
        first = query.order_by(DocumentPage.position).first()
        readings.save(session, first, read("id_front", **{**FRONT, **other}), "a test")
        return str(first.id)


def asked(page: str) -> list[str]:
    return re.findall(r"<h3>([^<]*不一样[^<]*)</h3>", page)


def ready(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()


def test_what_agrees_is_not_asked(person: Any) -> None:
    ready(person)
    read_on(person)
    assert asked(person.get(person.url("/check"))) == []


def test_one_question_a_difference_with_the_persons_own_values(person: Any) -> None:
    ready(person)
    read_on(person, name="测式", sex="female")
    page = person.get(person.url("/check"))
    assert asked(page) == [
        "「身份证」上的姓名和您填的不一样，请看一下。",
        "「身份证」上的性别和您填的不一样，请看一下。",
    ]
    assert "<dd>测试</dd>" in page and "<dd>测式</dd>" in page
    assert "<dd>男</dd>" in page and "<dd>女</dd>" in page
    assert 'class="button primary" href="/p/hengyang-2015/declare"' in page, "it never stops the hand-in"


def test_each_way_on(person: Any) -> None:
    ready(person)
    read_on(person, name="测式")
    page = person.get(person.url("/check"))
    section = page.partition("differences-title")[2].partition("</section>")[0]
    assert re.search(r'href="/p/hengyang-2015/s/basic\?back=check#field-name">改一下', section)
    assert re.search(r'href="/p/hengyang-2015/d/id_card\?back=check">重拍', section)


def test_an_encrypted_answer_is_masked_until_it_is_opened(person: Any) -> None:
    ready(person)
    other = ID_NUMBER[:-5] + "99999"
    read_on(person, id_number=other)
    section = person.get(person.url("/check")).partition("differences-title")[2].partition("</section>")[0]
    summaries = re.findall(r"<summary><span>([^<]*)", section)
    assert len(summaries) == 2
    assert all("*" in shown for shown in summaries)


def test_standing_by_it_ends_the_question(person: Any) -> None:
    ready(person)
    page_id = read_on(person, name="测式")
    person.get(person.url("/check"))
    page = person.send(person.url("/stand-by"), {"page": page_id, "name": "name", "from": "check"})
    assert person.path.endswith("/check")
    assert asked(page) == []
    with person.app.app_context():
        assert [len(names) for names in readings.confirmed(person.app_id).values()] == [1]


def test_a_page_that_is_not_theirs_is_not_found(person: Any) -> None:
    ready(person)
    read_on(person, name="测式")
    person.get(person.url("/check"))
    person.send(person.url("/stand-by"), {"page": "0" * 32, "name": "name"})
    assert person.last.status_code == 404


def test_unanswered_it_goes_along_and_is_asked_again_after_the_hand_in(person: Any) -> None:
    ready(person)
    page_id = read_on(person, name="测式")
    person.hand_in()
    page = person.get(person.url("/status"))
    assert asked(page) == ["「身份证」上的姓名和您填的不一样，请看一下。"]
    section = page.partition("differences-title")[2].partition("</section>")[0]
    assert "改一下" not in section and "重拍" not in section, "nothing can be changed now"
    page = person.send(person.url("/stand-by"), {"page": page_id, "name": "name", "from": "status"})
    assert person.path.endswith("/status")
    assert asked(page) == []


def test_what_was_returned_can_be_changed_the_rest_not(person: Any) -> None:
    ready(person)
    read_on(person, name="测式", sex="female")
    person.hand_in()
    with person.app.app_context():
        from models.application import service
        from models.application.tables import Application

        version = db.session.get(Application, person.app_id).version
        service.return_items(person.app_id, [service.ReturnedItem("field:name", "请核对")], None, version)
    section = person.get(person.url("/status")).partition("differences-title")[2].partition("</section>")[0]
    assert section.count(">改一下") == 1
    assert section.count(">重拍") == 0
