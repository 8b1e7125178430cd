"""A new version of the programme while somebody talks: told once, at the head of the next reply, and asked where the
new version is; what they said before stands."""

import shutil

import pytest
from sqlalchemy import event

from models.application import moving, packs, queries, service
from models.application.tables import Application
from models.extensions import db
from models.programme import loader

SLUG = "orchard"


@pytest.fixture
def talking(persistent_chat_app, new_person, id_number, tmp_path, monkeypatch):
    """Somebody in the middle of the form, under version 1 as published, and how to publish the next."""
    folder = tmp_path / "packs"
    shutil.copytree(loader.PACKS, folder)
    monkeypatch.setattr(loader, "PACKS", folder)
    loader.load_pack.cache_clear()
    packs.publish(SLUG)
    person = new_person()
    person.says("你好", "１", "同意", "第一个", "一", "2", "好的", "张三", id_number, "对")
    assert state()["at"] == "field:phone"
    return person


def state():
    from models.application.tables import Conversation

    db.session.expire_all()
    return db.session.query(Conversation).one().state


def application():
    db.session.expire_all()
    return db.session.query(Application).one()


def publish(clock, *edits):
    clock.advance(minutes=1)
    number = int(loader.load_pack(SLUG).programme.version) + 1
    for file, old, new in (*edits, ("programme.toml", f'version = "{number - 1}"', f'version = "{number}"')):
        path = loader.PACKS / SLUG / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
    loader.load_pack.cache_clear()
    packs.publish(SLUG)


RENAMED = ("form.toml", 'zh = "姓名"', 'zh = "真实姓名"')


def test_told_at_the_head_of_the_next_reply_with_the_verdict_to_read_again(talking, clock):
    publish(clock, RENAMED)
    moving.move_on(application().id)
    said = talking.says("13812345678")
    assert said.startswith("「果园能手」的申报要求有更新")
    assert "填写要求有改动：「真实姓名」" in said
    assert "刚才那一项已经在别处填好了" not in said
    assert state()["at"] == "verdict"
    assert "申报要求有更新" not in talking.says("好的")  # told once
    assert state()["at"] == "field:phone"  # where they were, all answers before it kept
    talking.says("13812345678")
    assert queries.view(application().id).answers["field:phone"] == "13812345678"
    assert "申报要求有更新，按新版本（2）继续" in talking.says("进度")


def test_a_poll_tells_it_and_shows_where_one_is_now(talking, clock):
    publish(clock, RENAMED)
    moving.move_on(application().id)
    said = talking.nudges()
    assert "填写要求有改动" in said
    assert state()["at"] == "verdict"
    assert talking.nudges() == ""


def test_words_meant_for_a_question_that_is_gone_are_not_taken_for_another(talking, clock):
    publish(clock, ("form.toml", 'id = "phone"\nkind = "phone"', 'id = "mobile"\nkind = "phone"'))
    moving.move_on(application().id)
    talking.says("13812345678")
    view = queries.view(application().id)
    assert "field:mobile" not in view.answers and "field:phone" not in view.answers
    talking.says("好的")
    assert state()["at"] == "field:mobile"


def test_until_it_is_moved_a_draft_goes_on_under_its_own_version(talking, clock):
    publish(clock, ("form.toml", 'id = "phone"\nkind = "phone"', 'id = "mobile"\nkind = "phone"'))
    talking.says("13812345678")
    assert queries.view(application().id).answers["field:phone"] == "13812345678"
    assert application().pack_version == "1"


def test_begin_again_clears_what_sleeps_too(talking, clock):
    publish(clock, ("form.toml", 'id = "name"\nkind = "text"', 'id = "name"\nkind = "number"'))
    moving.move_on(application().id)
    talking.says("？", "重来")
    assert queries.view(application().id).asleep == {"field:name"}
    talking.says("是")
    assert queries.view(application().id).asleep == frozenset()


def test_reopened_by_the_office_it_is_told_and_taken_from_there(talking, clock):
    app_id = application().id
    service.record(app_id, {"field:phone": "13812345678"}, "web")
    handed_in = db.session.get(Application, app_id)
    handed_in.status = "submitted"
    db.session.commit()
    talking.says("你好")
    assert state()["at"] == "submitted"
    publish(clock, RENAMED)
    service.reopen(app_id, 1, application().version, "新要求对您更有利")
    said = talking.says("你好")
    assert "由办公室按新要求重新开放。原因：新要求对您更有利" in said
    assert "真实姓名：这一项在新版本里有改动" in said
    assert state()["at"] == "verdict"
    talking.says("好的")
    assert state()["at"] == "field:name"
    talking.says("张三丰")
    assert state()["at"] != "field:name"
    assert queries.view(app_id).outstanding == ()


def test_a_turn_asks_the_database_nothing_more_while_the_version_is_that_on_disk(talking):
    sent = []
    listener = lambda *given: sent.append(given[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    talking.says("13812345678", "跳过")
    talking.nudges()
    event.remove(db.engine, "before_cursor_execute", listener)
    assert sent and not [sql for sql in sent if "FROM pack_version" in sql]
