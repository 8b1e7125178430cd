"""A question over an account that may only reply: asked, asked back, answered, not solved; news waits for a message."""

import pytest
from official_account import Platform, with_account
from sqlalchemy import select

from models.extensions import db
from models.office import enquiries, enquiry_moves, threads
from models.office.staff import create_staff
from models.office.tables import Enquiry, Staff, UnitRow


@pytest.fixture
def person(chat_app):
    unit = db.session.scalars(select(UnitRow).where(UnitRow.office)).one()
    create_staff(
        username="office", password="long-enough-for-tests", display_name="办", roles=("office",), unit_id=unit.id
    )
    return Platform(with_account(chat_app))


def test_a_thread_from_the_question_to_the_second_answer(person):
    person.says("你好", "1", "1", "1", "1", "2", "继续")
    heard = person.says("可以开车进果园吗？")
    assert "排在第一个" in heard and "现在不是上班时间" in heard, "the clock shows a Saturday"
    enquiry_moves.ask_back(office(), asked().id, "是哪一天来？", asked().version)

    told = person.message(Content="张三")
    heard = person.read(person.deliver(told))
    assert "是哪一天来？" in heard and "发「答复」" in heard
    assert heard.index("是哪一天来？") < heard.index("身份证号码"), "the news comes first, then the form goes on"
    assert person.read(person.deliver(told)) == heard, "a retry is told the same news"

    reply = person.message(Content="答复 下周一")
    heard = person.read(person.deliver(reply))
    assert "您的回答已经转给工作人员" in heard and "您的问题排在第一个。" in heard
    assert person.read(person.deliver(reply)) == heard
    assert said().count(("reply", "下周一")) == 1
    enquiries.answer(asked().id, office(), "可以，停在门口。", asked().version)

    assert "可以，停在门口。" in person.says("进度")
    heard = person.says("没解决：门口停满了")
    assert "重新转给工作人员" in heard and "可以，停在门口。" not in heard, "nothing is told twice"
    assert asked().state == "open" and said()[-1] == ("reopened", "门口停满了")


def office():
    return db.session.scalars(select(Staff).where(Staff.username == "office")).one()


def asked():
    db.session.rollback()
    return db.session.scalars(select(Enquiry)).one()


def said():
    return [(line.kind, line.text) for line in threads.read(db.session(), asked())]
