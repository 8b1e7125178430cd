from datetime import date

import pytest
from sqlalchemy import func, select

from models.application import rounds
from models.application.tables import Round
from models.errors import InvalidAnswer, NotOpen
from models.extensions import db
from models.office.tables import UnitRow
from models.office.units import load_units
from models.programme import loader


@pytest.fixture
def app(tiny_packs, persistent_core_app):
    with persistent_core_app.app_context():
        yield persistent_core_app


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 1, 9), False),
        (date(2026, 1, 10), True),  # both days are included
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_the_notices_round_is_open_on_its_own_days(app, day, is_open):
    rounds.ensure_notice_round(loader.load_pack("tiny"))
    assert (rounds.current("tiny", day) is not None) is is_open


def test_the_notices_round_is_made_once(app):
    pack = loader.load_pack("tiny")
    assert rounds.ensure_notice_round(pack).id == rounds.ensure_notice_round(pack).id
    assert db.session.scalar(select(func.count()).select_from(Round)) == 1


def test_the_notices_round_follows_the_dates_of_the_pack_in_force(app):
    pack = loader.load_pack("tiny")
    rounds.ensure_notice_round(pack)
    mended = pack.programme.model_copy(update={"closes": date(2026, 4, 2), "document_number": "测试〔2026〕2号"})
    rounds.ensure_notice_round(pack.model_copy(update={"programme": mended}))
    assert rounds.current("tiny", date(2026, 4, 2)).name == "测试〔2026〕2号"
    assert db.session.scalar(select(func.count()).select_from(Round)) == 1


def test_no_round_says_so(app):
    with pytest.raises(NotOpen) as caught:
        rounds.require_open("tiny", date(2026, 1, 10))
    assert caught.value.key == "error.no_round"


def test_a_real_round_goes_before_a_demo_and_another_programmes_does_not_count(app):
    day = date(2026, 6, 1)
    rounds.open_round("other", "别的", day, day)
    rounds.open_round("tiny", "演示", day, day, demo=True)
    assert rounds.current("tiny", day).demo
    rounds.open_round("tiny", "第二批", date(2026, 5, 1), day)
    assert rounds.current("tiny", day).name == "第二批"
    assert rounds.last("tiny", date(2026, 6, 2)).closes == day
    assert rounds.upcoming("tiny", date(2026, 4, 1)).name == "第二批"


def test_a_round_does_not_close_before_it_opens(app):
    with pytest.raises(InvalidAnswer):
        rounds.open_round("tiny", "错", date(2026, 6, 2), date(2026, 6, 1))


def test_units_are_loaded_once_with_their_parents_and_follow_the_pack(app, tiny_packs):
    pack = loader.load_pack("tiny")
    assert load_units(pack) == 5  # three units, two of them under the office
    assert load_units(pack) == 0
    rows = {u.code: u for u in db.session.scalars(select(UnitRow))}
    assert rows["east"].parent_id == rows["office"].id
    assert [u.office for u in rows.values() if u.code == "office"] == [True]
    assert not rows["east"].office

    routing = tiny_packs / "tiny" / "routing.toml"
    routing.write_text(routing.read_text("utf-8").replace("East County", "Eastern County"), "utf-8")
    loader.load_pack.cache_clear()
    assert load_units(loader.load_pack("tiny")) == 1
    assert db.session.scalar(select(UnitRow.name_en).where(UnitRow.code == "east")) == "Eastern County"
