"""One's own questions in the browser: what staff ask back is answered there, what they say is marked until it has been
shown, and 「没解决」 opens it again."""

from __future__ import annotations

from typing import Any

from browsing import follow, open_context, violations
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from models.application.tables import Notice
from models.extensions import db
from models.office import enquiries, enquiry_moves, threads
from models.office.staff import create_staff
from models.office.tables import Enquiry, Staff, UnitRow
from webforms import access


def test_the_whole_exchange(person: Any, clock: Any) -> None:
    person.to_the_form()
    ident = _asked_back(person)
    status = person.get(person.url("/status"))
    assert "开什么车来？" in status and "去回答" in status
    one = person.url(f"/asked/{ident}")
    assert "您的回答" in person.get(one) and "工作人员问" in person.get(one)
    assert "请写下您的话" in person.send(one, {"text": " ", "nonce": "a"})
    assert "已经转给工作人员" in person.send(one, {"text": "小车", "nonce": "a"})
    person.get(one)
    person.send(one, {"text": "小车", "nonce": "a"})
    with person.app.app_context():
        row = db.session.get(Enquiry, ident)
        assert row is not None and [line.kind for line in threads.read(db.session(), row)].count("reply") == 1
        enquiries.answer(ident, _office(), "停在门口。", row.version)
        db.session.remove()
    page = person.get(one)
    assert "停在门口。" in page and "没解决？" in page
    person.send(one, {"text": "门口停满了", "nonce": "b"})
    with person.app.app_context():
        found = db.session.get(Enquiry, ident)
        assert found is not None and found.state == "open"
        enquiries.answer(ident, _office(), "停在对面。", found.version)
        db.session.remove()
    clock.advance(days=15)
    person.get(person.url("/status"))
    assert "请重新提问" in person.get(one)
    assert person.last.status_code == 200
    assert person.client.get(person.url("/asked/nothing")).status_code == 404


def test_what_staff_say_is_new_until_this_device_has_shown_it(person: Any, clock: Any) -> None:
    person.consent()
    ident = _asked_back(person)
    assert "您有 1 条新消息" in person.get(person.url("/q/claim"))
    status = person.get(person.url("/status"))
    assert status.count('class="fresh"') == 1 and "去回答" in status and "发「答复」" not in status
    assert 'class="fresh"' not in person.get(person.url("/status"))
    assert "新消息" not in person.get(person.url("/q/claim"))
    clock.advance(minutes=5)
    with person.app.app_context():
        enquiries.answer(ident, _office(), "停在门口。", 2)
        db.session.remove()
    assert "New messages for you: 1." in person.get(person.url("/q/claim?lang=en"))
    status = person.get(person.url("/status"))
    assert status.count('class="fresh"') == 1 and "Our staff answer: 停在门口。" in status
    assert "New messages" not in person.get(person.url("/q/claim"))


def test_what_the_chat_has_told_is_not_new_and_the_page_of_tasks_leads_to_the_question(person: Any) -> None:
    person.to_the_form()
    ident = _asked_back(person)
    with person.app.app_context():
        db.session.execute(db.update(Notice).values(state="sent"))
        db.session.commit()
    assert "新消息" not in person.get(person.url("/check"))
    tasks = person.get(person.url("/tasks"))
    assert "您问：车停在哪里？\n工作人员想先了解：开什么车来？" in tasks and 'class="fresh"' not in tasks
    assert person.url(f"/asked/{ident}") in tasks


def test_closed_the_page_says_why_and_one_press_reopens_it_with_its_place(person: Any, clock: Any) -> None:
    person.consent()
    ident = _asked_back(person)
    one = person.url(f"/asked/{ident}")
    assert "排在" not in person.get(one), "it is the person's turn"
    clock.advance(minutes=1)
    with person.app.app_context():
        enquiry_moves.close(_office(), ident, "nothing", 2)
        db.session.remove()
    status = person.get(person.url("/status"))
    assert "没有看出要问什么" in status and "发「没解决」" not in status and "没解决再问" in status
    person.get(one)
    page = person.send(one, {"text": "", "nonce": "b"})
    assert "没解决。" in page and "您的问题排在第一个。" in page
    assert "现在不是上班时间，工作人员2026年11月23日星期一上班后处理。" in page, "the clock shows a Saturday"
    with person.app.app_context():
        found = db.session.get(Enquiry, ident)
        assert found is not None and found.state == "open"


def test_what_staff_began_is_said_in_other_words_and_stands_in_no_queue(person: Any, clock: Any) -> None:
    person.consent()
    ident = _asked_back(person, began=True)
    assert "工作人员问您，在等您的回答：开什么车来？" in person.get(person.url("/status"))
    one = person.url(f"/asked/{ident}")
    person.get(one)
    page = person.send(one, {"text": "小车", "nonce": "a"})
    assert "您的回答已经转到" in page and "排在" not in page
    clock.advance(minutes=1)
    with person.app.app_context():
        enquiry_moves.close(_office(), ident, "known", 3)
        db.session.remove()
    status = person.get(person.url("/status"))
    assert "已经了解清楚，不用再回答。" in status and "没解决" not in status
    assert "没解决" not in person.get(one)
    assert "请写下您的话" in person.send(one, {"text": "", "nonce": "b"}), "a press alone says nothing here"


def test_on_a_phone(browser: Browser, address: str, person: Any) -> None:
    person.consent()
    _asked_back(person)
    with open_context(browser, base_url=address) as context:
        cookie = person.client.get_cookie(access.COOKIE)
        context.add_cookies([{"name": access.COOKIE, "value": cookie.value, "url": address}])
        page = context.new_page()
        page.goto(person.url("/q/claim?lang=en"))
        assert violations(page) == []
        follow(page, page.locator(".unread a"))
        expect(page.locator("#asked ~ ul .fresh")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the phone"
        assert violations(page) == []
        follow(page, page.locator("#asked ~ ul a"))
        page.fill("#text", "小车")
        follow(page, page.locator("main form button").first)
        expect(page.locator(".timeline")).to_contain_text("小车")
        expect(page.locator(".unread")).to_have_count(0)


def _asked_back(person: Any, *, began: bool = False) -> str:
    """The id of a question that the person is asked something back about; `began`: as if staff had begun it."""
    person.get(person.url("/ask"))
    person.send(person.url("/ask"), {"question": "车停在哪里？", "nonce": "n1", "to_people": "1"})
    with person.app.app_context():
        unit = db.session.scalars(select(UnitRow).where(UnitRow.office)).first()
        assert unit is not None
        create_staff(
            username="bangong",
            password="long-enough-for-tests",
            display_name="办",
            roles=("office",),
            unit_id=unit.id,
        )
        ident = db.session.scalars(select(Enquiry)).one().id
        if began:
            db.session.execute(db.update(Enquiry).values(effect=f"{threads.OURS}n1"))
            db.session.commit()
        enquiry_moves.ask_back(_office(), ident, "开什么车来？", 1)
        db.session.remove()
    return ident


def _office() -> Staff:
    return db.session.scalars(select(Staff).where(Staff.username == "bangong")).one()
