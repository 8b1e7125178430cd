"""Working days: the State Council's own, an office's corrections, and 「暂定」 beyond what anybody knows."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import PackError
from models.interview import wording
from models.programme import workdays
from models.programme.workdays import Overrides, Workday, add_working_days, is_working_day

NONE = Overrides()
LAST = max(day.year for day in chinese_calendar.holidays)
FIRST = min(day.year for day in chinese_calendar.holidays)
known_days = st.dates(date(FIRST, 1, 1), date(LAST, 12, 31))
any_days = st.dates(date(1990, 1, 1), date(LAST + 30, 12, 31))


def known(day: date) -> Workday:
    return Workday(day, provisional=False)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2021, 4, 12), 5, date(2021, 4, 19)),  # Monday: five days on, over one weekend
        (date(2021, 4, 9), 1, date(2021, 4, 12)),  # Friday: the next working day is Monday
        (date(2021, 4, 10), 1, date(2021, 4, 12)),  # a Saturday counts as little as the Sunday
        (date(2021, 4, 29), 5, date(2021, 5, 10)),  # 劳动节 1 to 5 May off, 8 May a Saturday worked
        (date(2017, 9, 29), 1, date(2017, 9, 30)),  # a Saturday worked before 国庆节
        (date(2017, 9, 30), 1, date(2017, 10, 9)),
        (date(2020, 1, 23), 1, date(2020, 2, 3)),  # 春节 of 2020 was prolonged
        (date(2026, 9, 28), 5, date(2026, 10, 10)),
    ],
)
def test_public_holidays_and_the_days_worked_for_them(start, count, end):
    assert add_working_days(start, count, NONE) == known(end)


def test_no_day_added_is_the_day_itself_even_a_sunday():
    assert add_working_days(date(2021, 4, 11), 0, NONE) == known(date(2021, 4, 11))


def test_days_are_counted_forwards_only():
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(date(2021, 4, 11), -1)


def test_the_last_known_day_is_final_and_the_next_one_provisional():
    last = next(day for day in (date(LAST, 12, 31) - timedelta(days=n) for n in range(9)) if is_working_day(day, NONE))
    assert add_working_days(last - timedelta(days=1), 1, NONE) == known(last)
    after = add_working_days(last, 1, NONE)
    assert after.provisional
    assert after.day.year == LAST + 1
    assert after.day.weekday() < 5


def test_beyond_the_last_year_only_weekends_are_off():
    day = date(LAST + 2, 9, 30)
    expected = [day + timedelta(days=n) for n in range(1, 15) if (day + timedelta(days=n)).weekday() < 5][:5]
    assert add_working_days(day, 5, NONE) == Workday(expected[-1], provisional=True)


def test_before_the_first_year_too_nothing_is_raised():
    assert add_working_days(date(FIRST - 2, 5, 3), 1, NONE).provisional


def test_an_office_corrects_single_days():
    rules = Overrides({date(2021, 4, 13): False, date(2021, 4, 17): True})
    assert add_working_days(date(2021, 4, 12), 4, rules) == known(date(2021, 4, 17))


def test_a_year_that_an_office_entered_whole_is_no_longer_provisional():
    year = LAST + 1
    holiday = next(d for d in (date(year, 1, 1) + timedelta(days=n) for n in range(7)) if d.weekday() == 2)
    single = Overrides({holiday: False})
    assert add_working_days(holiday - timedelta(days=1), 1, single) == Workday(holiday + timedelta(days=1), True)
    whole = Overrides({holiday: False}, frozenset({year}))
    assert add_working_days(holiday - timedelta(days=1), 1, whole) == known(holiday + timedelta(days=1))


@given(any_days, st.integers(1, 40))
def test_the_result_is_the_n_th_working_day_after(day, count):
    end = add_working_days(day, count, NONE).day
    assert is_working_day(end, NONE)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(is_working_day(each, NONE) for each in between) == count


@given(any_days, st.integers(0, 20), st.integers(0, 20))
def test_counting_in_two_steps_is_counting_in_one(day, first, second):
    half = add_working_days(day, first, NONE)
    whole = add_working_days(half.day, second, NONE)
    assert add_working_days(day, first + second, NONE) == Workday(whole.day, half.provisional or whole.provisional)


@given(known_days)
def test_a_known_day_is_what_the_calendar_says(day):
    assert is_working_day(day, NONE) == chinese_calendar.is_workday(day)


def test_the_projects_own_file_is_read():
    assert workdays.shared() == workdays.read_overrides(workdays.FILE)


def test_a_file_of_an_office_is_read(tmp_path):
    file = tmp_path / "workdays.csv"
    file.write_text(
        "date,kind,name\n2027-02-05,off,春节\n2027-02-20,work,春节调休\n2027-01-01,whole,国务院办公厅通知\n",
        encoding="utf-8-sig",
    )
    days = {date(2027, 2, 5): False, date(2027, 2, 20): True}
    assert workdays.read_overrides(file) == Overrides(days, frozenset({2027}))


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("date,kind\n2027-02-05,off\n", "line 1", "date,kind,name"),
        ("date,kind,name\n5.2.2027,off,春节\n", "line 2", "5.2.2027"),
        ("date,kind,name\n2027-02-05,holiday,春节\n", "line 2", "'holiday'"),
        ("date,kind,name\n2027-02-05,off\n", "line 2", "as many values"),
        ("date,kind,name\n2027-02-05,off,春节,x\n", "line 2", "as many values"),
        ("date,kind,name\n2027-02-05,off,春节\n2027-02-05,work,春节\n", "line 3", "more than once"),
        ('date,kind,name\n2027-02-05,"of"f,春节\n', "", "CSV"),
    ],
)
def test_a_wrong_file_is_refused_naming_file_line_and_reason(tmp_path, text, place, reason):
    file = tmp_path / "workdays.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        workdays.read_overrides(file)
    assert (caught.value.file, caught.value.key) == ("workdays.csv", place)
    assert reason in caught.value.reason


def test_a_provisional_day_says_so_in_both_languages():
    day = date(2027, 1, 8)
    assert wording.spoken_workday(day, True, "zh") == "2027年1月8日星期五（暂定）"
    assert wording.spoken_workday(day, True, "en") == "Friday, 8 January 2027 (provisional)"
    assert wording.spoken_workday(day, False, "zh") == "2027年1月8日星期五"
