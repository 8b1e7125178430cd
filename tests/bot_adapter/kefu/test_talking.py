"""A whole application through 微信客服: ping, pull, answer, on both databases."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import func, select

from models.application import queries
from models.application.channel_tables import Delivery
from models.application.tables import Application, Conversation, DocumentPage, Inbound
from models.extensions import db

PERSON = "wmMade_Up-Person0123456789"
OLD_BUTTON = "这个按钮是前面一题的"


def all_of(query):
    found = db.session.scalars(query).all()
    db.session.expunge_all()
    db.session.rollback()
    return found


def count(table):
    return all_of(select(func.count()).select_from(table))[0]


def test_a_whole_application(persistent_line, photograph, id_number):
    line = persistent_line
    heard = line.says("你好")
    assert "果园能手申报" in heard and "1. 同意" in heard
    assert "1. " in line.presses("同意") and "您属于哪几类" in line.presses("同意")
    line.says("1", "1", "2", "继续", "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过")
    line.says("2010.9", "至今", "红星果园", "完成", "没有")
    line.platform.shows(PERSON, photograph(10))
    line.platform.files.clear()
    assert "照片没有传完整" in line.turn(), "a photo that is gone is asked for again"
    for shade in (10, 20):
        line.platform.shows(PERSON, photograph(shade))
        line.turn()
    line.says("发完了")
    line.platform.shows(PERSON, photograph(30), "file")
    line.turn()
    heard = line.says("跳过", "1", "1")

    application = all_of(select(Application))[0]
    assert application.status == "submitted" and application.receipt in heard
    assert queries.view(application.id).answers["field:id_number"] == id_number
    db.session.rollback()
    assert count(DocumentPage) == 3
    assert set(all_of(select(Delivery.state))) == {"sent"}
    named = [body["msgid"] for path, body in line.platform.called if path == "send_msg"]
    assert count(Delivery) == len(line.platform.sent) == len(named) == len(set(named))
    calls = [path for path, _body in line.platform.called if path in ("sync_msg", "send_msg")]
    assert max(len(list(run)) for path, run in groupby(calls) if path == "send_msg") <= 4, "of five that are allowed"


def test_a_pressed_choice_is_the_answer_and_one_of_an_earlier_question_is_not(line):
    line.says("你好")
    first = line.platform.sent[-1][2]
    assert "同意处理照片" in line.presses("1. 同意")
    line.platform.presses(PERSON, "2. 不同意", first)
    heard = line.turn()
    assert heard.startswith(OLD_BUTTON) and "同意处理照片" in heard, "what is asked now stands"
    assert "您属于哪几类" in line.presses("1. 同意")


def test_the_same_choice_twice_is_one_answer(line):
    line.says("你好")
    menu = line.platform.sent[-1][2]
    for _ in range(2):
        line.platform.presses(PERSON, "1. 同意", menu)
    assert OLD_BUTTON in line.turn()
    assert count(Application) == 1


def test_a_menu_of_the_accounts_own_is_what_it_says(line):
    line.platform.says(PERSON, "你好", menu_id="101")
    assert "果园能手申报" in line.turn()


def test_whoever_comes_in_is_greeted_once_and_answers_that(line):
    line.platform.enters(PERSON)
    line.turn()
    greeting = line.platform.texts(PERSON)
    assert len(greeting) == 1 and "果园能手申报" in greeting[0] and "1. 同意" in greeting[0]
    assert count(Conversation) == 0, "who only looks leaves nothing behind"
    assert "同意处理照片" in line.presses("1. 同意")
    assert "同意处理照片" not in line.says("1", person="wmSomebodyElse"), "nobody greeted them"


def test_a_typed_answer_to_the_greeting_counts_as_well(line):
    line.platform.enters(PERSON)
    line.turn()
    assert "同意处理照片" in line.says("同意")


def test_a_greeting_that_comes_too_late_is_not_sent(line, clock):
    line.platform.enters(PERSON)
    clock.advance(seconds=21)
    line.turn()
    assert line.platform.sent == []
    assert "果园能手申报" in line.says("1"), "nobody answers what they have not seen"


def test_a_greeting_that_the_platform_refuses_harms_nobody(line):
    line.platform.enters(PERSON)
    line.platform.troubles["send_msg_on_event"] = [95005]
    line.turn()
    assert "果园能手申报" in line.says("1")


def test_whoever_has_talked_with_us_is_not_greeted_again(line):
    line.says("你好")
    before = len(line.platform.sent)
    line.platform.people.clear()
    line.platform.enters(PERSON)
    line.turn()
    assert len(line.platform.sent) == before


def test_what_cannot_be_read_is_said_kindly_and_the_question_stands(line):
    for kind in ("voice", "video", "location", "link", "business_card", "miniprogram", "merged_msg"):
        question = line.says("你好").splitlines()[-1]
        line.platform.sends(PERSON, kind)
        heard = line.turn()
        assert "这种消息我看不懂" in heard and heard.endswith(question)


def test_the_same_words_of_two_people_are_two_conversations(line):
    for person in (PERSON, "wmSomebodyElse"):
        line.platform.says(person, "你好")
    line.turn()
    assert [len(line.platform.texts(person)) for person in (PERSON, "wmSomebodyElse")] == [1, 1]
    assert count(Inbound) == count(Conversation) == 2
