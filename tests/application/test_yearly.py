"""A yearly intake: what comes until the day belongs to that year's round, what comes later to the next."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import func, select

from models import clock
from models.application import rounds, service
from models.application.tables import Application, Round
from models.extensions import db
from models.office.units import load_units
from models.programme.loader import load_pack

SLUG = "zhongshan"
PACK = load_pack(SLUG)


@pytest.fixture
def app(persistent_core_app):
    with persistent_core_app.app_context():
        load_units(PACK)
        yield persistent_core_app


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Round).where(Round.programme == SLUG))


@pytest.mark.parametrize(
    ("day", "name", "rolled"),
    [
        (date(2026, 1, 1), "2026年度", None),
        (date(2026, 6, 29), "2026年度", None),
        (date(2026, 6, 30), "2026年度", None),
        (date(2026, 7, 1), "2027年度", date(2026, 6, 30)),
        (date(2026, 12, 31), "2027年度", date(2026, 6, 30)),
        (date(2027, 1, 1), "2027年度", None),
    ],
)
def test_a_day_belongs_to_the_year_whose_closing_day_comes_next(app, day, name, rolled):
    found = rounds.current(SLUG, day)
    assert (found.name, found.opens <= day <= found.closes) == (name, True)
    assert rounds.rolled_over(PACK, found, day) == rolled
    assert kept() == 0, "looking makes nothing"


@pytest.mark.parametrize(
    ("day", "at", "name"),
    [
        (date(2026, 6, 30), time(23, 59, 59), "2026年度"),
        (date(2026, 7, 1), time(0, 0), "2027年度"),
    ],
)
def test_the_day_ends_at_midnight_in_china(app, clock, day, at, name):
    clock.set_day(day, at)
    started = service.start(SLUG, "web", "zh").application
    assert db.session.get(Round, started.round_id).name == name


def test_a_round_is_kept_once_it_is_needed_and_only_once(app):
    day = date(2026, 5, 10)
    first = rounds.require_open(SLUG, day)
    assert rounds.require_open(SLUG, day).id == first.id == rounds.current(SLUG, day).id
    assert kept() == 1


def test_the_office_s_own_round_goes_before_the_year_s_in_either_order(app):
    rounds.require_open(SLUG, date(2026, 5, 10))
    special = rounds.open_round(SLUG, "专场", date(2025, 5, 1), date(2026, 5, 31))
    assert rounds.current(SLUG, date(2026, 5, 10)).id == special.id
    assert rounds.rolled_over(PACK, special, date(2025, 12, 1)) is None
    assert rounds.current(SLUG, date(2026, 6, 1)).name == "2026年度"
    assert rounds.overlapping(SLUG, date(2026, 5, 31), date(2026, 6, 2)).id == special.id
    assert rounds.overlapping(SLUG, date(2026, 6, 1), date(2026, 6, 2)) is None


def test_a_demo_round_is_never_needed_and_never_wins(app):
    day = date(2026, 5, 10)
    rounds.open_round(SLUG, "演示", day, day, demo=True)
    assert rounds.current(SLUG, day).name == "2026年度"


def test_the_notice_s_round_at_the_start_is_this_year_s(app):
    made = rounds.ensure_notice_round(PACK)
    assert made.opens <= clock.current().today() <= made.closes
    assert rounds.ensure_notice_round(PACK).id == made.id
    assert db.session.scalar(select(func.count()).select_from(Application)) == 0


def test_two_at_once_make_one_round(app, at_once):
    found = at_once(*[lambda: rounds.require_open(SLUG, date(2026, 7, 1)).id] * 4)
    assert len(set(found)) == 1
    assert kept() == 1
