"""Whoever decides a case asks its person: nothing is returned, and the answer comes back beside the case."""

import pytest
from sqlalchemy import func, select

from models.application.tables import Notice
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import enquiry_asking, enquiry_list, enquiry_moves, enquiry_queue, enquiry_replies, threads
from models.office.tables import Audit, Enquiry

QUESTION = "证书上的名字和身份证不一样，改过名吗？"


def row(ident):
    return db.session.get(Enquiry, ident, populate_existing=True)


def test_the_person_is_asked_answers_and_it_is_closed_without_another_word(persistent_world, clock):
    world = persistent_world
    app_id, east = world.applied("east"), world.staff("east")
    before = world.application(app_id).version
    ident = enquiry_asking.ask_person(east, app_id, f" {QUESTION} ", "n1").id
    assert enquiry_asking.ask_person(east, app_id, QUESTION, "n1").id == ident, "pressed twice, asked once"
    found = world.application(app_id)
    assert (found.status, found.version) == ("submitted", before), "the case is as it was"
    assert [(line.kind, line.text) for line in threads.shared(db.session(), row(ident))] == [("ask_back", QUESTION)]
    assert enquiry_queue.waiting(db.session(), None, app_id, "zh") == [f"工作人员问您，在等您的回答：{QUESTION}"]
    assert enquiry_list.waiting(east, clock.now()).all == 0, "it is the person's turn"
    assert db.session.scalar(select(func.count(Audit.id)).where(Audit.action == "ask_person")) == 1
    enquiry_replies.write(db.session(), row(ident), "前年改的名")
    db.session.commit()
    assert [one.id for one in enquiry_list.view(east, "mine", clock.now()).rows] == [ident]
    assert [(one.state, one.said) for one in enquiry_asking.of_case(east, app_id)] == [("open", "前年改的名")]
    with pytest.raises(InvalidAnswer):
        enquiry_moves.close(east, ident, "elsewhere", row(ident).version)
    enquiry_moves.close(east, ident, "known", row(ident).version)
    codes = db.session.scalars(select(Notice.code).where(Notice.code.like("office.%")).order_by(Notice.created_at))
    assert list(codes) == ["office.asked_ours", "office.closed_ours"]


def test_only_who_decides_the_case_asks_and_only_with_words(world):
    app_id = world.applied("east")
    for username in ("west", "answerer", "other-office"):
        with pytest.raises(NotFound):
            enquiry_asking.ask_person(world.staff(username), app_id, QUESTION, "n1")
    for text in (" ", "长" * 2001):
        with pytest.raises(InvalidAnswer):
            enquiry_asking.ask_person(world.staff("office"), app_id, text, "n1")
    assert enquiry_asking.ask_person(world.staff("office"), app_id, QUESTION, "n1").unit_id is None
    assert enquiry_asking.of_case(world.staff("west"), app_id) == []


def test_a_question_of_the_persons_own_is_not_closed_as_known(world):
    asked = Enquiry(
        programme="tiny", question="q", effect="web:1", created_at=world.application(world.applied()).created_at
    )
    assert "known" not in enquiry_moves.reasons(asked)


def test_from_the_case_and_beside_it(world, sign_in):
    app_id = world.applied("east")
    db.session.commit()
    east = sign_in("east")
    page = east.get(f"/office/applications/{app_id}/ask").get_data(as_text=True)
    assert "申报不退回" in page
    refused = east.post(f"/office/applications/{app_id}/ask", data={"text": "", "nonce": "a"})
    assert refused.status_code == 422
    sent = east.post(f"/office/applications/{app_id}/ask", data={"text": QUESTION, "nonce": "a"})
    assert sent.location.endswith(f"/office/applications/{app_id}")
    case = east.get(sent.location).get_data(as_text=True)
    assert "与申报人的问答" in case and QUESTION in case and "等对方回答" in case
    thread = east.get(f"/office/enquiries/{db.session.scalar(select(Enquiry.id))}").get_data(as_text=True)
    assert "已经了解，不用再答" in thread and "已在电话或当面答复" not in thread and ">提问<" not in thread
