"""The applicant's way out leaves nothing personal behind."""

import pytest
from sqlalchemy import func, select, text

from models import crypto
from models.application import queries, service
from models.application.tables import (
    Answer,
    Application,
    ConsentRecord,
    Conversation,
    DocumentPage,
    Inbound,
    Notice,
    Outbox,
)
from models.errors import IllegalTransition, InvalidAnswer, NotFound
from models.extensions import db
from models.office.tables import Enquiry
from models.unit_of_work import unit_of_work


def of(app_id, table):
    return db.session.scalar(select(func.count()).select_from(table).where(table.application_id == app_id))


def talk(app_id, clock):
    """A conversation about the application, with a message and a question."""
    now = clock.now()
    conversation = Conversation(
        channel="webchat", sender="s1", application_id=app_id, state={"row": "half"}, created_at=now, updated_at=now
    )
    db.session.add(conversation)
    db.session.flush()
    db.session.add(Inbound(conversation_id=conversation.id, dedupe_key="d", sealed=b"x", reply=b"y", at=now))
    asked = {"programme": "tiny", "question": "我的证书算吗", "created_at": now}
    db.session.add(Enquiry(application_id=app_id, effect="e1", **asked))
    db.session.add(Enquiry(conversation_id=conversation.id, effect="before there was an application", **asked))
    db.session.commit()
    return conversation.id


def test_withdrawn_is_free_to_apply_anew(people):
    app_id = people.submitted()
    assert service.withdraw(app_id).status == "withdrawn"
    assert db.session.get(Application, app_id).person_index is None
    with pytest.raises(IllegalTransition):
        service.withdraw(app_id)
    with pytest.raises(InvalidAnswer):
        service.record(app_id, {"field:name": "测试乙"}, "web")
    people.submitted()


def test_an_approved_application_is_not_withdrawn_but_its_consent_may_be(people):
    app_id = people.submitted()
    service.approve(app_id, 1, people.version(app_id), "同意")
    with pytest.raises(IllegalTransition):
        service.withdraw(app_id)
    db.session.rollback()
    assert service.withdraw_consent(app_id, "identity").status == "withdrawn"


def test_deletion_leaves_nothing_personal(people, clock, persistent_core_app):
    app_id = people.submitted()
    returned = [service.ReturnedItem("field:name", "测试甲的姓名与证件不符")]
    service.return_items(app_id, returned, 1, people.version(app_id))
    code = db.session.get(Application, app_id).receipt
    conversation_id = talk(app_id, clock)
    service.delete(app_id)

    for table in (Answer, Notice, Enquiry):
        assert of(app_id, table) == 0
    assert db.session.scalar(select(func.count()).select_from(Enquiry)) == 0
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 0
    assert db.session.get(Conversation, conversation_id).state == {}
    assert [p for p in (persistent_core_app.config["BOLE"].data / "files").rglob("*") if p.is_file()] == []
    pages = db.session.scalars(select(DocumentPage).where(DocumentPage.application_id == app_id)).all()
    assert {(p.upload_key, p.image_key, p.sha256) for p in pages} == {(None, None, "")}

    application = db.session.get(Application, app_id)
    assert (application.status, application.name, application.person_index) == ("deleted", None, None)
    assert application.categories == []
    with pytest.raises(NotFound):
        queries.by_receipt(code)
    assert [e.type for e in queries.view(app_id).events][-1] == "deleted"
    assert service.delete(app_id).status == "deleted"  # again: no error
    index = crypto.ring().blind_index(people.number(), "person")
    for name in ("application", "event", "outbox", "document_page"):
        for row in db.session.execute(text(f'SELECT * FROM "{name}"')).all():
            assert index not in str(row) and people.number() not in str(row) and "测试甲" not in str(row)


def test_deletion_reaches_what_was_said_before_the_conversation_went_on(people, clock):
    """Withdrawn, begun anew in the same chat, and then the first one deleted: its messages go, the second's stay."""
    first = people.start()
    conversation = db.session.get(Conversation, talk(first, clock))
    service.withdraw(first)
    second = people.start()
    conversation.application_id = second
    db.session.query(Inbound).update({"application_id": first})
    said = {"conversation_id": conversation.id, "sealed": b"x", "reply": b"y", "at": clock.now()}
    db.session.add(Inbound(dedupe_key="second", application_id=second, **said))
    db.session.commit()
    service.delete(first)
    assert db.session.scalars(select(Inbound.dedupe_key)).all() == ["second"]


def test_a_deleted_application_leaves_its_units_workbook(people, clock):
    app_id = people.submitted()
    db.session.execute(text("DELETE FROM outbox"))
    db.session.commit()
    service.delete(app_id)
    assert db.session.scalar(select(Outbox.job)) == "assemble_workbook"


def test_a_draft_deleted_reaches_no_workbook(people):
    app_id = people.start()
    service.delete(app_id)
    assert db.session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_without_a_required_consent_the_application_ends_and_its_data_go(people):
    app_id = people.submitted()
    assert service.withdraw_consent(app_id, "identity").status == "withdrawn"
    assert (of(app_id, Answer), of(app_id, Notice)) == (0, 0)
    given = db.session.scalars(select(ConsentRecord).where(ConsentRecord.application_id == app_id)).all()
    assert [c.withdrawn_at is not None for c in given] == [True]
    assert "身份信息" in queries.timeline(queries.view(app_id), "zh")[-1].text


def test_without_an_optional_consent_the_application_goes_on(people):
    app_id = people.start()
    people.fill(app_id, **{"consent:news": True})
    assert service.withdraw_consent(app_id, "news").status == "draft"
    view = queries.view(app_id)
    assert "consent:news" not in view.answers
    assert view.answers["field:name"] == "测试甲"
    with pytest.raises(InvalidAnswer):
        service.withdraw_consent(app_id, "unheard_of")


def test_a_chat_may_go_on_in_the_transaction_that_deletes(people, clock):
    app_id = people.start()
    conversation_id = talk(app_id, clock)
    with unit_of_work() as session:
        conversation = session.get(Conversation, conversation_id)
        service.delete(app_id)
        conversation.state = {"said": "goodbye"}
    assert db.session.get(Conversation, conversation_id).state == {"said": "goodbye"}
