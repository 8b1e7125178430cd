"""The work in the background and the state of the system, as administrators see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from redis import Redis

from models import clock, health, outbox
from models.application.tables import Outbox
from models.clock import SystemClock
from models.errors import BoleError, InvalidAnswer
from models.extensions import db
from models.office import audit, scope
from models.queue import QUEUES
from models.unit_of_work import unit_of_work
from webforms.i18n import counted as _n
from webforms.office_base import page, sentence, staff, staff_route
from webforms.office_format import moment
from webforms.office_health_words import QUEUE

KEEPERS = (scope.ADMIN,)
GOOD, WARN, BAD, UNKNOWN = "success", "warning", "danger", "secondary"
MOST = 200  # failed pieces shown at once
SHORTEST_REASON, LONGEST_REASON = 2, 200
OLD_BACKUP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Look:
    """One part: how it is, in a word and in a sentence."""

    name: str
    style: str
    word: str
    says: str


@staff_route("/work", *KEEPERS)
def failed_work() -> ResponseReturnValue:
    """Work in the background by kind, and what has failed or that nobody takes."""
    return _work_page()


def _work_page(problem: str = "", at: str = "") -> ResponseReturnValue:
    now = clock.current().now()
    rows = db.session.scalars(scope.failed_work(staff()).order_by(Outbox.created_at).limit(MOST + 1)).all()
    kinds = health.kinds(db.session(), now)
    return page(
        "work.html",
        422 if problem else 200,
        rows=rows[:MOST],
        more=len(rows) > MOST,
        kinds=kinds,
        sums={name: sum(getattr(kind, name) for kind in kinds) for name in ("waiting", "running", "later", "failed")},
        waits={kind.job: age(kind.oldest, now) for kind in kinds if kind.oldest},
        still={kind.job for kind in kinds if health.stands_still(kind.oldest, now)},
        problem=problem,
        problem_at=at,
    )


@staff_route("/work/<outbox_id>/retry", *KEEPERS, methods=("POST",))
def retry(outbox_id: str) -> ResponseReturnValue:
    """Let a failed piece of work be tried again."""
    row = scope.get_failed_work(staff(), outbox_id)
    _retry([row])
    flash(_("已重新排队。"), "success")
    return redirect(url_for("office.failed_work"))


@staff_route("/work/retry", *KEEPERS, methods=("POST",))
def retry_all() -> ResponseReturnValue:
    """Let everything be tried again that has failed: what was in the way (a disk, a server) is in the way of many."""
    failed = scope.failed_work(staff()).where(Outbox.state == "failed").order_by(Outbox.created_at).limit(MOST)
    count = _retry(list(db.session.scalars(failed)))
    flash(_n("已重新排队：%(n)d 个任务。", n=count), "success")
    return redirect(url_for("office.failed_work"))


def _retry(rows: list[Outbox]) -> int:
    staff_id, chosen, count = staff().id, [(row.id, row.job, row.state) for row in rows], 0
    with unit_of_work() as session:
        for outbox_id, job, state in chosen:
            if outbox.retry(session, outbox_id) or state == "pending":  # what waits the sweep hands over anyway
                audit.write(session, staff_id, audit.RETRY, f"work:{outbox_id}", job)
                count += 1
    return count


@staff_route("/work/<outbox_id>/give-up", *KEEPERS, methods=("POST",))
def give_up(outbox_id: str) -> ResponseReturnValue:
    """Give a failed piece of work up, for a reason: it is not tried again and leaves the list."""
    row, staff_id = scope.get_failed_work(staff(), outbox_id), staff().id
    reason = request.form.get("reason", "").strip()
    job = row.job
    try:
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            raise InvalidAnswer("office.give_up_reason")
        with unit_of_work() as session:
            outbox.give_up(session, outbox_id)
            audit.write(session, staff_id, audit.GIVE_UP, f"work:{outbox_id}", f"{job}: {reason}")
    except BoleError as error:
        db.session.rollback()
        return _work_page(sentence(error), outbox_id)
    flash(_("已放弃，不再重试。"), "success")
    return redirect(url_for("office.failed_work"))


@staff_route("/health", *KEEPERS)
def health_page() -> ResponseReturnValue:
    """How the system is, part by part."""
    redis: Redis | None = current_app.extensions["bole"].redis
    now = clock.current().now()
    kinds = health.kinds(db.session(), now)
    looks = [_database(), _queue(redis), *_workers(redis), _clockwork(redis, now), _backlog(kinds, now)]
    looks += [_disk(), _backup()]
    return page("health.html", looks=looks, worst=_worst(looks), at=now)


def _worst(looks: list[Look]) -> str:
    styles = {look.style for look in looks}
    return next((style for style in (BAD, WARN) if style in styles), GOOD)


def _database() -> Look:
    found, name = health.database(db.session()), _("数据库")
    if found is None:
        return Look(name, BAD, _("连不上"), _("数据库没有回答。"))
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(found.name, found.name)
    says = f"{kind} {found.version} · {found.mode} · {size(found.size)} · " + _("版本 %(n)s", n=found.revision)
    if not found.safe:
        return Look(name, BAD, _("不安全"), says + " · " + _("断电时可能丢失刚保存的内容"))
    return Look(name, GOOD, _("正常"), says)


def _queue(redis: Redis | None) -> Look:
    found, name = health.server(redis), _("任务队列（Valkey）")
    if found is None:
        return Look(name, BAD, _("连不上"), _("照片和通知暂时不处理，数据不会丢，恢复后自动继续。"))
    return Look(name, GOOD, _("正常"), f"{found.version} · " + _("内存 %(size)s", size=size(found.memory)))


def _workers(redis: Redis | None) -> list[Look]:
    found = health.workers(redis)
    return [_worker(queue, found.get(queue, [])) for queue in QUEUES]


def _worker(queue: str, working: list[health.Working]) -> Look:
    name = _("后台进程：%(queue)s", queue=QUEUE[queue])
    if not working:
        return Look(name, BAD, _("没有运行"), _("这一类任务没有进程处理，都在等。请让运维启动。"))
    busy, seen = sum(one.busy for one in working), max((one.seen for one in working if one.seen), default=None)
    says = _("%(n)d 个在运行，%(busy)d 个正忙", n=len(working), busy=busy)
    return Look(name, GOOD, _("正常"), says + (" · " + _("最近 %(at)s", at=moment(seen)) if seen else ""))


def _clockwork(redis: Redis | None, now: datetime) -> Look:
    last, name = health.clockwork(redis), _("定时任务")
    if last is None:
        return Look(name, BAD, _("没有运行"), _("不知道上一轮是什么时候。催办、清理和重试都要靠它。"))
    says = _("上一轮 %(at)s（%(age)s前）", at=moment(last), age=age(last, now))
    silent = now - last > health.SILENT
    return Look(name, BAD if silent else GOOD, _("停了") if silent else _("正常"), says)


def _backlog(kinds: list[health.Kind], now: datetime) -> Look:
    name, waiting, failed = _("待办任务"), sum(kind.waiting for kind in kinds), sum(kind.failed for kind in kinds)
    oldest = min((kind.oldest for kind in kinds if kind.oldest), default=None)
    says = _("等待 %(n)d 个，失败 %(failed)d 个", n=waiting, failed=failed)
    if oldest:
        says += " · " + _("最久的等了 %(age)s", age=age(oldest, now))
    if health.stands_still(oldest, now):
        return Look(name, BAD, _("积压"), says)
    return Look(name, WARN if failed else GOOD, _("有失败") if failed else _("正常"), says)


def _disk() -> Look:
    found = health.disk()
    says = _("剩余 %(free)s，共 %(total)s", free=size(found.free), total=size(found.total))
    return Look(_("磁盘"), BAD if found.low else GOOD, _("快满了") if found.low else _("正常"), says)


def _backup() -> Look:
    last, name = health.last_backup(), _("最近一次备份")
    if last is None:
        says = _("没有记录。请让备份脚本在每次成功后更新数据目录里的 %(file)s 文件。", file=health.BACKUP)
        return Look(name, UNKNOWN, _("不知道"), says)
    old = SystemClock().now() - last > OLD_BACKUP
    return Look(name, WARN if old else GOOD, _("太久了") if old else _("正常"), moment(last))


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that tells something."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 120:
        said = _n("%(n)d 秒", n=seconds)
    elif seconds < 2 * 3600:
        said = _n("%(n)d 分钟", n=seconds // 60)
    elif seconds < 48 * 3600:
        said = _n("%(n)d 小时", n=seconds // 3600)
    else:
        said = _n("%(n)d 天", n=seconds // 86400)
    return str(said)


def size(count: int) -> str:
    """Bytes as people read them."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit in ("B", "KB") else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TB"
