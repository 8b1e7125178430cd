"""Who has applied in two programmes: only where both offices want to know, only whoever was told, and never more."""

import pytest
from entered_people import work
from sqlalchemy import select

from models.application import looks, service
from models.application.tables import Application, ConsentRecord
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import elsewhere, scope_elsewhere
from models.office.batch_tables import Comparison, Elsewhere
from models.office.tables import Audit, Staff
from models.unit_of_work import unit_of_work

OTHER = "other"


def office(world, slug="tiny"):
    return world.staff("office" if slug == "tiny" else f"{slug}-office")


def switch_both(world, on=True):
    elsewhere.switch(office(world), OTHER, on)
    elsewhere.switch(office(world, OTHER), "tiny", on)
    work()


def both(world, name="测试甲"):
    number = world.number()
    ours = world.applied("east", name=name, id_number=number)
    theirs = world.applied("east", name=name, id_number=number, slug=OTHER)
    work()
    return ours, theirs


def seen(world, slug="tiny"):
    db.session.rollback()
    return db.session.scalars(scope_elsewhere.rows(office(world, slug)).order_by(Elsewhere.found_at)).all()


@pytest.mark.usefixtures("comparing_packs")
def test_both_offices_have_to_want_it_and_then_each_has_a_row(persistent_world):
    world = persistent_world
    ours, theirs = both(world)
    elsewhere.switch(office(world), OTHER, True)
    work()
    assert seen(world) == [] and not db.session.scalars(select(Elsewhere)).all()
    elsewhere.switch(office(world, OTHER), "tiny", True)
    work()
    (row,), (mirror,) = seen(world), seen(world, OTHER)
    assert (row.application_id, row.other, row.other_id) == (ours, OTHER, theirs)
    assert (mirror.application_id, mirror.other, mirror.other_id) == (theirs, "tiny", ours)
    with unit_of_work() as session:
        elsewhere.keep(session, [("tiny", ours, OTHER, theirs), (OTHER, theirs, "tiny", ours)])
    assert len(db.session.scalars(select(Elsewhere)).all()) == 2
    both(world)  # found at the hand-in
    assert len(seen(world)) == len(seen(world, OTHER)) == 2


@pytest.fixture
def comparing(comparing_packs, world):
    return world


def test_whoever_agreed_to_another_text_is_not_compared(comparing):
    switch_both(comparing)
    number = comparing.number()
    ours = comparing.applied("east", id_number=number)
    for record in db.session.scalars(select(ConsentRecord).where(ConsentRecord.application_id == ours)):
        record.version = 0
    db.session.commit()
    comparing.applied("east", id_number=number, slug=OTHER)
    work()
    assert seen(comparing) == [] and seen(comparing, OTHER) == []


def test_a_programme_whose_consents_name_nobody_cannot_compare(world):
    assert elsewhere.choices(db.session(), office(world)) == []
    with pytest.raises(NotFound):
        elsewhere.switch(office(world), OTHER, True)
    both(world)
    assert db.session.scalars(select(Comparison)).all() == db.session.scalars(select(Elsewhere)).all() == []


def test_ceasing_forgets_what_is_open_and_hides_what_was_settled(comparing):
    switch_both(comparing)
    both(comparing)
    both(comparing)
    first = seen(comparing)[0]
    elsewhere.settle(office(comparing), first.id, first.version, elsewhere.STAND, "两个项目可以同时报")
    elsewhere.switch(office(comparing, OTHER), "tiny", False)
    assert seen(comparing) == [] and seen(comparing, OTHER) == []
    assert [row.state for row in db.session.scalars(select(Elsewhere))] == ["settled"]
    noted = db.session.execute(select(Audit.subject, Audit.reason).where(Audit.action == "compare_programmes")).all()
    assert [tuple(row) for row in noted].count(("programme:tiny", "off")) == 1


def test_each_office_settles_for_itself_and_nothing_follows(comparing):
    switch_both(comparing)
    ours, theirs = both(comparing)
    (row,) = seen(comparing)
    given = row.id, row.version
    for decision, reason in (("", "说明理由"), (elsewhere.END, " ")):
        with pytest.raises(InvalidAnswer):
            elsewhere.settle(office(comparing), *given, decision, reason)
    for who in ("east", "admin", "other-office"):
        with pytest.raises(NotFound):
            elsewhere.settle(comparing.staff(who), *given, elsewhere.END, "说明理由")
    elsewhere.settle(office(comparing), *given, elsewhere.END, "说明理由")
    with pytest.raises(Conflict):
        elsewhere.settle(office(comparing), *given, elsewhere.STAND, "说明理由")
    assert elsewhere.waiting(db.session(), office(comparing)) == 0
    assert elsewhere.waiting(db.session(), office(comparing, OTHER)) == 1
    assert {db.session.get(Application, one).status for one in (ours, theirs)} == {"submitted"}


@pytest.mark.parametrize("leave", [service.delete, lambda app_id: service.withdraw_consent(app_id, "identity")])
def test_whoever_leaves_is_told_of_nowhere(comparing, leave):
    switch_both(comparing)
    _ours, theirs = both(comparing)
    leave(theirs)
    assert seen(comparing) == [] and not db.session.scalars(select(Elsewhere)).all()


def test_the_pages_tell_an_office_how_far_it_is_and_nothing_else(comparing, sign_in):
    client = sign_in("office")
    assert client.post("/office/elsewhere/switch", data={"other": OTHER, "on": "1"}).status_code == 303
    elsewhere.switch(office(comparing, OTHER), "tiny", True)
    ours, theirs = both(comparing)
    unit = db.session.scalar(select(Staff).where(Staff.username == "other-east")).unit_id
    receipt = db.session.get(Application, theirs).receipt
    (row,) = seen(comparing)
    row_id = row.id
    page = client.get("/office/elsewhere").text
    assert db.session.get(Application, ours).receipt in page and "申报中" in page
    shown = client.get(f"/office/elsewhere/{row_id}").text
    for told in (page, shown):
        assert not any(text in told for text in (receipt, theirs, unit))
    (looked,) = (one for one in looks.looks(db.session(), db.session.get(Application, ours)) if one.what == "compared")
    assert looked.unit.office
    service.withdraw(theirs)
    assert "已结束" in client.get(f"/office/elsewhere/{row_id}").text
    late = client.post(f"/office/elsewhere/{row_id}", data={"version": 9, "decision": "stand", "reason": "可以同时报"})
    assert late.status_code == 409 and "可以同时报" in late.text
    sent = {"version": 1, "decision": "stand", "reason": "可以同时报"}
    assert client.post(f"/office/elsewhere/{row_id}", data=sent).status_code == 303
    assert "可以同时报" in client.get(f"/office/elsewhere/{row_id}").text
    assert "两边都可以" in client.get("/office/elsewhere?show=settled").text
    assert sign_in("east").get("/office/elsewhere").status_code == 403
