"""The applicant's way without JavaScript, from the first page to the ways out."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from models.application import service
from models.extensions import db
from models.interview import wording
from tests.webforms.apply.conftest import row_inputs

SLUG = "hengyang-2015"


def test_from_start_to_receipt_without_a_script(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    page = person.get(person.url("/check"))
    assert "核对无误" in page
    person.hand_in()
    view = person.view()
    assert view.application.status == "submitted"
    assert view.application.receipt in person.get(person.url("/status"))


def test_nothing_is_ticked_beforehand_and_consents_are_separate(person: Any) -> None:
    person.get("/")
    page = person.send(person.url("/start"))
    assert len(re.findall(r'name="consent:', page)) == len(person.view().pack.programme.consents) >= 2
    assert "checked" not in page
    first = person.view().pack.programme.consents[0].id
    page = person.send(person.url("/consents"), {f"consent:{first}": "yes"})
    assert person.last.status_code == 422
    assert page.count("checked") == 1, "what was ticked stays ticked"


def test_unticked_is_no_answer(person: Any) -> None:
    person.consent()
    page = person.send(person.url("/q/claim"))
    assert person.last.status_code == 422
    assert page.count("<title>有误：") == 1
    assert "claim" not in person.view().answers


def test_a_refusal_quotes_its_clause_and_offers_ways_on(person: Any) -> None:
    person.consent()
    person.send(person.url("/q/claim"), {"claim": "high_skilled"})
    for _ in range(10):
        if "/q/" not in person.path:
            break
        key = f"fact:{person.path.rpartition('/')[2]}"
        ask = person.view().plan.ask(key)
        answer = "no" if ask.kind == "yes_no" else ask.options[0].value
        if key.endswith("lives_in_hengyang"):
            answer = "yes"
        person.send(person.path, {key: answer})
    page = person.get(person.url("/verdict"))
    assert "不符合申报条件" in page
    assert "<blockquote" in page
    nearest = page.partition("最接近的类别")[2].partition("</article>")[0]
    assert "要看的条件" in nearest.partition("<li")[0], "what is only near stays folded"
    assert 'href="#answers">修改答案' in page
    assert "修改" in page and "请工作人员看" in page
    person.get(person.url("/ask"))  # any page gives a ticket; this one offers no way on
    person.send(person.url("/verdict"))
    assert person.path.endswith("/verdict"), "a refusal goes no further"
    assert "verdict" not in person.view().answers


def test_a_wrong_field_keeps_all_input_and_saves_the_right_ones(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    page = person.send(person.url("/s/basic"), {"field:name": "李测试", "field:id_number": "43040619700305"})
    assert person.last.status_code == 422
    assert 'value="43040619700305"' in page
    assert 'href="#field-id_number"' in page, "the summary links to the field"
    assert person.view().answers["field:name"] == "李测试"
    assert "field:id_number" not in person.view().answers


@pytest.mark.parametrize(
    ("written", "problem"), [("2", "words_needed"), ("18年", "name_needed"), ("11010519491231002X", "name_needed")]
)
def test_a_number_or_a_date_is_no_name_on_the_page_either(person: Any, written: str, problem: str) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    page = person.send(person.url("/s/basic"), {"field:name": written, "field:id_number": ""})
    assert person.last.status_code == 422
    assert wording.say(f"error.{problem}", "zh") in page
    assert "field:name" not in person.view().answers


def test_a_post_after_the_cookie_is_gone_still_saves(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    app_id = person.app_id
    ticket = person.ticket
    person.client.delete_cookie("bole_door")
    answer = person.client.post(person.url("/s/basic"), data={"_ticket": ticket, "field:name": "李测试"})
    assert answer.status_code == 422  # other fields are empty; this one is saved
    assert person.app_id == app_id, "and the device holds the application again"
    assert person.view().answers["field:name"] == "李测试"


def test_a_post_without_a_ticket_changes_nothing(person: Any) -> None:
    person.to_the_form()
    answer = person.client.post(person.url("/s/basic"), data={"field:name": "别人"})
    assert answer.status_code == 302 and "/resume" in answer.location
    assert "field:name" not in person.view().answers


def test_a_cross_site_post_is_refused(person: Any) -> None:
    person.to_the_form()
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = person.client.post(person.url("/s/basic"), data={"_ticket": person.ticket}, headers=headers)
    assert answer.status_code == 403


def test_a_row_is_added_changed_and_removed(person: Any) -> None:
    person.to_the_form()
    ask = next(a for a in person.view().plan.asks if a.kind == "rows" and a.required)
    name = ask.key.partition(":")[2]
    text = next(c.id for c in ask.columns if c.kind == "text")
    months = [c.id for c in ask.columns if c.kind == "month"]
    row = {f"col:{months[0]}.y": "1990", f"col:{months[0]}.m": "7", f"col:{months[1]}.now": "1", f"col:{text}": "甲"}
    person.get(person.url(f"/rows/{name}/1"))
    person.send(person.url(f"/rows/{name}/1"), row)
    assert person.view().answers[ask.key][0][text] == "甲"
    person.get(person.url(f"/rows/{name}/1"))
    page = person.send(person.url(f"/rows/{name}/1"), row | {f"col:{months[0]}.m": "13"})
    assert person.last.status_code == 422 and 'value="13"' in page
    person.get(person.url(f"/rows/{name}/1/remove"))
    person.send(person.url(f"/rows/{name}/1/remove"), {"count": "1"})
    assert ask.key not in person.view().answers


def test_the_same_upload_twice_is_one_page(person: Any) -> None:
    person.to_the_form()
    for _ in range(2):
        person.get(person.url("/d/id_card"))
        data = {"photo": (io.BytesIO(b"\xff\xd8\xff" + b"1" * 300), "a.jpg"), "_key": "same"}
        person.send(person.url("/d/id_card"), data, content_type="multipart/form-data")
    assert len(person.view().document_pages("id_card")) == 1


def test_a_file_that_is_no_picture_is_said_so(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/d/id_card"))
    data = {"photo": (io.BytesIO(b"GIF89a ..."), "a.gif"), "_key": "k"}
    page = person.send(person.url("/d/id_card"), data, content_type="multipart/form-data")
    assert person.last.status_code == 422
    assert "photo-error" in page
    assert not person.view().pages


def test_a_script_gets_json_for_a_photo(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/d/id_card"))
    data = {"_ticket": person.ticket, "_key": "k", "photo": (io.BytesIO(b"nothing"), "a.jpg")}
    answer = person.client.post(
        person.url("/d/id_card"), data=data, headers={"Accept": "application/json"}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422 and answer.json["error"]


def test_autosave_takes_only_what_it_names(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    data = {"_ticket": person.ticket, "_keys": "field:name", "field:name": "李测试", "field:native_place": "衡东"}
    answer = person.client.post(person.url("/save"), data=data)
    assert answer.json == {"saved": ["field:name"], "errors": {}}
    assert "field:native_place" not in person.view().answers


def test_a_returned_application_opens_only_what_was_named(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    view = person.view()
    with person.app.app_context():
        item = service.ReturnedItem("field:name", "请与身份证一致")
        service.return_items(view.application.id, [item], "staff", view.application.version)
        db.session.remove()
    page = person.get(person.url("/tasks"))
    assert "要修改的内容" in page
    assert page.count("data-task>") == 1
    assert "<li>姓名：请与身份证一致</li>" in page
    page = person.get(person.url("/s/basic"))
    assert "请与身份证一致" in page
    assert 'name="field:id_number"' not in page
    person.send(person.url("/s/basic"), {"field:name": "李改正"})
    assert "请与身份证一致" not in person.get(person.url("/tasks"))
    person.hand_in()
    assert person.view().application.status == "submitted"
    assert person.view().answers["field:name"] == "李改正"


def test_withdraw_asks_once_more_and_delete_leaves_nothing(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    person.send(person.url("/s/basic"), {"field:name": "李测试"})
    app_id = person.app_id
    person.get(person.url("/leave"))
    page = person.send(person.url("/leave"), {"way": "delete"})
    assert "不能恢复" in page
    assert person.view().application.status == "draft"
    page = person.send(person.url("/leave"), {"way": "delete", "sure": "yes"})
    assert "已经删除" in page
    with person.app.app_context():
        from models.application import queries

        gone = queries.view(app_id)
        assert gone.application.status == "deleted" and not gone.answers


def test_a_question_to_people_is_kept_once(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/ask"))
    for _ in range(2):
        data = {"question": "工龄怎么算？", "nonce": "n1", "_ticket": person.ticket}
        person.client.post(person.url("/ask"), data=data)
    with person.app.app_context():
        from sqlalchemy import select

        from models.office.tables import Enquiry

        assert len(db.session.scalars(select(Enquiry)).all()) == 1


def test_the_check_page_masks_what_is_sealed(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    assert "<summary>4304*************" in person.get(person.url("/check"))


def _judge_bad(person: Any, document: str) -> None:
    from models.application.tables import DocumentPage

    with person.app.app_context():
        wanted = db.select(DocumentPage).where(DocumentPage.document == document, DocumentPage.removed_at.is_(None))
        page = db.session.scalars(wanted).first()
        page.state, page.reason = "retake", "photo.blurred"
        db.session.commit()


def test_a_photo_found_bad_after_the_hand_in_is_replaced_from_the_status_page(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    document = next(one for one in person.view().pages).document
    page = person.get(person.url("/status"))
    assert "请重拍" not in page
    _judge_bad(person, document)
    page = person.get(person.url("/status"))
    assert "请重拍" in page and f'href="{person.url(f"/d/{document}")}"' in page
    page = person.get(person.url(f"/d/{document}"))
    assert "不用重新提交" in page and 'type="file"' in page and "/remove" not in page
    before = len(person.view().document_pages(document))
    files = {"photo": (io.BytesIO(b"\xff\xd8\xff\xe0" + b"1" * 400), "p.jpg"), "_key": "again"}
    page = person.send(person.url(f"/d/{document}"), files, content_type="multipart/form-data")
    assert "正在看清不清楚" in page and 'type="file"' not in page
    pages = person.view().document_pages(document)
    assert [one.state for one in pages] == ["received"] * before
    assert "请重拍" not in person.get(person.url("/status"))
    assert person.view().application.status == "submitted"


def test_a_handed_in_document_without_a_bad_photo_is_not_offered_for_change(person: Any) -> None:
    from models.application.tables import DocumentPage

    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    document = next(one for one in person.view().pages).document
    with person.app.app_context():
        for page in db.session.scalars(db.select(DocumentPage)):
            page.state = "ok"
        db.session.commit()
    person.get(person.url(f"/d/{document}"))
    assert person.path.endswith("/status")


def test_adding_a_row_does_not_lose_what_is_wrong_elsewhere_on_the_page(person: Any) -> None:
    person.consent()
    person.send(person.url("/q/claim"), {"claim": ["returnee"]})
    person.answer_all_questions()
    person.send(person.url("/verdict"))
    person.get(person.url("/s/returnee"))
    long = "英语" * 300
    page = person.send(person.url("/s/returnee"), {"field:languages": long, "_row": "study_periods"})
    assert person.path.endswith("/s/returnee") and person.last.status_code == 422
    assert f'value="{long}"' in page
    assert page.count('<li><a href="#field-') == 1, "only what was typed is spoken of"
    person.send(person.url("/s/returnee"), {"field:languages": "英语", "_row": "study_periods"})
    assert person.path.endswith("/rows/study_periods/1")


def test_a_period_that_still_goes_on_is_ticked_or_left_open(person: Any) -> None:
    person.to_the_form()
    view = person.view()
    rows = next(a for a in view.plan.asks if a.kind == "rows" and any(not c.required for c in a.columns))
    name, last = rows.key.partition(":")[2], next(c for c in rows.columns if c.kind == "month" and not c.required)
    page = person.get(person.url(f"/rows/{name}/1"))
    assert page.count("空着也按“至今”算") == 1
    assert f'name="col:{last.id}.now"' in page
    cells = {column.id: "1990" if column.kind == "month" else "测试" for column in rows.columns}
    typed = {key: value for key, value in row_inputs(rows.columns, cells).items() if f"col:{last.id}." not in key}
    for number, extra in ((1, {}), (2, {f"col:{last.id}.now": "1"})):
        person.send(person.url(f"/rows/{name}/{number}"), {**typed, **extra})
    assert [row[last.id] for row in person.view().answers[rows.key]] == ["", ""]
