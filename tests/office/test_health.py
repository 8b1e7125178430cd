"""The work in the background and the state of the system: what administrators and machines are told."""

import json
from datetime import timedelta

import pytest
from redis import Redis

from models import health, heartbeat, outbox
from models.application.tables import Outbox
from models.errors import Conflict
from models.extensions import db
from models.office.scope import OVERDUE
from models.office.tables import Audit
from models.queue_client import connect
from models.unit_of_work import unit_of_work
from workers import scheduler
from workers.runtime import OutboxWorker

PARTS = ("database", "work", "queue", "scheduler", "disk")


def promised(effect, job="send_letter", **values):
    with unit_of_work() as session:
        row_id = outbox.promise(session, job, "x", effect).id
        row = session.get(Outbox, row_id)
        for name, value in values.items():
            setattr(row, name, value)
    return row_id


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.data)


@pytest.fixture
def queued(world, app, valkey_url):
    """The app with a real queue server behind it."""
    with Redis.from_url(valkey_url) as redis:
        app.extensions["bole"].redis = redis
        yield redis
    app.extensions["bole"].redis = None


def test_work_is_counted_by_kind_and_by_what_becomes_of_it(persistent_world, clock):
    now, minute = clock.now(), timedelta(minutes=1)
    promised("due", not_before=now - 5 * minute)
    promised("due before it", not_before=now - 20 * minute)
    promised("under way", not_before=now - 40 * minute, attempts=1, lease_until=now + minute)
    promised("its worker died", not_before=now - minute, attempts=1, lease_until=now - minute)
    promised("later", job="remind_draft", not_before=now + minute)
    promised("failed", job="bind_volume", state="failed", attempts=5)
    promised("done", job="bind_volume", state="done")
    found = {kind.job: kind for kind in health.kinds(db.session(), now)}
    assert found["send_letter"] == health.Kind("send_letter", 3, 1, 0, 0, now - 20 * minute)
    assert found["remind_draft"] == health.Kind("remind_draft", 0, 0, 1, 0, None)
    assert found["bind_volume"] == health.Kind("bind_volume", 0, 0, 0, 1, None)
    assert set(found) == {"send_letter", "remind_draft", "bind_volume"}
    assert health.oldest_due(db.session(), now) == now - 20 * minute
    assert not health.stands_still(now - OVERDUE, now)
    assert health.stands_still(now - OVERDUE - minute, now)


def test_the_database_says_how_safe_it_is(persistent_world):
    found = health.database(db.session())
    assert found.size > 0 and found.version and found.revision
    if found.name == "sqlite":
        assert found.safe and found.mode == "WAL, synchronous=FULL"
    else:  # the tests' own server is told to be quick
        assert not found.safe and found.mode == "fsync=off, synchronous_commit=off"


def test_a_database_that_would_lose_what_was_saved_is_told(world, sign_in, monkeypatch):
    lossy = health.Database("sqlite", "3", "DELETE, synchronous=OFF", safe=False, size=1, revision="1")
    monkeypatch.setattr(health, "database", lambda _session: lossy)
    page = sign_in("admin").get("/office/health").get_data(as_text=True)
    assert "断电时可能丢失" in page and "有部分不正常" in page
    monkeypatch.setattr(health, "database", lambda _session: None)
    assert "数据库没有回答" in sign_in("admin").get("/office/health").get_data(as_text=True)


def test_without_a_queue_server_the_page_says_so(world, sign_in):
    page = sign_in("admin").get("/office/health").get_data(as_text=True)
    assert "照片和通知暂时不处理" in page and page.count("没有运行") == 5


def test_a_server_that_does_not_answer_is_a_finding(world, app):
    away = connect(app.config["BOLE"])
    assert health.server(away) is None and health.clockwork(away) is None
    assert not any(health.workers(away).values())
    heartbeat.beat(away, heartbeat.SCHEDULER, app.extensions["bole"].clock.now())
    app.extensions["bole"].redis = away
    status, parts = ready(app.test_client())
    assert status == 503 and not parts["queue"] and parts["database"]
    app.extensions["bole"].redis = None


def test_the_clockwork_and_the_workers_are_heard(world, queued, app, sign_in, clock):
    assert health.clockwork(queued) is None
    scheduler._tick_logged(app, house=False)
    assert health.clockwork(queued) == clock.now()
    worker = OutboxWorker(["office"], connection=queued)
    worker.register_birth()
    admin = sign_in("admin")
    page = admin.get("/office/health").get_data(as_text=True)
    assert "1 个在运行" in page and page.count("没有运行") == 3
    assert "（0 秒前）" in page
    clock.advance(seconds=health.SILENT.total_seconds() + 1)
    assert "停了" in admin.get("/office/health").get_data(as_text=True)
    worker.register_death()
    assert not any(health.workers(queued).values())


def test_a_machine_is_told_yes_or_no(world, queued, app, clock, visitor):
    scheduler._tick_logged(app, house=False)
    assert ready(visitor) == (200, {"ok": True, **dict.fromkeys(PARTS, True)})
    promised("stuck", not_before=clock.now() - OVERDUE - timedelta(seconds=1))
    status, parts = ready(visitor)
    assert status == 503 and [name for name in PARTS if not parts[name]] == ["work"]
    clock.advance(seconds=health.SILENT.total_seconds() + 1)
    assert not ready(visitor)[1]["scheduler"]


def test_a_full_disk_is_told(world, app, sign_in, monkeypatch, visitor):
    monkeypatch.setattr(health, "disk", lambda: health.Disk(health.LOW_DISK - 1, health.LOW_DISK * 9))
    assert "快满了" in sign_in("admin").get("/office/health").get_data(as_text=True)
    assert not ready(visitor)[1]["disk"]
    monkeypatch.setattr(health, "disk", lambda: health.Disk(health.LOW_DISK, health.LOW_DISK * 9))
    assert ready(visitor)[1]["disk"]


def test_the_last_backup_is_what_was_said_last(world, app, sign_in):
    admin = sign_in("admin")
    assert health.last_backup() is None and "没有记录" in admin.get("/office/health").get_data(as_text=True)
    (app.config["BOLE"].data / health.BACKUP).touch()
    assert health.last_backup() is not None and "没有记录" not in admin.get("/office/health").get_data(as_text=True)


def test_failed_work_is_given_up_for_a_reason(world, sign_in):
    row_id = promised("failed", state="failed", attempts=5, error="TimeoutError at letters.py:10")
    admin = sign_in("admin")
    page = admin.post(f"/office/work/{row_id}/give-up", data={"reason": " "})
    assert page.status_code == 422 and "请写明为什么" in page.get_data(as_text=True)
    assert admin.post(f"/office/work/{row_id}/give-up", data={"reason": "单位已经撤销"}).status_code == 302
    assert "TimeoutError" not in admin.get("/office/work").get_data(as_text=True)
    line = db.session.scalars(db.select(Audit).where(Audit.action == "give_up_work")).one()
    assert line.reason == "send_letter: 单位已经撤销" and line.subject == f"work:{row_id}"
    for act in ("retry", "give-up"):
        assert admin.post(f"/office/work/{row_id}/{act}", data={"reason": "再来"}).status_code == 404
    assert not outbox.retry(db.session(), row_id), "given up is given up"


def test_what_has_not_failed_is_not_given_up(world):
    row_id = promised("waiting")
    with pytest.raises(Conflict), unit_of_work() as session:
        outbox.give_up(session, row_id)
    assert db.session.get(Outbox, row_id).state == "pending"


def test_everything_that_failed_is_tried_again_at_once(world, sign_in):
    ids = [promised(f"failed {number}", state="failed", attempts=5) for number in range(3)]
    admin = sign_in("admin")
    page = admin.get("/office/work").get_data(as_text=True)
    assert "全部重试" in page
    assert "3 个任务" in admin.post("/office/work/retry", follow_redirects=True).get_data(as_text=True)
    db.session.rollback()
    assert {db.session.get(Outbox, one, populate_existing=True).state for one in ids} == {"pending"}
    assert len(db.session.scalars(db.select(Audit).where(Audit.action == "retry_work")).all()) == 3
