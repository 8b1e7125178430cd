"""What is kept how long, what is due, and what the clockwork has deleted, as the office sees it."""

from datetime import date, timedelta

from models.application import expiring, service
from models.application.tables import Application
from models.extensions import db
from models.office import housekeeping
from workers import scheduler


def page_of(client, lang="zh"):
    return client.get(f"/office/retention?lang={lang}").get_data(as_text=True)


def test_a_clockwork_that_does_not_run_is_told(world, sign_in, clock):
    office = sign_in("office")
    assert "还没有检查过到期信息" in page_of(office)
    db.session.rollback()
    scheduler.purge()
    assert "到现在还没有到期要删的" in page_of(office)
    clock.advance(seconds=housekeeping.LATE.total_seconds())
    assert "早该再查了" not in page_of(office)
    clock.advance(seconds=1)
    assert "早该再查了" in page_of(office)


def test_what_is_due_and_what_has_gone(world, sign_in, clock):
    drafts = [service.start("tiny", "web", "zh").application.id for _ in range(2)]
    other = service.start("other", "web", "zh").application.id
    service.delete(drafts[1])
    day = expiring.ends_on(db.session(), db.session.get(Application, drafts[0]))
    clock.set_day(day - timedelta(days=1))
    assert "今天已经到期" not in page_of(sign_in("admin"))
    clock.set_day(day)
    admin = sign_in("admin")
    assert "有 1 份今天已经到期" in page_of(admin), "another programme's are another office's"
    db.session.rollback()
    scheduler.purge()
    note = housekeeping.latest(housekeeping.PURGE)
    assert (note.count, note.did_count, note.did) == (2, 2, clock.now())
    clock.advance(seconds=3600)
    scheduler.purge()
    note = housekeeping.latest(housekeeping.PURGE)
    assert (note.count, note.did_count, note.did) == (0, 2, clock.now() - timedelta(hours=1))
    page = page_of(admin)
    assert "今天已经到期" not in page and "删了 2 份（全部项目）" in page
    gone = {one.month: one for one in housekeeping.erased(db.session(), "tiny")}
    assert gone[day.replace(day=1)].purged == 1
    assert sum(one.deleted for one in gone.values()) == 1
    assert db.session.get(Application, other).status == "deleted"
    assert "When due" in page_of(admin, "en")


def test_everything_the_clockwork_clears_leaves_a_note(world, sign_in):
    db.session.rollback()
    scheduler.keep_house()
    scheduler.forget_letters()
    scheduler.sweep_files()
    scheduler.purge()
    assert all(housekeeping.latest(task) is not None for task in housekeeping.TASKS)
    assert page_of(sign_in("office")).count('<td class="num">还没有</td>') == 0


def test_months_are_those_of_china(world, clock):
    clock.set_day(date(2026, 11, 30))
    clock.advance(hours=14)  # 23:00
    app_id = service.start("tiny", "web", "zh").application.id
    service.delete(app_id)
    clock.advance(hours=1)
    service.delete(service.start("tiny", "web", "zh").application.id)
    months = [(one.month, one.deleted) for one in housekeeping.erased(db.session(), "tiny")]
    assert months == [(date(2026, 12, 1), 1), (date(2026, 11, 1), 1)]


def test_who_sees_it(world, sign_in):
    for who in ("east", "answerer"):
        assert sign_in(who).get("/office/retention").status_code == 403
