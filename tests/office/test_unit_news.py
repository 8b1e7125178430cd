"""Units are told that their tables have changed: as they choose, once an occasion, in numbers alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from workbooks_out import build, fill, take

from models.application.tables import Outbox, Round
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.interview import wording
from models.office import letters, schedules, unit_news
from models.office.edition_tables import Letter, OfficeLink, UnitSchedule
from models.office.schedules import CHANGE, DAILY, DEADLINE, NEVER, Wish
from workers.scheduler import tell_units
from workers.unit_news import tell_unit

TO = "renshi@danwei.example"


def choose(world, mode, *, version=0, **more):
    schedules.save(world.staff("east"), Wish(mode, **{"email": TO, **more}, version=version))
    db.session.rollback()


def run_due(clock):
    """What the workers would do now."""
    db.session.rollback()
    due = select(Outbox.id).where(Outbox.job == unit_news.JOB, Outbox.state == "pending")
    for ident in list(db.session.scalars(due.where(Outbox.not_before <= clock.now()))):
        db.session.rollback()
        tell_unit(ident)


def said():
    """The letters so far, opened."""
    db.session.rollback()
    query = select(Letter).where(Letter.kind.in_(("news", "deadline"))).order_by(Letter.created_at)
    return [letters.read(letter) for letter in db.session.scalars(query)]


def pass_time(clock, minutes=5, times=1):
    """The clockwork's rounds, and the workers behind it."""
    for _ in range(times):
        clock.advance(minutes=minutes)
        tell_units()
        run_due(clock)


def test_many_changes_in_ten_minutes_are_one_letter(persistent_world, clock):
    world = persistent_world
    app_id = world.applied(name="测试甲")
    take(build(world)["summary"], world.staff("east"))
    choose(world, CHANGE)
    pass_time(clock)
    assert said() == []
    for number in range(6):
        fill(world, app_id, f"第{number}次")
        if number % 3 == 0:
            build(world)
            pass_time(clock)
    world.applied(name="测试乙")
    build(world)
    pass_time(clock, times=4)
    (letter,) = said()
    assert letter.to == TO and "汇总表：新增 1，变更 1，退出 0" in letter.body
    assert "测试甲" not in letter.body and "测试乙" not in letter.body
    link = db.session.scalar(select(OfficeLink))
    assert (link.purpose, link.unit_id) == ("workbook", world.unit("east").id) and link.subject_id
    pass_time(clock, times=6)
    assert len(said()) == 1  # the same is not told again
    fill(world, app_id, "又改了")
    build(world)
    pass_time(clock, times=4)
    assert len(said()) == 2


def test_what_was_taken_out_meanwhile_is_not_told_and_the_next_change_is(world, clock):
    app_id = world.applied(name="测试甲")
    take(build(world)["summary"], world.staff("east"))
    choose(world, CHANGE)
    fill(world, app_id, "改过")
    book = build(world)["summary"]
    pass_time(clock)
    take(book, world.staff("east"))
    pass_time(clock, times=4)
    assert said() == []
    fill(world, app_id, "再改")
    build(world)
    pass_time(clock, times=4)
    assert len(said()) == 1


def test_daily_at_the_hour_once_a_day_and_only_with_something_new(world, clock):
    app_id = world.applied(name="测试甲")
    take(build(world)["summary"], world.staff("east"))
    here = clock.now() + timedelta(hours=8)
    clock.advance(minutes=(24 * 60 - here.hour * 60 - here.minute) + 8 * 60 + 30)  # half past eight in China
    choose(world, DAILY, hour=9)
    fill(world, app_id, "改过")
    build(world)
    pass_time(clock, times=3)
    assert said() == []
    pass_time(clock, minutes=30, times=2)
    assert len(said()) == 1
    fill(world, app_id, "再改")
    build(world)
    pass_time(clock, minutes=60, times=3)
    assert len(said()) == 1
    pass_time(clock, minutes=22 * 60)
    assert len(said()) == 2
    pass_time(clock, minutes=24 * 60)
    assert len(said()) == 2


@pytest.mark.parametrize(("days", "told"), [(3, 1), (2, 0)])
def test_before_the_deadline_once_also_without_changes(world, clock, days, told):
    world.applied(name="测试甲")
    take(build(world)["summary"], world.staff("east"))
    here = (clock.now() + timedelta(hours=8)).date()
    db.session.scalar(select(Round).where(Round.programme == "tiny", Round.name == "第二批")).closes = here + timedelta(
        3
    )
    db.session.commit()
    choose(world, DEADLINE, days=days, hour=7)
    pass_time(clock, times=3)
    found = said()
    assert len(found) == told
    if told:
        assert f"{wording.deadline(here + timedelta(3), 'zh')}截止" in found[0].subject and "没有变动" in found[0].body


def test_never_and_a_changed_mind_are_heeded(world, clock):
    app_id = world.applied(name="测试甲")
    take(build(world)["summary"], world.staff("east"))
    choose(world, CHANGE)
    fill(world, app_id, "改过")
    build(world)
    pass_time(clock)
    choose(world, NEVER, version=1)
    pass_time(clock, times=4)
    assert said() == []
    choose(world, CHANGE, version=2)
    pass_time(clock, times=4)
    assert len(said()) == 1


def test_without_an_address_of_the_unit_its_clerks_are_written_to(world, clock):
    app_id = world.applied(name="测试甲")
    take(build(world)["summary"], world.staff("east"))
    clerk = world.staff("east")
    clerk.email, clerk.language = "clerk@danwei.example", "en"
    world.staff("west").email = "other@danwei.example"
    db.session.commit()
    choose(world, CHANGE, email="")
    fill(world, app_id, "改过")
    build(world)
    pass_time(clock, times=4)
    (letter,) = said()
    assert letter.to == "clerk@danwei.example" and "1 changed" in letter.body


def test_two_clerks_choose_and_the_second_is_told(world):
    choose(world, DAILY, hour=10)
    with pytest.raises(Conflict):
        choose(world, NEVER)
    for wrong in ({"hour": 3}, {"days": 0}, {"email": "no address"}):
        with pytest.raises(InvalidAnswer):
            choose(world, DAILY, version=1, **wrong)
    row = db.session.get(UnitSchedule, world.unit("east").id)
    assert (row.mode, row.hour, schedules.email(row)) == (DAILY, 10, TO) and TO.encode() not in row.email


def test_the_page_keeps_what_was_typed(world, sign_in):
    client, path = sign_in("east"), "/office/notices/tables"
    assert "不通知" in client.get(path).get_data(as_text=True)
    form = {"mode": "daily", "hour-daily": "8", "days": "3", "email": TO, "version": "0"}
    assert client.post(path, data=form).status_code == 302
    again = client.post(path, data={**form, "hour-daily": "11"})
    assert again.status_code == 409 and "同事刚改过" in again.get_data(as_text=True)
    wrong = client.post(path, data={**form, "version": "1", "email": "wrong"})
    assert wrong.status_code == 422 and 'value="wrong"' in wrong.get_data(as_text=True)
    assert client.get(path).get_data(as_text=True).count(" checked") == 1
