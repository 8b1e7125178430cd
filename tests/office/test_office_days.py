"""The office's calendar: the country's days with the office's own over them, and what people are told by it."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import enquiry_queue, office_days
from models.office.office_days import OFF, WORK, Run
from models.office.tables import Audit, Staff
from models.programme import workdays

MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)  # ten in the morning in China


def put(world, first, last, kind=OFF, name="搬迁", who="office"):
    return office_days.put(world.staff(who), first, last, kind, name)


def back(at=MONDAY, programme="tiny"):
    return enquiry_queue.back_on(at, programme)


def test_an_exception_decides_when_people_are_back(world):
    assert back() is None
    assert put(world, date(2026, 11, 23), date(2026, 11, 25)) == 3
    assert back() == workdays.Workday(date(2026, 11, 26), provisional=False)
    assert back(programme="other") is None, "another programme's office has its own days"
    saturday = datetime(2026, 11, 28, 2, tzinfo=UTC)
    assert back(saturday).day == date(2026, 11, 30)
    put(world, date(2026, 11, 28), date(2026, 11, 28), WORK, "补班")
    assert back(saturday) is None
    office_days.take_back(world.staff("office"), date(2026, 11, 1), date(2026, 11, 30))
    assert back() is None and back(saturday).day == date(2026, 11, 30)


def test_a_year_that_nobody_knows_is_provisional_until_the_office_says_so(world):
    friday = datetime(2027, 1, 8, 12, tzinfo=UTC)
    assert back(friday) == workdays.Workday(date(2027, 1, 11), provisional=True)
    office_days.say_whole(world.staff("admin"), 2027, True)
    assert back(friday) == workdays.Workday(date(2027, 1, 11), provisional=False)
    put(world, date(2027, 1, 1), date(2027, 1, 1), OFF, "元旦")
    office_days.take_back(world.staff("admin"), date(2027, 1, 1), date(2027, 1, 1))
    assert not back(friday).provisional, "what is said of the year stays"
    office_days.say_whole(world.staff("admin"), 2027, False)
    assert back(friday).provisional


def test_the_year_is_told_in_runs_with_the_offices_own_over_the_countrys(world):
    put(world, date(2026, 10, 1), date(2026, 10, 2), WORK, "值班")
    found = office_days.runs(db.session(), "tiny", 2026, "zh")
    october = [run for run in found if run.first.month == 10]
    assert october == [
        Run(date(2026, 10, 1), date(2026, 10, 2), True, "值班", own=True),
        Run(date(2026, 10, 3), date(2026, 10, 7), False, "国庆节", own=False),
        Run(date(2026, 10, 10), date(2026, 10, 10), True, "国庆节", own=False),
    ]
    english = office_days.runs(db.session(), "other", 2026, "en")
    assert Run(date(2026, 10, 1), date(2026, 10, 7), False, "National Day", own=False) in english
    assert office_days.runs(db.session(), "tiny", 2027, "zh") == []


@pytest.mark.parametrize(
    ("first", "last", "kind", "name"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), OFF, "反了"),
        (date(2026, 1, 1), date(2026, 3, 2), OFF, "六十一天"),
        (date(2024, 12, 31), date(2024, 12, 31), OFF, "太早"),
        (date(2029, 1, 1), date(2029, 1, 1), OFF, "太晚"),
        (date(2026, 11, 2), date(2026, 11, 2), OFF, " "),
        (date(2026, 11, 2), date(2026, 11, 2), OFF, "长" * 41),
        (date(2026, 11, 2), date(2026, 11, 2), "whole", "不是一种"),
    ],
)
def test_days_that_will_not_do(world, first, last, kind, name):
    with pytest.raises(InvalidAnswer):
        put(world, first, last, kind, name)


def test_days_that_just_do(world):
    assert put(world, date(2026, 1, 1), date(2026, 3, 1), name="长" * 40) == office_days.LONGEST
    assert put(world, date(2028, 12, 31), date(2028, 12, 31)) == 1
    assert put(world, date(2025, 1, 1), date(2025, 1, 1)) == 1


def test_who_keeps_no_calendar(world):
    for who in ("east", "answerer"):
        with pytest.raises(NotFound):
            put(world, date(2026, 11, 2), date(2026, 11, 2), who=who)


def test_two_at_once_put_the_same_day_in(persistent_world, persistent_app):
    office = persistent_world.staff("office").id
    db.session.rollback()

    def one(name):
        with persistent_app.app_context():
            return office_days.put(db.session.get(Staff, office), date(2026, 12, 1), date(2026, 12, 5), OFF, name)

    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(Context().run, one, name) for name in ("甲", "乙")]
        assert [task.result() for task in tasks] == [5, 5]
    (run,) = [run for run in office_days.runs(db.session(), "tiny", 2026, "zh") if run.first.month == 12]
    assert run.name in ("甲", "乙") and run.last == date(2026, 12, 5)


def test_the_page(world, sign_in, clock):
    clock.set_day(date(2026, 11, 23))
    office = sign_in("office")
    page = office.get("/office/calendar").get_data(as_text=True)
    assert "国庆节" in page and "现在是上班时间" in page
    given = {"do": "put", "year": "2026", "first": "2026-11-23", "last": "", "kind": "off", "name": "消防整修"}
    assert office.post("/office/calendar", data=given).status_code == 302
    page = office.get("/office/calendar?year=2026").get_data(as_text=True)
    assert "消防整修" in page and "现在有人提问，会被告知" in page and "11月24日" in page
    wrong = office.post("/office/calendar", data={**given, "first": "2026-13-01"})
    assert wrong.status_code == 422 and "消防整修" in wrong.get_data(as_text=True)
    assert "系统还不知道" in office.get("/office/calendar?year=2027").get_data(as_text=True)
    assert office.post("/office/calendar", data={"do": "whole", "year": "2027", "whole": "1"}).status_code == 302
    assert "已经记全" in office.get("/office/calendar?year=2027").get_data(as_text=True)
    assert "National Day" in office.get("/office/calendar?year=2026&lang=en").get_data(as_text=True)
    assert office.get("/office/calendar?year=1999").status_code == 200
    gone = {"do": "remove", "year": "2026", "first": "2026-11-23", "last": "2026-11-23"}
    assert office.post("/office/calendar", data=gone).status_code == 302
    assert "消防整修" not in office.get("/office/calendar?year=2026&lang=zh").get_data(as_text=True)
    reasons = list(db.session.scalars(select(Audit.reason).where(Audit.action == "set_working_days")))
    assert sorted(reasons) == ["- 2026-11-23..2026-11-23", "off 2026-11-23..2026-11-23", "whole 2027"]
