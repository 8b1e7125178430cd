"""A way in has closed: said at the hand-in, never a refusal, nothing lost, changed with one answer."""

from datetime import date

import pytest
import two_ways
from sqlalchemy import select
from two_ways import AFTER, BY_UNIT, LAST_DAY, OWN, SLUG, WAY

from models.application import queries, rounds, service, ways
from models.application.tables import ConsentRecord
from models.errors import InvalidAnswer, WayClosed
from models.extensions import db
from models.interview import wording
from models.interview.steps import Ready, ShowVerdict
from models.office.tables import UnitRow
from models.programme.loader import load_pack

CONSENT = "unit_report"


@pytest.fixture
def open_all_year(persistent_core_app, clock):
    clock.set_day(LAST_DAY)
    with persistent_core_app.app_context():
        two_ways.open_programme()
        yield
        db.session.rollback()


@pytest.fixture
def draft(open_all_year):
    """Somebody whose unit reports them, ready to be handed in on the last day of that way."""
    app_id = two_ways.start()
    two_ways.lead(app_id, BY_UNIT)
    return app_id


def consents(app_id):
    query = select(ConsentRecord.version).where(
        ConsentRecord.application_id == app_id, ConsentRecord.consent == CONSENT, ConsentRecord.withdrawn_at.is_(None)
    )
    return list(db.session.scalars(query))


def collector(app_id):
    return db.session.get_one(UnitRow, queries.view(app_id).application.unit_id).code


def test_on_its_last_day_the_way_is_open(draft):
    assert queries.view(draft).closed_way is None
    service.submit(draft, "web")
    assert collector(draft) == "human-resources-bureau"


def test_a_day_later_the_hand_in_says_so_and_loses_nothing(draft, clock):
    clock.set_day(AFTER)
    before = queries.view(draft).answers
    with pytest.raises(WayClosed) as caught:
        service.submit(draft, "web")
    kept = queries.view(draft)
    assert (kept.application.status, kept.answers) == ("draft", before)
    assert isinstance(kept.plan.step, Ready)
    assert wording.error(caught.value, "zh") == (
        "“单位统一报送”这种方式已于2021年4月30日截止，申报本身没有截止：您还可以改为“个人申报”。已经填的都保存着。"
    )
    assert "closed on 30 April 2021" in wording.error(caught.value, "en")
    assert wording.error(caught.value, "en") == kept.closed_way.sentence("en")


def test_one_answer_changes_the_way_and_the_verdict_that_was_read_stands(draft, clock):
    clock.set_day(AFTER)
    before = queries.view(draft).answers
    service.change_way(draft, OWN, "web")
    kept = queries.view(draft)
    assert kept.closed_way is None
    assert "verdict" in kept.plan.answered
    changed = {key for key in before | kept.answers if before.get(key) != kept.answers.get(key)}
    assert changed == {WAY, "verdict", f"consent:{CONSENT}"}
    two_ways.lead(draft, OWN)  # the page with the employer's stamp may be left out
    service.submit(draft, "web")
    assert collector(draft) == "talent-service-centre"


def test_own_applications_have_no_closing_day(open_all_year, clock):
    clock.set_day(date(2031, 1, 1))
    app_id = two_ways.start()
    two_ways.lead(app_id, OWN)
    service.submit(app_id, "web")
    assert collector(app_id) == "talent-service-centre"


def test_in_a_round_of_the_office_only_the_round_s_days_bind(open_all_year, clock):
    clock.set_day(date(2026, 11, 21))
    rounds.open_round(SLUG, "2026年统一报送", date(2026, 11, 1), date(2026, 11, 30))
    app_id = two_ways.start()
    two_ways.lead(app_id, BY_UNIT)
    service.submit(app_id, "web")
    assert collector(app_id) == "human-resources-bureau"


def test_what_the_office_returned_may_be_handed_in_again_after_the_day(draft, clock):
    service.submit(draft, "web")
    clock.set_day(AFTER)
    version = queries.view(draft).application.version
    returned = [service.ReturnedItem("field:school", "请写全称")]
    service.return_items(draft, returned, staff_id=1, version=version)
    assert queries.view(draft).closed_way is None
    service.record(draft, {"field:school": "样例大学"}, "web")
    assert service.submit(draft, "web").status == "submitted"


def test_the_consent_is_asked_of_those_alone_whom_the_unit_reports(open_all_year):
    app_id = two_ways.start()
    two_ways.lead(app_id, OWN)
    assert consents(app_id) == []
    with pytest.raises(InvalidAnswer, match="not_asked"):
        service.record(app_id, {f"consent:{CONSENT}": True}, "web")
    other = two_ways.start()
    two_ways.lead(other, BY_UNIT, to=ShowVerdict)
    assert consents(other) == [1]


def test_a_consent_to_a_way_that_was_left_ends_and_is_asked_again(draft):
    assert consents(draft) == [1]
    service.change_way(draft, OWN, "web")
    assert consents(draft) == []
    service.change_way(draft, BY_UNIT, "web")
    assert queries.view(draft).plan.step.key == f"consent:{CONSENT}"


def test_a_consent_to_a_way_that_was_left_is_gone_from_what_is_known(draft, persistent_core_app):
    assert queries.view(draft).answers[f"consent:{CONSENT}"] is True
    db.session.rollback()
    known = queries.answered(queries.view(draft), {WAY: OWN}, "chat")
    assert f"consent:{CONSENT}" not in known.answers
    persistent_core_app.extensions.pop("bole.snapshots")
    kept = queries.view(draft)
    assert (known.answers, known.sealed_keys, known.plan) == (kept.answers, kept.sealed_keys, kept.plan)


def test_the_consent_taken_back_in_a_draft_is_asked_again(draft):
    service.withdraw_consent(draft, CONSENT)
    kept = queries.view(draft)
    assert kept.application.status == "draft"
    assert kept.plan.step.key == f"consent:{CONSENT}"
    assert consents(draft) == []


def test_the_consent_taken_back_after_the_hand_in_withdraws_and_keeps_the_data(draft):
    service.submit(draft, "web")
    service.withdraw_consent(draft, CONSENT)
    kept = queries.view(draft)
    assert kept.application.status == "withdrawn"
    assert kept.answers["field:school"] == "测试"
    again = two_ways.start()  # the place is free: they may come another way
    two_ways.lead(again, OWN)
    assert service.submit(again, "web").status == "submitted"


def test_what_is_no_way_in_is_refused_and_changes_nothing(draft):
    before = queries.view(draft).answers
    with pytest.raises(InvalidAnswer):
        service.change_way(draft, "by_post", "web")
    assert queries.view(draft).answers == before


def test_the_question_says_which_way_has_closed(open_all_year, clock):
    app_id = two_ways.start()
    two_ways.lead(app_id, OWN)
    hints = [option.hint.zh for option in queries.view(app_id).plan.ask(WAY).options]
    assert not any("截止" in hint for hint in hints)
    clock.set_day(AFTER)
    own, unit = (option.hint for option in queries.view(app_id).plan.ask(WAY).options)
    assert "截止" not in own.zh
    assert unit.zh.startswith("已于2021年4月30日截止。单位先征求")
    assert unit.en.startswith("Closed on 30 April 2021. Your employer")


def test_where_no_other_way_is_open_the_sentence_offers_none(open_all_year):
    channel = load_pack(SLUG).selection.channels[1]
    way = ways.ClosedWay(channel, channel.closes, ())
    assert "改为" not in way.sentence("zh") and "no other way" in way.sentence("en")
