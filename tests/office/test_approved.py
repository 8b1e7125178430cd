"""An answer approved once for everybody: masked, tied to a clause's words, put aside when they change, withdrawn."""

from datetime import date

import pytest
from sqlalchemy import select

from models.application import ending
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import answering, approved, enquiries
from models.office.approved import Draft
from models.office.tables import ApprovedAnswer, Audit
from models.programme import idnumber
from models.programme.loader import load_pack
from models.programme.pack import Clause

ANSWER = Draft("证书丢了怎么办？", "凭补办回执交。", "Hand in the receipt of the new one.", "一")


def answered(world, effect="q1", **where):
    asked = enquiries.ask(db.session, programme="tiny", question="我的证书丢了怎么办？", effect=effect, **where)
    db.session.commit()
    enquiries.answer(asked.id, world.staff("answerer"), "凭补办回执交。", asked.version)
    return asked.id


def pack_with(quote):
    """The pack as a new version that words its first clause otherwise."""
    pack = load_pack("tiny")
    clauses = tuple(c.model_copy(update={"quote": quote}) if c.ref == "一" else c for c in pack.clauses)
    return pack.model_copy(update={"clauses": clauses})


def test_it_is_given_until_it_is_withdrawn_and_again_when_it_is_revised(persistent_world):
    office, pack = persistent_world.staff("office"), load_pack("tiny")
    row = approved.approve(office, answered(persistent_world), ANSWER)
    assert [one.id for one in approved.given(db.session, pack)] == [row.id]
    found = answering.look(db.session, pack, "证书丢了，怎么办", "zh")
    assert found is not None and found.approved == row.id
    approved.withdraw(office, row.id, row.version)
    assert approved.given(db.session, pack) == [] and approved.state(row, pack) == "withdrawn"
    assert answering.look(db.session, pack, "证书丢了，怎么办", "zh") is None
    approved.revise(office, row.id, ANSWER, row.version)
    assert approved.state(row, pack) == "given"
    done = [line.action for line in db.session.scalars(select(Audit).where(Audit.subject == f"answer:{row.id}"))]
    assert sorted(done) == ["approve_answer", "approve_answer", "withdraw_answer"]


def test_other_words_of_its_clause_put_it_aside(world):
    row = approved.approve(world.staff("office"), answered(world), ANSWER)
    assert approved.state(row, pack_with("具有技师证书")) == "aside"
    assert approved.given(db.session, pack_with("具有技师证书")) == []
    same = pack_with("具有高级技师证书，或者有突出贡献")
    assert [one.id for one in approved.given(db.session, same)] == [row.id]
    gone = same.model_copy(update={"clauses": tuple(c for c in same.clauses if c.ref != "一")})
    assert approved.state(row, gone) == "aside"


def test_the_digest_is_of_the_clauses_own_words():
    clause = Clause(ref="一", heading="条件", quote="甲")
    assert approved.clause_hash(clause) == approved.clause_hash(clause.model_copy(update={"open": "原因"}))
    for change in ({"quote": "乙"}, {"heading": "范围"}, {"ref": "二"}):
        assert approved.clause_hash(clause) != approved.clause_hash(clause.model_copy(update=change))


def test_numbers_are_masked_and_what_looks_like_a_person_is_named(world):
    number = idnumber.make("430400", date(1980, 5, 6), 12)
    draft = Draft(f"{number} 的证书丢了", "请打13812345678", "", "一")
    assert approved.doubts(draft) == ["office.doubt_number"]
    row = approved.approve(world.staff("office"), answered(world), draft)
    assert number not in row.question and "12345678" not in row.answer
    assert approved.doubts(ANSWER) == []
    assert approved.doubts(Draft("张建国的证书", "好", "", "一")) == ["office.doubt_name"]
    assert approved.doubts(Draft("问", "请找李老师", "", "一")) == ["office.doubt_name"]


@pytest.mark.parametrize(
    "draft",
    [
        Draft(" ", "答", "", "一"),
        Draft("问", "", "", "一"),
        Draft("问", "答", "", "九"),
        Draft("问" * 301, "答", "", "一"),
        Draft("问", "答" * 2001, "", "一"),
        Draft("问", "答", "a" * 2001, "一"),
    ],
)
def test_what_cannot_be_kept_is_refused(world, draft):
    with pytest.raises(InvalidAnswer):
        approved.approve(world.staff("office"), answered(world), draft)
    db.session.rollback()
    assert db.session.scalar(select(ApprovedAnswer)) is None


def test_only_an_answered_question_and_only_once(persistent_world):
    world = persistent_world
    waiting = enquiries.ask(db.session, programme="tiny", question="问？", effect="w")
    db.session.commit()
    with pytest.raises(Conflict):
        approved.approve(world.staff("office"), waiting.id, ANSWER)
    asked = answered(world)
    approved.approve(world.staff("office"), asked, ANSWER)
    with pytest.raises(Conflict):
        approved.approve(world.staff("office"), asked, ANSWER)


def test_a_change_meanwhile_is_told(persistent_world):
    office = persistent_world.staff("office")
    row = approved.approve(office, answered(persistent_world), ANSWER)
    seen = row.version
    approved.withdraw(office, row.id, seen)
    for change in (
        lambda: approved.withdraw(office, row.id, seen),
        lambda: approved.revise(office, row.id, ANSWER, seen),
    ):
        with pytest.raises(Conflict):
            change()


def test_it_is_the_offices_and_of_its_own_programme(world):
    row = approved.approve(world.staff("office"), answered(world), ANSWER)
    for other in ("east", "answerer", "admin", "other-office"):
        with pytest.raises(NotFound):
            approved.withdraw(world.staff(other), row.id, row.version)
    with pytest.raises(NotFound):
        approved.approve(world.staff("other-office"), answered(world, "q2"), ANSWER)


def test_it_outlives_the_question_of_a_person_who_has_everything_deleted(persistent_world):
    world = persistent_world
    app_id = world.applied("east")
    asked = enquiries.ask(db.session, programme="tiny", question="问？", effect="q", application_id=app_id)
    db.session.commit()
    enquiries.answer(asked.id, world.staff("office"), "好", asked.version)
    row_id = approved.approve(world.staff("office"), asked.id, ANSWER).id
    ending.delete_application(app_id)
    db.session.expire_all()
    assert db.session.get(ApprovedAnswer, row_id).enquiry_id is None
    assert len(approved.given(db.session, load_pack("tiny"))) == 1
