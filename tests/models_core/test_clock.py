from datetime import UTC, date, datetime, timedelta

import pytest

from models.clock import CHINA, FixedClock, SystemClock


def test_the_day_is_chinas():
    assert FixedClock(datetime(2026, 3, 31, 16, 0, tzinfo=UTC)).today() == date(2026, 4, 1)
    assert FixedClock(datetime(2026, 3, 31, 15, 59, tzinfo=UTC)).today() == date(2026, 3, 31)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="timezone"):
        FixedClock(datetime(2026, 1, 1))


def test_a_fixed_clock_moves_only_when_told():
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    before = clock.now()
    assert clock.now() == before
    clock.advance(days=1, seconds=1)
    assert clock.now() - before == timedelta(days=1, seconds=1)
    clock.set_day(date(2016, 3, 31))
    assert (clock.today(), clock.now().astimezone(CHINA).hour) == (date(2016, 3, 31), 9)


def test_the_system_clock_replays_a_day():
    clock = SystemClock(date(2016, 2, 20))
    assert clock.today() == date(2016, 2, 20)
    assert clock.now().astimezone(CHINA).date() == date(2016, 2, 20)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("seconds", [0, 57599.999, 57600, 1_774_972_799.9, 1_774_972_800, 1_774_972_800.1, -1, 4e9])
def test_the_system_clock_s_day_is_chinas(monkeypatch, seconds):
    monkeypatch.setattr("models.clock.unix_time", lambda: seconds)
    assert SystemClock().today() == datetime.fromtimestamp(seconds, CHINA).date()


def test_the_system_clock_runs():
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=5)
