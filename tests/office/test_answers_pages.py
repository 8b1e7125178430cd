"""Approving an answer for everybody, from the answered question to the list, in both languages."""

import pytest
from sqlalchemy import select

from models.extensions import db
from models.office import approved, enquiries
from models.office.tables import ApprovedAnswer

WRITTEN = {"question": "证书丢了怎么办？", "answer": "凭补办回执交。", "answer_en": "", "clause": "一"}


@pytest.fixture
def asked(world):
    """An answered question of somebody in the east."""
    put = enquiries.ask(db.session, programme="tiny", question="我的证书丢了怎么办？", effect="q")
    db.session.commit()
    enquiries.answer(put.id, world.staff("answerer"), "凭补办回执交。", put.version)
    return put.id


def kept():
    db.session.rollback()
    return db.session.scalar(select(ApprovedAnswer))


def test_from_the_answered_question_to_the_list_and_out_again(sign_in, asked):
    office = sign_in("office")
    assert f"/office/enquiries/{asked}/approve" in office.get(f"/office/enquiries/{asked}").get_data(as_text=True)
    form = office.get(f"/office/enquiries/{asked}/approve").get_data(as_text=True)
    assert "我的证书丢了怎么办？" in form and "凭补办回执交。" in form and '<option value="一"' in form
    assert office.post(f"/office/enquiries/{asked}/approve", data=WRITTEN).location == "/office/answers"
    row = kept()
    assert "证书丢了怎么办？" in office.get("/office/answers").get_data(as_text=True)
    assert office.get(f"/office/enquiries/{asked}/approve").location.endswith(f"/office/answers/{row.id}")
    page = office.get(f"/office/answers/{row.id}").get_data(as_text=True)
    assert "具有高级技师证书" in page and "正在给出" in page
    done = office.post(f"/office/answers/{row.id}/withdraw", data={"version": row.version})
    assert done.location == "/office/answers?state=withdrawn"
    assert "证书丢了怎么办？" in office.get("/office/answers?state=withdrawn").get_data(as_text=True)
    assert "这里还没有答复" in office.get("/office/answers").get_data(as_text=True)


def test_others_see_no_way_to_it(sign_in, asked):
    answerer = sign_in("answerer")
    page = answerer.get(f"/office/enquiries/{asked}").get_data(as_text=True)
    assert "/approve" not in page and "/office/answers" not in page
    assert answerer.post(f"/office/enquiries/{asked}/approve", data=WRITTEN).status_code == 404


def test_what_looks_like_a_person_is_confirmed_first(sign_in, asked):
    office = sign_in("office")
    named = WRITTEN | {"question": "张建国的证书丢了怎么办？"}
    warned = office.post(f"/office/enquiries/{asked}/approve", data=named)
    assert warned.status_code == 422 and "姓名或称呼" in warned.get_data(as_text=True) and kept() is None
    assert "张建国的证书" in warned.get_data(as_text=True), "what was written is kept"
    assert office.post(f"/office/enquiries/{asked}/approve", data=named | {"sure": "1"}).status_code == 302
    assert kept().question.startswith("张建国")


@pytest.mark.parametrize("wrong", [{"clause": ""}, {"clause": "九"}, {"answer": " "}, {"question": ""}])
def test_what_cannot_be_kept_is_said_and_stays_on_the_page(sign_in, asked, wrong):
    told = sign_in("office").post(f"/office/enquiries/{asked}/approve", data=WRITTEN | wrong)
    assert told.status_code == 422 and 'role="alert"' in told.get_data(as_text=True) and kept() is None


def test_a_change_meanwhile_is_said(world, sign_in, asked):
    row = approved.approve(world.staff("office"), asked, approved.Draft(**WRITTEN))
    address, version = f"/office/answers/{row.id}", row.version
    office = sign_in("office")
    assert office.post(address, data=WRITTEN | {"version": version, "answer": "甲"}).status_code == 302
    told = office.post(address, data=WRITTEN | {"version": version, "answer": "乙"})
    assert told.status_code == 409 and "已有变动" in told.get_data(as_text=True) and kept().answer == "甲"
    office.post(f"{address}/withdraw", data={"version": version})
    assert kept().withdrawn_at is None


def test_one_put_aside_says_so_and_is_approved_again(world, sign_in, asked):
    row = approved.approve(world.staff("office"), asked, approved.Draft(**WRITTEN))
    row.clause_hash = "0" * 64
    db.session.commit()
    address, version = f"/office/answers/{row.id}", row.version
    office = sign_in("office")
    assert "证书丢了怎么办？" in office.get("/office/answers?state=aside").get_data(as_text=True)
    page = office.get(f"{address}?lang=en").get_data(as_text=True)
    assert "has been put aside" in page and "Approve again" in page
    assert office.post(address, data=WRITTEN | {"version": version}).status_code == 302
    assert "证书丢了怎么办？" in office.get("/office/answers").get_data(as_text=True)


def test_the_clause_that_the_answer_quotes_is_chosen_beforehand(world, sign_in):
    put = enquiries.ask(db.session, programme="tiny", question="要什么证书？", effect="q2")
    db.session.commit()
    enquiries.answer(put.id, world.staff("answerer"), "通知一（条件）：“具有高级技师证书，或者有突出贡献”", put.version)
    form = sign_in("office").get(f"/office/enquiries/{put.id}/approve").get_data(as_text=True)
    assert '<option value="一" selected' in form
