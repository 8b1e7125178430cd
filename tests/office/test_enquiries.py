"""A question goes into the queue, one person takes it, and the answer reaches the one who asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models import clock as clocks
from models.application.tables import Conversation, Notice, Outbox
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.office import enquiries, masking
from models.office.tables import Enquiry


def conversation(sender="s1", application_id=None):
    now = clocks.current().now()
    made = Conversation(
        channel="webchat",
        sender=sender,
        programme="tiny",
        application_id=application_id,
        created_at=now,
        updated_at=now,
    )
    db.session.add(made)
    db.session.commit()
    return made.id


def ask(question="证书丢了怎么办？", effect="q1", **where):
    asked = enquiries.ask(db.session, programme="tiny", question=question, effect=effect, **where)
    db.session.commit()
    return asked.id


def test_the_same_effect_is_one_question(persistent_world):
    talk = conversation()
    assert ask(conversation_id=talk) == ask(conversation_id=talk)
    assert len(list(db.session.scalars(select(Enquiry)))) == 1


def test_it_goes_to_the_applications_unit_else_to_the_office(world):
    app_id = world.applied("east")
    own, other = ask(effect="a", application_id=app_id), ask(effect="b")
    assert db.session.get(Enquiry, own).unit_id == world.unit("east").id
    assert db.session.get(Enquiry, other).unit_id is None
    with pytest.raises(NotFound):
        enquiries.take(world.staff("east"), other, 1)
    with pytest.raises(NotFound):
        enquiries.take(world.staff("west"), own, 1)
    assert enquiries.take(world.staff("answerer"), other, 1).state == "taken"


def test_only_one_takes_it(persistent_world):
    world = persistent_world
    asked = ask()
    assert enquiries.take(world.staff("office"), asked, 1).state == "taken"
    with pytest.raises(Conflict):
        enquiries.take(world.staff("answerer"), asked, 1)
    assert enquiries.take(world.staff("office"), asked, 1).state == "taken"
    with pytest.raises(Conflict):
        enquiries.release(world.staff("answerer"), asked)
    assert enquiries.release(world.staff("office"), asked).state == "open"


def test_the_answer_reaches_the_conversation_once(persistent_world):
    world = persistent_world
    talk = conversation()
    asked = ask(conversation_id=talk)
    enquiries.answer(asked, world.staff("answerer"), "  请先挂失，凭回执补交。 ", 1)
    (notice,) = db.session.scalars(select(Notice).where(Notice.code == "office.answered"))
    assert notice.conversation_id == talk and notice.text == "请先挂失，凭回执补交。"
    for lang in ("zh", "en"):
        told = wording.say(notice.code, lang, text=notice.text, **notice.params)
        assert "证书丢了怎么办？" in told and "请先挂失" in told
    assert db.session.scalars(select(Outbox).where(Outbox.subject_id == notice.id)).one().job == "deliver_notice"
    version = db.session.get(Enquiry, asked).version
    with pytest.raises(Conflict):
        enquiries.answer(asked, world.staff("answerer"), "再答一次", version)
    assert len(list(db.session.scalars(select(Notice).where(Notice.code == "office.answered")))) == 1


def test_a_question_from_the_web_is_answered_where_the_application_is_carried_on(world):
    app_id = world.applied("east")
    talk = conversation(application_id=app_id)
    asked = ask(application_id=app_id)
    enquiries.answer(asked, world.staff("east"), "可以。", 1)
    notice = db.session.scalars(select(Notice).where(Notice.code == "office.answered")).one()
    assert (notice.application_id, notice.conversation_id) == (app_id, talk)


@pytest.mark.parametrize(("text", "key"), [(" ", "office.answer_empty"), ("长" * 2001, "office.too_long")])
def test_what_will_not_do_as_an_answer(world, text, key):
    asked = ask()
    with pytest.raises(InvalidAnswer) as caught:
        enquiries.answer(asked, world.staff("answerer"), text, 1)
    assert caught.value.key == key
    assert db.session.get(Enquiry, asked).state == "open"


def test_the_pages_take_and_answer(world, sign_in):
    app_id = world.applied("east")
    asked = ask(application_id=app_id, step_key="fact:certificate")
    receipt = world.application(app_id).receipt
    client, colleague = sign_in("east"), sign_in("office")
    assert "证书丢了怎么办" in client.get("/office/enquiries").get_data(as_text=True)
    page = client.get(f"/office/enquiries/{asked}").get_data(as_text=True)
    assert receipt in page and "有高级技师证书吗" in page and "待审核" in page
    part = client.post(f"/office/enquiries/{asked}/take", data={"version": 1}, headers={"HX-Request": "true"})
    assert "east 同志 正在答复" in part.get_data(as_text=True)
    late = colleague.post(f"/office/enquiries/{asked}/take", data={"version": 1}, follow_redirects=True)
    assert "已由同事接手" in late.get_data(as_text=True)
    stale = client.post(f"/office/enquiries/{asked}", data={"version": 1, "answer": "请先挂失。"})
    assert stale.status_code == 409 and "请先挂失。" in stale.get_data(as_text=True)
    version = db.session.get(Enquiry, asked, populate_existing=True).version
    sent = client.post(f"/office/enquiries/{asked}", data={"version": version, "answer": "请先挂失。"})
    assert sent.status_code == 302
    assert "请先挂失。" in colleague.get(f"/office/enquiries/{asked}").get_data(as_text=True)
    assert asked in client.get("/office/enquiries?state=answered").get_data(as_text=True)


def test_an_answerer_sees_the_state_but_not_the_application(world, sign_in):
    app_id = world.applied("east")
    asked = ask(application_id=app_id)
    page = sign_in("answerer").get(f"/office/enquiries/{asked}").get_data(as_text=True)
    assert world.application(app_id).receipt in page and f"/office/applications/{app_id}" not in page


def test_numbers_in_a_question_are_masked_before_it_is_kept(world):
    number = world.number()
    asked = ask(question=f"我的身份证{number}，电话13900001234，能报吗？")
    kept = db.session.get(Enquiry, asked).question
    assert number not in kept and "13900001234" not in kept and kept.endswith("能报吗？")


@given(st.text(max_size=60), st.sampled_from(["id_number", "phone", "text"]))
def test_a_mask_hides_and_keeps_nothing_usable(text, kind):
    masked = masking.mask(kind, text)
    assert bool(masked) == bool(text)
    if len(text) > 1:
        assert masked.count("*") >= min(len(text) - 1, 4) and not masked.endswith(text[1:])


@given(st.text(alphabet="一二abc ,，。", max_size=20), st.text(alphabet="一二abc ,，。", max_size=20))
def test_redaction_leaves_other_words_alone(before, after):
    assert masking.redact(before + after) == before + after
    assert masking.redact(f"{before}13812345678{after}") == f"{before}138****5678{after}"
