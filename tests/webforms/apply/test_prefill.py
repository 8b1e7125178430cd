"""The ID card before the form, as a person without scripts sees it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.application import prefill, readings, service
from models.application.tables import DocumentPage, Event
from models.documents.reading import Found, PageReading
from models.extensions import db
from models.programme import idnumber
from models.unit_of_work import unit_of_work
from tests.support.readings import read
from tests.webforms.apply.conftest import ID_NUMBER, JPEG

SHOWN = {
    "name": "测试乙",
    "sex": "male",
    "ethnicity": Found("苗", "苗", score=0.97),
    "birth_date": Found("1970年3月5日", "1970-03-05", score=0.97),
    "address": "湖南省衡阳市石鼓区样例路8号",
    "id_number": Found(ID_NUMBER, ID_NUMBER, trusted=True, score=0.98),
}
IDENTITY = ("field:name", "field:id_number", "field:sex", "field:ethnicity", "field:birth_date")


def photographed(person: Any, *shown: PageReading) -> None:
    """Both sides of the card, and what a worker read on them."""
    app_id = person.app_id
    with person.app.app_context():
        for number in range(2):
            service.add_page(app_id, "id_card", JPEG + bytes([number]), f"card-{number}", "web")
        with unit_of_work() as session:
            query = select(DocumentPage).where(DocumentPage.application_id == app_id).order_by(DocumentPage.position)
            for page, reading in zip(session.scalars(query), shown, strict=False):
                page.state = "ok"
                readings.save(session, page, reading, "a test")


def front(**changes: Any) -> PageReading:
    return read("id_front", **{**SHOWN, **changes})


def back() -> PageReading:
    return read("id_back", valid_until="9999-12-31")


def mark(page: str) -> str:
    found = re.search(r'name="mark" value="([^"]+)"', page)
    return found[1] if found else ""


def answers(person: Any) -> dict[str, Any]:
    return {key: value for key, value in person.view().answers.items() if key.startswith("field:")}


def events(person: Any) -> list[Event]:
    return [one for one in person.view().events if one.type.startswith("prefill")]


@pytest.fixture
def offered(person: Any) -> Any:
    person.to_the_offer()
    return person


def confirmed(person: Any, page: str, **changes: str) -> str:
    """Press 「核对好了」 with what stands in the boxes, some of it changed."""
    sent = {
        "choice": "yes",
        "mark": mark(page),
        "field:name": "测试乙",
        "field:id_number": ID_NUMBER,
        "field:ethnicity": chosen(page, "field:ethnicity"),
    }
    text: str = person.send(person.url("/prefill"), {**sent, **changes})
    return text


def chosen(page: str, name: str) -> str:
    select_ = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)
    assert select_ is not None
    found = re.search(r'<option value="([^"]+)"[^>]* selected', select_[0])
    return found[1] if found else ""


def test_it_is_offered_once_before_the_form_and_a_no_is_as_easy(offered: Any) -> None:
    page = offered.get(offered.url("/prefill"))
    assert "先拍身份证，姓名、身份证号码、性别、民族、出生年月日就不用自己填了" in page
    assert 'href="/p/hengyang-2015/d/id_card">现在拍' in page
    page = offered.send(offered.url("/prefill"), {"choice": "self"})
    assert offered.path.endswith("/tasks") and "先拍身份证，姓名、证号就不用自己填" in page, "later from the list"
    assert [one.type for one in events(offered)] == ["prefill_declined"]
    offered.get(offered.url("/next"))
    assert offered.path.endswith("/tasks"), "not a step again"


def test_after_the_photos_the_page_says_that_they_are_being_read_and_stops_nobody(offered: Any) -> None:
    photographed(offered)
    offered.get(offered.url("/d/id_card"))
    page = offered.send(offered.url("/d/id_card"))
    assert offered.path.endswith("/prefill") and "正在认身份证上的字，您可以先往下填" in page
    assert "看看认好了没有" in page and 'href="/p/hengyang-2015/tasks">先往下填' in page
    assert "身份证正在认" in offered.get(offered.url("/tasks"))
    assert offered.client.get(offered.url("/prefill/stage")).get_json() == {"stage": "reading"}


def test_what_was_read_is_shown_beside_its_fields_and_recorded_when_confirmed(offered: Any) -> None:
    photographed(offered, front(), back())
    assert offered.client.get(offered.url("/prefill/stage")).get_json() == {"stage": "ready"}
    page = offered.get(offered.url("/tasks"))
    assert "身份证认好了" in page and not answers(offered), "nothing before it was confirmed"
    page = offered.get(offered.url("/prefill"))
    assert 'value="测试乙"' in page and f'value="{ID_NUMBER}"' in page
    assert f"证上认到：{ID_NUMBER[:6]} {ID_NUMBER[6:14]} {ID_NUMBER[14:]}" in page
    assert "按身份证号得出，不用再填：性别 男、出生年月日 1970年3月5日" in page
    assert 'name="field:sex"' not in page and 'name="field:birth_date.y"' not in page
    assert "no-store" in offered.last.headers["Cache-Control"]
    confirmed(offered, page)
    assert offered.path.endswith("/tasks")
    kept = answers(offered)
    assert tuple(kept) == IDENTITY or set(kept) == set(IDENTITY)
    assert (kept["field:name"], kept["field:sex"], kept["field:birth_date"]) == ("测试乙", "male", "1970-03-05")
    (event,) = events(offered)
    assert event.type == "prefilled" and set(event.data["accepted"]) == set(IDENTITY) and event.data["corrected"] == 0
    assert ID_NUMBER not in str(event.data) and "测试乙" not in str(event.data)
    assert "document:id_card" in offered.view().plan.answered, "the document is done as well"


def test_what_was_corrected_is_what_counts(offered: Any) -> None:
    photographed(offered, front(), back())
    other = idnumber.make("430406", date(1971, 1, 2), 21)
    page = offered.get(offered.url("/prefill"))
    confirmed(offered, page, **{"field:name": "测试已", "field:id_number": other})
    kept = answers(offered)
    assert kept["field:name"] == "测试已" and kept["field:id_number"] == other
    assert "field:birth_date" not in kept, "what followed from the other number is asked"
    assert events(offered)[0].data["corrected"] == 2


def test_a_box_left_blank_is_left_to_the_form(offered: Any) -> None:
    photographed(offered, front(), back())
    confirmed(offered, offered.get(offered.url("/prefill")), **{"field:name": " "})
    assert "field:name" not in answers(offered) and "field:id_number" in answers(offered)


def test_a_wrong_correction_gets_its_sentence_and_nothing_is_recorded(offered: Any) -> None:
    photographed(offered, front(), back())
    page = confirmed(offered, offered.get(offered.url("/prefill")), **{"field:id_number": "43040619700305"})
    assert offered.last.status_code == 422 and "身份证号应为 18 位" in page
    assert 'value="43040619700305"' in page and not answers(offered) and not events(offered)


def test_an_unproven_number_is_shown_and_typed_by_the_person(offered: Any) -> None:
    read_ = ID_NUMBER[:-1] + "?"
    photographed(offered, front(id_number=Found(read_, None)), back())
    page = offered.get(offered.url("/prefill"))
    box = re.search(r'<input[^>]*name="field:id_number"[^>]*>', page)
    assert box is not None and 'value=""' in box[0] and "field-id_number-warning" in box[0]
    assert f"认到的是 {read_[:6]} {read_[6:14]} {read_[14:]}，没有把握" in page and "一位一位" in page
    assert "按身份证号得出" not in page
    confirmed(offered, page, **{"field:id_number": ""})
    assert set(answers(offered)) == {"field:name", "field:ethnicity"}


@pytest.mark.parametrize("reading", [PageReading("unreadable"), PageReading("not_checked")])
def test_what_cannot_be_read_is_one_sentence_and_the_form_as_usual(offered: Any, reading: PageReading) -> None:
    photographed(offered, reading, reading)
    offered.get(offered.url("/d/id_card"))
    page = offered.send(offered.url("/d/id_card"))
    assert "身份证上的字没有认出来，请自己填。照片已经收下，不用重拍" in page
    assert "没有认出来，请自己填" in offered.get(offered.url("/tasks"))


def test_what_was_typed_meanwhile_is_not_overwritten(offered: Any) -> None:
    photographed(offered, front(), back())
    page = offered.get(offered.url("/prefill"))
    with offered.app.app_context():
        service.record(offered.app_id, {"field:name": "测试丙"}, "chat")
    page = confirmed(offered, page)
    assert "刚刚有变化" in page and answers(offered) == {"field:name": "测试丙"}
    assert 'name="field:name"' not in page
    confirmed(offered, page)
    assert answers(offered)["field:name"] == "测试丙" and "field:id_number" in answers(offered)


def test_pressing_twice_records_once(offered: Any) -> None:
    photographed(offered, front(), back())
    page = offered.get(offered.url("/prefill"))
    ticket = offered.ticket
    confirmed(offered, page)
    confirmed(offered, page, _ticket=ticket)
    assert offered.path.endswith("/tasks") and len(events(offered)) == 1


def test_what_is_left_after_typing_is_still_offered_from_the_list(person: Any) -> None:
    person.to_the_form()
    photographed(person, front(), back())
    assert "身份证认好了" in person.get(person.url("/tasks"))
    confirmed(person, person.get(person.url("/prefill")))
    assert set(answers(person)) == set(IDENTITY)
    assert "身份证认好了" not in person.get(person.url("/tasks"))


@pytest.mark.parametrize("without", ["rapidocr", "onnxruntime"])
def test_without_a_reader_nothing_is_promised(person: Any, monkeypatch: pytest.MonkeyPatch, without: str) -> None:
    find = prefill.importlib.util.find_spec

    def hide(name: str) -> Any:
        return None if name == without else find(name)

    monkeypatch.setattr(prefill.importlib.util, "find_spec", hide)
    prefill.reader_is_there.cache_clear()
    try:
        person.consent()
        person.answer_all_questions()
        page = person.send(person.url("/verdict"))
        assert person.path.endswith("/tasks") and "先拍身份证" not in page
    finally:
        prefill.reader_is_there.cache_clear()


def test_a_photo_to_be_taken_again_is_asked_for_first(offered: Any) -> None:
    photographed(offered)
    with offered.app.app_context():
        for page in db.session.scalars(select(DocumentPage)):
            page.state, page.reason = "retake", "photo.blurred"
        db.session.commit()
    assert "现在拍" in offered.get(offered.url("/prefill"))


def test_it_can_be_read_in_english(offered: Any) -> None:
    photographed(offered, front(id_number=Found("4304?", None)), back())
    offered.headers = {"Accept-Language": "en"}
    for path in ("/prefill", "/tasks"):
        page = offered.get(offered.url(path) + "?lang=en")
        main = page.partition("<main")[2].partition("</main>")[0]
        main = re.sub(r"<option.*?</option>|测试乙|李建国|苗|湖南\S+号", "", main)
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"<[^>]*>", "", main)), path


def test_after_the_hand_in_there_is_nothing_to_confirm(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    person.get(person.url("/prefill"))
    assert person.path.endswith("/status")
