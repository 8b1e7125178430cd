"""A round without a closing day: open from its first day on, beneath any round that has dates."""

from datetime import date

import pytest

from models.application import rounds, service
from models.application.tables import Application, Round
from models.errors import NotOpen
from models.extensions import db
from models.office.units import load_units
from models.programme import loader


@pytest.fixture
def standing_pack(tiny_packs):
    """The tiny programme, taking applications all year from 10 January 2026."""
    programme = tiny_packs / "tiny" / "programme.toml"
    text = programme.read_text("utf-8")
    programme.write_text(text.replace("closes = 2026-03-31", 'intake = "standing"'), "utf-8")
    loader.load_pack.cache_clear()
    return loader.load_pack("tiny")


@pytest.fixture
def app(standing_pack, persistent_core_app):
    with persistent_core_app.app_context():
        rounds.ensure_notice_round(standing_pack)
        yield persistent_core_app
        db.session.rollback()


@pytest.mark.parametrize(
    ("day", "is_open"),
    [(date(2026, 1, 9), False), (date(2026, 1, 10), True), (date(2026, 4, 1), True), (date(2099, 12, 31), True)],
)
def test_it_is_open_from_its_first_day_on(app, day, is_open):
    found = rounds.current("tiny", day)
    assert (found is not None) is is_open
    assert rounds.last("tiny", day) is None  # it never closes
    if found is not None:
        assert (found.standing, found.takes(day), found.days_left(day)) == (True, True, None)


def test_before_its_first_day_it_says_from_when(app):
    with pytest.raises(NotOpen) as caught:
        rounds.require_open("tiny", date(2026, 1, 9))
    assert caught.value.key == "error.not_open_yet_standing"
    assert caught.value.params == {"opens": date(2026, 1, 10)}


def test_a_round_with_dates_goes_before_it_while_it_lasts(app):
    rounds.open_round("tiny", "集中受理", date(2026, 5, 1), date(2026, 5, 31))
    rounds.open_round("tiny", "演示", date(2026, 1, 1), date(2026, 12, 31), demo=True)
    names = [rounds.current("tiny", day).name for day in (date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31))]
    assert names == ["测试〔2026〕1号", "集中受理", "集中受理"]
    assert rounds.current("tiny", date(2026, 6, 1)).standing


def test_only_rounds_of_one_kind_stand_in_each_others_way(app):
    rounds.open_round("tiny", "集中受理", date(2026, 5, 1), date(2026, 5, 31))
    assert rounds.overlapping("tiny", date(2026, 6, 1), date(2026, 6, 30)) is None
    assert rounds.overlapping("tiny", date(2026, 5, 31), date(2026, 6, 30)).name == "集中受理"
    assert rounds.overlapping("tiny", date(2027, 1, 1), None).standing


def test_a_draft_begun_in_it_is_handed_in_there_whatever_else_has_opened(app, people, clock):
    load_units(loader.load_pack("tiny"))
    standing = rounds.current("tiny", date(2026, 4, 1))
    clock.set_day(date(2026, 10, 1))
    app_id = people.start()
    assert db.session.get(Application, app_id).round_id == standing.id
    clock.set_day(date(2026, 11, 21))  # now a round with dates is open
    people.fill(app_id)
    people.photograph(app_id)
    service.skip_document(app_id, "extra")
    service.record(app_id, {"declaration:true": True}, "web")
    service.submit(app_id, "web")
    assert db.session.get(Application, app_id, populate_existing=True).round_id == standing.id


def test_a_draft_left_over_from_dates_goes_into_the_standing_round(app, people, clock):
    app_id = people.ready()  # in the round of November and December
    assert db.session.get(Round, db.session.get(Application, app_id).round_id).closes == date(2026, 12, 31)
    clock.set_day(date(2027, 1, 1))
    service.submit(app_id, "web")
    kept = db.session.get(Application, app_id, populate_existing=True)
    assert (kept.status, db.session.get(Round, kept.round_id).standing) == ("submitted", True)
