"""One person entered by a form: the fields of a list's row, a list of one behind it, the person's consent as ever."""

import re

from sqlalchemy import func, select

from models.application import queries
from models.application.tables import Application
from models.extensions import db
from models.office import audit, batch_of_one, confirmations
from models.office.batch_tables import Batch, BatchRow, Confirmation
from models.office.tables import Audit
from models.programme.entry_columns import entry_columns
from models.programme.loader import load_pack

ONE = "/office/entry/one"


def text(answer):
    return answer.get_data(as_text=True)


def given(world, **more):
    sent = {"_form": "f" * 32, "field:name": "测试甲", "field:id_number": world.number(), "claim": "skilled"}
    return {**sent, "fact:certificate": "yes", "fact:merit": "yes", "field:trade": "wood", **more}


def people():
    db.session.rollback()
    return list(db.session.scalars(select(Application).join(Confirmation)))


def test_one_person_is_entered_by_the_form_and_waits_for_consent(world, sign_in):
    client = sign_in("east")
    shown = text(client.get(ONE))
    assert all(f'name="{one.key}"' in shown for one in entry_columns(load_pack(world.slug)))
    done = client.post(ONE, data=given(world, **{"field:mobile": "13900001234"}))
    (application,) = people()
    assert done.location.endswith(f"/office/entry/people/{application.id}")
    view = queries.view(application.id)
    assert application.status == "draft" and tuple(view.answers["claim"]) == ("skilled",)
    assert view.answers["fact:merit"] is True and view.answers["field:mobile"] == "13900001234"
    assert not [key for key in view.answers if key.startswith("consent:")]
    assert confirmations.of_application(application.id).state == "asked"
    page = text(client.get(done.location))
    assert "<svg" in page and "测试甲" in page and "请把下面的链接交给本人确认" in page
    batch, row = db.session.scalar(select(Batch)), db.session.scalar(select(BatchRow))
    assert (batch.state, row.state, row.sealed, row.application_id) == ("entered", "entered", None, application.id)
    noted = dict(
        db.session.execute(select(Audit.action, Audit.reason).where(Audit.subject == f"batch:{batch.id}")).all()
    )
    assert noted == {audit.START_BATCH: "1", audit.ENTER_BATCH: "1"}
    listed = text(client.get("/office/entry"))
    assert "测试甲" in listed and "粘贴的名单" not in listed
    assert "Print the links (1 person)" in text(client.get("/office/entry?lang=en"))
    assert sign_in("west").get(done.location).status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_everything_typed_stays(world, sign_in):
    sent = given(world, **{"field:name": "", "field:id_number": "430401197001010011", "field:trade": "wood"})
    answer = sign_in("east").post(ONE, data=sent)
    shown = text(answer)
    assert answer.status_code == 422 and people() == []
    assert 'value="430401197001010011"' in shown and '<option value="wood" selected>' in shown
    assert re.search(r'value="skilled" checked', shown)
    for field in ("field-name", "field-id_number"):
        assert f'id="{field}-bad"' in shown and f'href="#{field}"' in shown
    assert "请填写姓名。" in shown
    english = text(sign_in("east").post(f"{ONE}?lang=en", data=sent))
    assert "Nobody is entered yet" in english


def test_a_second_press_is_the_same_person_and_another_text_another_one(world, sign_in):
    client, sent = sign_in("east"), given(world)
    first = client.post(ONE, data=sent)
    assert client.post(ONE, data=sent).location == first.location
    again = client.post(ONE, data={**sent, "field:name": "测试乙", "field:id_number": world.number()})
    assert again.location != first.location and len(people()) == 2


def test_the_same_press_in_two_requests_is_one_person(world, monkeypatch):
    texts = {key: value for key, value in given(world).items() if key != "_form"}
    first = batch_of_one.enter(world.staff("east"), "form", texts)
    db.session.rollback()
    looks = iter(["", first.application_id])
    monkeypatch.setattr(batch_of_one, "_entered", lambda *_: next(looks))  # not there yet when it was looked for
    assert batch_of_one.enter(world.staff("east"), "form", texts) == first
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Confirmation)) == 1


def test_who_is_there_already_is_said_here_and_not_where_elsewhere(world, sign_in):
    world.applied("east", id_number=(here := world.number()))
    world.applied("west", id_number=(elsewhere := world.number()))
    client = sign_in("east")
    own = text(client.post(ONE, data=given(world, **{"field:id_number": here})))
    assert "已在本单位申报" in own
    other = text(client.post(ONE, data=given(world, **{"field:id_number": elsewhere})))
    assert world.unit("west").name not in re.search(r'id="problem".*?</div>', other, re.DOTALL)[0]
    assert "已在别的单位申报" in other
    assert people() == []


def test_a_condition_that_is_not_met_and_a_closed_round_are_said_above(world, sign_in, clock):
    client = sign_in("east")
    refused = client.post(ONE, data=given(world, **{"fact:certificate": "no"}))
    assert refused.status_code == 422 and "不符合" in text(refused) and people() == []
    clock.advance(days=60)
    closed = sign_in("east").post(ONE, data=given(world))
    assert closed.status_code == 422 and 'value="测试甲"' in text(closed) and people() == []


def test_only_who_enters_lists_opens_it(world, sign_in):
    assert sign_in("answerer").get(ONE).status_code == 403
    assert sign_in("office").get(ONE).status_code == 200
