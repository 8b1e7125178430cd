"""A clerk binds a chat by a one-time code and is told there of the unit's changes; it is let go from either side."""

import re

import pytest
from sqlalchemy import select
from workbooks_out import build, take

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application.tables import Application, Conversation, Notice
from models.errors import NotFound
from models.extensions import db
from models.office import schedules, staff_chats, unit_news
from models.office.edition_tables import OfficeLink, StaffChat
from models.office.schedules import CHANGE, Wish
from models.unit_of_work import unit_of_work

KEYS = iter(range(10_000))


def says(text, sender="clerk", programme="tiny"):
    db.session.rollback()
    out = conversation.handle(InboundMessage("webchat", sender, f"k{next(KEYS)}", text, programme=programme))
    return "\n".join(message.plain() for message in out)


def code_for(world, who="east"):
    return staff_chats.make_code(world.staff(who))


def bound_to(sender="clerk"):
    db.session.rollback()
    query = select(StaffChat.staff_id).join(Conversation, Conversation.id == StaffChat.conversation_id)
    return db.session.scalar(query.where(Conversation.sender == sender))


def test_bound_by_a_code_once_and_let_go_in_the_chat(persistent_world):
    _bound_and_let_go(persistent_world, "tiny")


def test_the_same_before_a_programme_is_chosen(world):
    _bound_and_let_go(world, None)


def _bound_and_let_go(world, programme):
    says("你好", programme=programme)
    code = code_for(world)
    assert code not in set(db.session.scalars(select(OfficeLink.digest)))
    assert "工作通知" in says(f"绑定 {code}", programme=programme)
    assert bound_to() == world.staff("east").id
    assert db.session.scalar(select(Application.id).where(Application.status == "submitted")) is None
    assert "过期、用过" in says(f"绑定 {code}", sender="other", programme=programme)
    assert bound_to("other") is None
    assert "不再发到这里" in says("解绑", programme=programme)
    assert bound_to() is None


def test_a_code_ends_is_replaced_and_is_no_link(world, clock):
    first, second = code_for(world), code_for(world)
    assert "过期、用过" in says(f"绑定 {first}")
    clock.advance(minutes=10)
    assert "过期、用过" in says(f"绑定 {second}")
    third = code_for(world)
    world.staff("east").active = False
    db.session.commit()
    assert "过期、用过" in says(f"绑定 {third}") and bound_to() is None


def test_the_unit_s_changes_are_told_in_the_chat_with_a_link_made_when_it_is_said(world, clock):
    take(build(world)["summary"], world.staff("east"))
    says(f"绑定 {code_for(world)}")
    says(f"绑定 {code_for(world, 'west')}", sender="west")
    schedules.save(world.staff("east"), Wish(CHANGE))
    world.applied(name="测试甲")
    build(world)
    subject = f"{world.unit('east').id}:{CHANGE}"
    news = unit_news.gather(db.session(), subject, clock.now())
    db.session.rollback()
    with unit_of_work() as session:
        assert unit_news.tell(session, subject, news) == 0  # nobody has an address
    notice = db.session.scalar(select(Notice).where(Notice.code == "notice.unit_news"))
    assert "url" not in notice.params and "/office/l/" not in str(notice.params) and "测试甲" not in str(notice.params)
    told = says("你好")
    assert "新增 1" in told and re.search(r"/office/l/\S+", told) and "新增 1" not in says("你好")
    assert "新增" not in says("你好", sender="west")


def test_on_the_page_a_code_is_shown_once_and_only_one_s_own_chat_let_go(world, sign_in):
    client = sign_in("east")
    shown = client.post("/office/notices/chat").get_data(as_text=True)
    code = re.search(r"绑定 (\d{4} \d{4})", shown)[1]
    assert code not in client.get("/office/notices/tables").get_data(as_text=True)
    says(f"绑定 {code}")
    talk = db.session.scalar(select(StaffChat.conversation_id))
    assert sign_in("west").post("/office/notices/chat", data={"let_go": talk}).status_code == 404
    with pytest.raises(NotFound):
        staff_chats.let_go(world.staff("west"), talk)
    assert "解绑" in client.get("/office/notices/tables").get_data(as_text=True)
    assert client.post("/office/notices/chat", data={"let_go": talk}).status_code == 302
    assert bound_to() is None
