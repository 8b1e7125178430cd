"""One's own questions in the browser: what staff ask back is answered there, and 「没解决」 opens it again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.extensions import db
from models.office import enquiries, enquiry_moves, threads
from models.office.staff import create_staff
from models.office.tables import Enquiry, Staff, UnitRow


def test_the_whole_exchange(person: Any, clock: Any) -> None:
    person.to_the_form()
    person.get(person.url("/ask"))
    person.send(person.url("/ask"), {"question": "车停在哪里？", "nonce": "n1", "to_people": "1"})
    with person.app.app_context():
        unit = db.session.scalars(select(UnitRow).where(UnitRow.office)).first()
        assert unit is not None
        create_staff(
            username="bangong",
            password="long-enough-for-tests",
            display_name="办",
            roles=("office",),
            unit_id=unit.id,
        )
        ident = db.session.scalars(select(Enquiry)).one().id
        enquiry_moves.ask_back(_office(), ident, "开什么车来？", 1)
        db.session.remove()
    status = person.get(person.url("/status"))
    assert "开什么车来？" in status and "去回答" in status
    one = person.url(f"/asked/{ident}")
    assert "您的回答" in person.get(one) and "工作人员问" in person.get(one)
    assert "请写下您的话" in person.send(one, {"text": " ", "nonce": "a"})
    assert "已经转给工作人员" in person.send(one, {"text": "小车", "nonce": "a"})
    person.get(one)
    person.send(one, {"text": "小车", "nonce": "a"})
    with person.app.app_context():
        row = db.session.get(Enquiry, ident)
        assert row is not None and [line.kind for line in threads.read(db.session(), row)].count("reply") == 1
        enquiries.answer(ident, _office(), "停在门口。", row.version)
        db.session.remove()
    page = person.get(one)
    assert "停在门口。" in page and "没解决？" in page
    person.send(one, {"text": "门口停满了", "nonce": "b"})
    with person.app.app_context():
        found = db.session.get(Enquiry, ident)
        assert found is not None and found.state == "open"
        enquiries.answer(ident, _office(), "停在对面。", found.version)
        db.session.remove()
    clock.advance(days=15)
    person.get(person.url("/status"))
    assert "请重新提问" in person.get(one)
    assert person.last.status_code == 200
    assert person.client.get(person.url("/asked/nothing")).status_code == 404


def _office() -> Staff:
    return db.session.scalars(select(Staff).where(Staff.username == "bangong")).one()
