"""Recording answers: validated, sealed where sensitive, kept over errors, reopened only where the office said."""

import json

import pytest
from sqlalchemy import select, text

from models import crypto
from models.application import queries, service
from models.application.service import ReturnedItem
from models.application.tables import Answer, Application, ConsentRecord
from models.errors import InvalidAnswer, NotFound, NotOpen
from models.extensions import db
from models.programme import loader


def row(app_id, key):
    return db.session.scalar(
        select(Answer)
        .where(Answer.application_id == app_id, Answer.key == key)
        .execution_options(populate_existing=True)
    )


def test_an_unknown_application_is_not_found(people):
    with pytest.raises(NotFound):
        service.record("0" * 32, {"consent:identity": True}, "web")
    with pytest.raises(NotFound):
        queries.view("0" * 32)


def test_sensitive_answers_are_sealed_and_come_back(people):
    app_id = people.start()
    people.fill(app_id)
    for key in ("field:id_number", "field:mobile"):  # a phone is sealed though the pack does not say so
        stored = row(app_id, key)
        assert stored.value is None
        assert people.number().encode() not in stored.sealed
    assert row(app_id, "field:name").sealed is None

    view = queries.view(app_id)
    assert view.answers["field:id_number"] == people.number()
    assert view.sealed_keys == {"field:id_number", "field:mobile"}
    assert view.answers["claim"] == ("skilled",)


def test_a_sealed_answer_does_not_open_in_another_row(people):
    one, two = people.start(), people.start()
    people.fill(one)
    envelope = row(one, "field:id_number").sealed
    with pytest.raises(crypto.Damaged):
        crypto.ring().open(envelope, f"answer:{two}:field:id_number")


def test_no_personal_value_stands_in_plain_anywhere_in_the_database(people):
    app_id = people.submitted()
    service.return_items(app_id, [ReturnedItem("field:mobile", "核对")], 1, people.version(app_id))
    for table in db.metadata.sorted_tables:
        for stored in db.session.execute(text(f'SELECT * FROM "{table.name}"')).mappings():
            shown = json.dumps({k: v for k, v in stored.items() if not isinstance(v, (bytes, memoryview))}, default=str)
            blobs = b"".join(bytes(v) for v in stored.values() if isinstance(v, (bytes, memoryview)))
            for secret in (people.number(), "13900000000"):
                assert secret not in shown and secret.encode() not in blobs, table.name


def test_record_is_all_or_nothing(people):
    app_id = people.start()
    people.fill(app_id)
    with pytest.raises(InvalidAnswer):
        service.record(app_id, {"field:name": "测试乙", "field:trade": "没有这行"}, "web")
    db.session.expire_all()
    assert queries.view(app_id).answers["field:name"] == "测试甲"


def test_save_partial_keeps_what_is_valid_and_gives_back_the_rest(people):
    app_id = people.start()
    people.fill(app_id)
    refused = service.save_partial(app_id, {"field:name": "测试乙", "field:id_number": "123"}, "web")
    assert set(refused) == {"field:id_number"}
    view = queries.view(app_id)
    assert view.answers["field:name"] == view.application.name == "测试乙"
    assert view.answers["field:id_number"] == people.number()


def test_a_form_may_send_a_field_before_the_one_that_brings_it_up(people):
    app_id = people.start()
    people.fill(app_id)
    assert service.save_partial(app_id, {"field:metal_kind": "铜", "field:trade": "metal"}, "web") == {}
    assert queries.view(app_id).answers["field:metal_kind"] == "铜"


def test_what_is_not_asked_is_refused(people):
    app_id = people.start()
    with pytest.raises(InvalidAnswer) as caught:
        service.record(app_id, {"field:name": "测试甲"}, "web")
    assert caught.value.key == "error.not_asked"


def test_forgotten_answers_are_asked_again(people):
    app_id = people.start()
    people.fill(app_id)
    service.forget(app_id, ["field:name", "consent:identity"], "web")
    view = queries.view(app_id)
    assert "field:name" not in view.answers
    assert view.application.name is None
    assert view.plan.step.key == "consent:identity"


def test_a_consent_is_kept_with_its_version_and_asked_again_for_a_new_text(people, tiny_packs):
    app_id = people.start()
    service.record(app_id, {"consent:identity": True}, "chat")
    service.record(app_id, {"consent:identity": True}, "web")  # said twice, given once
    given = db.session.scalars(select(ConsentRecord).where(ConsentRecord.application_id == app_id)).all()
    assert [(c.consent, c.version, c.door, c.withdrawn_at) for c in given] == [("identity", 1, "chat", None)]

    programme = tiny_packs / "tiny" / "programme.toml"
    programme.write_text(programme.read_text("utf-8").replace("version = 1", "version = 2", 1), "utf-8")
    loader.load_pack.cache_clear()
    assert "consent:identity" not in queries.view(app_id).answers


def test_closed_and_not_yet_open_say_when(people, clock):
    from datetime import date

    clock.set_day(date(2026, 10, 31))
    with pytest.raises(NotOpen) as early:
        people.start()
    assert (early.value.key, early.value.params["opens"]) == ("error.not_open_yet", date(2026, 11, 1))
    clock.set_day(date(2027, 1, 1))
    with pytest.raises(NotOpen) as late:
        people.start()
    assert (late.value.key, late.value.params["closes"]) == ("error.closed", date(2026, 12, 31))


def test_resume_by_link_and_by_receipt_however_typed(people):
    started = service.start("tiny", "web", "zh")
    app_id, code = started.application.id, started.application.receipt
    assert queries.by_resume_token(started.resume_token).id == app_id
    assert queries.by_receipt(f" {code.lower().replace('-', ' ')} ").id == app_id
    assert started.resume_token not in str(
        db.session.execute(select(Application.__table__).where(Application.id == app_id)).one()
    )
    for wrong in ("BL-2222-2222X", code[:-1], ""):
        with pytest.raises(NotFound):
            queries.by_receipt(wrong)
    with pytest.raises(NotFound):
        queries.by_resume_token("x" + started.resume_token)


def test_only_what_was_returned_reopens(people):
    app_id = people.submitted()
    with pytest.raises(InvalidAnswer) as locked:
        service.record(app_id, {"field:name": "测试乙"}, "web")
    assert locked.value.key == "error.not_editable"

    items = [ReturnedItem("field:name", "与证件不符"), ReturnedItem("document:card", "反面看不清")]
    service.return_items(app_id, items, 1, people.version(app_id))
    view = queries.view(app_id)
    assert view.editable
    assert view.outstanding == ("field:name", "document:card")
    assert view.returned_reasons["document:card"] == "反面看不清"
    with pytest.raises(InvalidAnswer) as other:
        service.record(app_id, {"field:trade": "metal"}, "web")
    assert other.value.key == "error.not_returned"
    with pytest.raises(InvalidAnswer):
        service.forget(app_id, ["field:mobile"], "web")
    with pytest.raises(InvalidAnswer):
        service.add_page(app_id, "extra", b"\xff\xd8\xff" + b"0" * 9, "other", "web")

    service.record(app_id, {"field:name": "测试丙"}, "web")
    assert queries.view(app_id).outstanding == ("document:card",)


def test_what_a_correction_brings_up_may_be_answered_though_it_was_not_returned(people):
    app_id = people.submitted()
    service.return_items(app_id, [ReturnedItem("field:trade", "请核对")], 1, people.version(app_id))
    service.record(app_id, {"field:trade": "metal"}, "web")
    service.record(app_id, {"field:metal_kind": "铜"}, "web")
    assert service.submit(app_id, "web").status == "submitted"
    assert [e.type for e in queries.view(app_id).events][-1] == "corrected"
