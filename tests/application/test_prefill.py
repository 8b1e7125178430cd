"""What was read on the ID card, confirmed: once, whole or not at all, and never over what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
import two_programmes
from flask import Flask
from sqlalchemy import select
from two_programmes import CARVERS, ID_NUMBER, JPEG
from waiting import PATIENCE

from models.application import prefill, queries, readings, service
from models.application.tables import DocumentPage, Event
from models.documents.reading import Found
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.unit_of_work import unit_of_work
from tests.support.readings import read


@pytest.fixture
def app_id(monkeypatch: pytest.MonkeyPatch, persistent_app: Flask) -> Iterator[str]:
    """A carver whose card has been read and who has filled in nothing; on each database."""
    persistent_app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch), persistent_app.app_context():
        two_programmes.open_rounds()
        made = service.start(CARVERS, "web", "zh").application.id
        given = two_programmes.carver_answers()
        service.record(made, {key: one for key, one in given.items() if not key.startswith("field:")}, "web")
        for number in range(2):
            service.add_page(made, "id_card", JPEG + bytes([number]), f"k{number}", "web")
        with unit_of_work() as session:
            first = session.scalars(select(DocumentPage).order_by(DocumentPage.position)).first()
            assert first is not None
            proven = Found(ID_NUMBER, ID_NUMBER, trusted=True, score=0.99)
            readings.save(session, first, read("id_front", name="测试乙", id_number=proven), "a test")
        yield made
        db.session.remove()


def now(app_id: str) -> prefill.Prefill:
    db.session.expire_all()
    found = prefill.prefill(queries.view(app_id))
    assert found is not None
    return found


def answers(app_id: str) -> dict[str, Any]:
    db.session.expire_all()
    return {key: value for key, value in queries.view(app_id).answers.items() if key.startswith("field:")}


def test_all_or_none(app_id: str) -> None:
    shown = now(app_id)
    assert shown.stage == "ready" and prefill.is_due(shown)
    refused = prefill.accept(app_id, {**shown.confirmable, "field:id_number": "123"}, shown.mark, "web")
    assert set(refused) == {"field:id_number"} and answers(app_id) == {} and prefill.is_due(now(app_id))
    assert prefill.accept(app_id, shown.confirmable, shown.mark, "web") == {}
    assert answers(app_id) == {"field:name": "测试乙", "field:id_number": ID_NUMBER, "field:birth_date": "1970-03-05"}


def test_what_was_not_offered_is_not_recorded(app_id: str) -> None:
    shown = now(app_id)
    prefill.accept(
        app_id, {**shown.confirmable, "field:employer": "别处", "consent:identity": False}, shown.mark, "web"
    )
    assert "field:employer" not in answers(app_id) and queries.view(app_id).answers["consent:identity"] is True


def test_an_offer_that_has_changed_is_not_the_one_confirmed(app_id: str) -> None:
    shown = now(app_id)
    service.record(app_id, {"field:name": "测试丙"}, "chat")
    with pytest.raises(Conflict):
        prefill.accept(app_id, shown.confirmable, shown.mark, "web")
    assert answers(app_id) == {"field:name": "测试丙"}


def test_a_turned_page_is_read_again_before_it_is_confirmed(app_id: str) -> None:
    shown = now(app_id)
    with unit_of_work() as session:
        for page in session.scalars(select(DocumentPage)):
            page.turn += 1
    assert now(app_id).stage == "reading"
    with pytest.raises(Conflict):
        prefill.accept(app_id, shown.confirmable, shown.mark, "web")


def test_twice_at_once_records_once(app_id: str, persistent_app: Flask) -> None:
    shown, barrier, problems = now(app_id), Barrier(2), []
    db.session.remove()

    def press() -> None:
        with persistent_app.app_context():
            barrier.wait(PATIENCE)
            problems.append(prefill.accept(app_id, shown.confirmable, shown.mark, "web"))
            db.session.remove()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert problems == [{}, {}]
    assert len(db.session.scalars(select(Event).where(Event.type == "prefilled")).all()) == 1


def test_a_no_is_kept_once_and_a_later_yes_still_counts(app_id: str) -> None:
    prefill.decline(app_id, "chat")
    prefill.decline(app_id, "web")
    shown = now(app_id)
    assert shown.asked and not prefill.is_due(shown)
    prefill.accept(app_id, shown.confirmable, shown.mark, "web")
    kinds = [event.type for event in queries.view(app_id).events]
    assert kinds.count("prefill_declined") == kinds.count("prefilled") == 1


def test_a_refused_consent_offers_nothing(app_id: str) -> None:
    service.withdraw_consent(app_id, "identity")
    assert prefill.prefill(queries.view(app_id)) is None


def test_after_the_end_nothing_is_recorded(app_id: str) -> None:
    shown = now(app_id)
    service.withdraw(app_id)
    with pytest.raises(InvalidAnswer):
        prefill.accept(app_id, shown.confirmable, shown.mark, "web")
    prefill.decline(app_id, "web")
    assert [event.type for event in queries.view(app_id).events][-1] == "withdrawn"
