"""Where a question stands at its desk, how long answers take, and when people are back."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from models.clock import CHINA
from models.extensions import db
from models.office import enquiries, enquiry_queue
from models.office.tables import Enquiry


def ask(effect, **where):
    asked = enquiries.ask(db.session, programme="tiny", question=f"{effect}怎么办？", effect=effect, **where)
    db.session.commit()
    return asked


def test_only_unanswered_questions_of_the_same_desk_come_before(persistent_world, clock):
    world = persistent_world
    own = world.unit("east").id
    first = ask("一")
    ask("二", unit_id=own)
    clock.advance(minutes=1)
    third, fourth = ask("三"), ask("四")
    before = [enquiry_queue.before(db.session, one) for one in (first, third, fourth)]
    assert before[0] == 0 and sorted(before[1:]) == [1, 2], "two of one moment stand one behind the other"
    enquiries.answer(first.id, world.staff("office"), "好", first.version)
    assert sorted(enquiry_queue.before(db.session, one) for one in (third, fourth)) == [0, 1]
    assert enquiry_queue.before(db.session, ask("五", unit_id=own)) == 1


def answered(n, took, ago=timedelta(days=1), unit_id=None):
    from models import clock

    at = clock.current().now() - ago
    row = Enquiry(programme="tiny", question="问", effect=f"a{n}", created_at=at - took, unit_id=unit_id)
    row.state, row.answered_at = "answered", at
    db.session.add(row)
    db.session.commit()


@pytest.mark.parametrize(("count", "told"), [(4, None), (5, timedelta(hours=2))])
def test_the_usual_time_is_the_median_of_at_least_five(persistent_world, clock, count, told):
    for n in range(count):
        answered(n, timedelta(hours=2) if n else timedelta(days=9))
    answered("old", timedelta(hours=9), ago=timedelta(days=31))
    answered("elsewhere", timedelta(hours=9), unit_id=persistent_world.unit("east").id)
    assert enquiry_queue.usual_time(db.session, "tiny", None, clock.now()) == told


def test_the_last_twenty_count(world, clock):
    for n in range(20):
        answered(n, timedelta(hours=1), ago=timedelta(days=1))
    for n in range(30):
        answered(f"before{n}", timedelta(days=3), ago=timedelta(days=2))
    assert enquiry_queue.usual_time(db.session, "tiny", None, clock.now()) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("took", "said"),
    [
        (timedelta(minutes=60), "一小时内"),
        (timedelta(minutes=61), "2 小时左右"),
        (timedelta(hours=23), "23 小时左右"),
        (timedelta(hours=24), "1 天左右"),
        (timedelta(hours=25), "2 天左右"),
    ],
)
def test_how_long_it_takes_in_words(took, said):
    assert said in enquiry_queue._usual(took, "zh")


@pytest.mark.parametrize(
    ("day", "at", "back"),
    [
        (date(2026, 11, 23), time(8, 59), date(2026, 11, 23)),
        (date(2026, 11, 23), time(9), None),
        (date(2026, 11, 23), time(16, 59), None),
        (date(2026, 11, 23), time(17), date(2026, 11, 24)),
        (date(2026, 11, 20), time(18), date(2026, 11, 23)),
        (date(2026, 11, 21), time(10), date(2026, 11, 23)),
        (date(2026, 10, 1), time(10), date(2026, 10, 8)),
    ],
)
def test_the_day_on_which_people_are_back(day, at, back):
    found = enquiry_queue.back_on(datetime.combine(day, at, CHINA).astimezone(UTC))
    assert (found.day if found else None) == back


def test_ones_own_waiting_questions_with_their_place(persistent_world, clock):
    world = persistent_world
    app_id = world.applied("east")
    ask("别人的", unit_id=world.unit("east").id)
    clock.advance(minutes=1)
    own = ask("我的", application_id=app_id)
    assert enquiry_queue.waiting(db.session, None, app_id, "zh") == ["「我的怎么办？」前面还有 1 个"]
    enquiries.take(world.staff("east"), own.id, own.version)
    assert enquiry_queue.waiting(db.session, None, app_id, "zh") == ["「我的怎么办？」工作人员正在答复"]
    enquiries.answer(own.id, world.staff("east"), "好", own.version)
    assert enquiry_queue.waiting(db.session, None, app_id, "zh") == []
    assert enquiry_queue.waiting(db.session, None, None, "zh") == []
