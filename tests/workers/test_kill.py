"""Nothing is lost and nothing is done twice: real Valkey, real worker processes, killed for real, on both databases."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import drawn_cards
import pytest
from redis import Redis
from waiting import PATIENCE, wait_for
from warm_process import PROCESSES

from models import outbox
from models.application import packs, service
from models.application.tables import Application, DocumentPage, Event, Notice, Outbox, Reading
from models.clock import FixedClock
from models.office.tables import Workbook
from models.programme import loader
from models.queue import MESSAGES, OFFICE, PHOTOS, READING
from models.settings import Settings
from models.unit_of_work import unit_of_work
from tests.workers.worker_process import run
from workers import runtime, scheduler
from workers.photos import process_page


@dataclass
class Worker:
    """A worker's process, and the line on which it says where it is."""

    process: ForkServerProcess
    line: Connection

    def heard(self) -> str:
        """What the worker says next; nothing where it has ended."""
        try:
            return str(self.line.recv())
        except EOFError:
            return ""

    def go_on(self) -> None:
        """Let a worker that holds go on."""
        self.line.send("")

    def kill(self) -> None:
        """As the system does when memory is short."""
        self.process.kill()
        self.process.join()

    def ask_to_stop(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def ended(self) -> int | None:
        """Its exit code, when it has ended by itself."""
        self.process.join(PATIENCE)
        return self.process.exitcode


Spawn = Callable[..., Worker]


@pytest.fixture
def queued_desk(persistent_settings: Settings, valkey_url: str, make_app: Any, make_desk: Any) -> Any:
    """A desk whose promises really are enqueued."""
    return make_desk(make_app(persistent_settings.model_copy(update={"redis_url": valkey_url})))


@pytest.fixture
def older_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], str]:
    """Publish an older version of the desk's pack, which is not on disk any more, and then the one on disk."""

    def publish(desk: Any) -> str:
        older = Path(shutil.copytree(loader.PACKS, tmp_path / "older"))
        programme = older / desk.slug / "programme.toml"
        programme.write_text(programme.read_text("utf-8").replace('version = "1"', 'version = "0"'), "utf-8")
        with desk.app.app_context():
            with monkeypatch.context() as patched:
                patched.setattr(loader, "PACKS", older)
                loader.load_pack.cache_clear()
                assert packs.publish(desk.slug).version == "0"
            loader.load_pack.cache_clear()
            assert packs.publish(desk.slug).version == "1"
        return "0"

    return publish


@pytest.fixture
def spawn(queued_desk: Any) -> Iterator[Spawn]:
    """Start a worker process; those that are left are ended."""
    started: list[Worker] = []
    settings: Settings = queued_desk.app.config["BOLE"]
    environment = {
        "PATH": os.environ["PATH"],
        "BOLE_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "BOLE_SECRET_KEY": settings.secret_key,
        "BOLE_KEY_RING": settings.key_ring,
    }

    def start(queue: str, *arguments: str, now: datetime) -> Worker:
        log = settings.data / "worker.log"
        line, theirs = PROCESSES.Pipe()
        given = (queue, arguments, {**environment, "TEST_NOW": now.isoformat()}, log, theirs)
        worker = Worker(PROCESSES.Process(target=run, args=given), line)
        worker.process.start()
        theirs.close()
        started.append(worker)
        assert worker.heard() == "ready", log.read_text()
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.process.close()
        worker.line.close()


def burst(spawn: Spawn, queue: str, now: datetime) -> None:
    """Work a queue off."""
    assert spawn(queue, "burst", now=now).ended() == 0


def sweep(desk: Any, now: datetime) -> int:
    with desk.app.app_context():
        return outbox.sweep(now)


def flush(desk: Any) -> None:
    """Empty Valkey, as a restart without persistence does."""
    with Redis.from_url(desk.app.config["BOLE"].redis_url) as redis:
        redis.flushall()


def assert_judged_once(desk: Any, page_id: str, row_id: str) -> None:
    page = desk.one(DocumentPage, id=page_id)
    assert (page.state, page.upload_key) == ("ok", None)
    assert desk.files() == {page.image_key, page.thumb_key}
    assert len(desk.all(Notice)) == 1
    assert desk.one(Outbox, id=row_id).state == "done"
    assert len(desk.all(Outbox, job="deliver_notice")) == 1


# Where a worker may be killed: before the picture is decoded; with copies stored but no verdict; with the verdict
# written but not committed; with everything but the row's own mark.
MOMENTS = (
    "workers.photos:decode",
    "workers.photos:record",
    "workers.photos:_catch_up",
    "models.outbox:finish",
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_in_the_middle_of_a_photo(
    queued_desk: Any, spawn: Spawn, good_photo: bytes, clock: FixedClock, moment: str
) -> None:
    desk = queued_desk
    application = desk.application()
    desk.conversation(application)
    page_id, row_id = desk.page(application, good_photo)
    worker = spawn(PHOTOS, moment, now=clock.now())
    assert worker.heard() == "holding"
    worker.kill()
    page = desk.one(DocumentPage, id=page_id)
    assert (page.state, desk.one(Outbox, id=row_id).state) == ("received", "pending")
    assert page.upload_key in desk.files()

    flush(desk)
    assert sweep(desk, clock.now()) == 0  # its lease still holds: nobody else may begin
    clock.advance(minutes=5)
    assert sweep(desk, clock.now()) == 1
    burst(spawn, PHOTOS, clock.now())
    assert_judged_once(desk, page_id, row_id)
    assert desk.one(Outbox, id=row_id).attempts == 2


@pytest.mark.parametrize("persistent_settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("moment", ["workers.ocr.job:record", "models.outbox:finish"])
def test_killed_in_the_middle_of_reading(queued_desk: Any, spawn: Spawn, clock: FixedClock, moment: str) -> None:
    """With the page read but nothing kept, and with everything but the row's own mark."""
    desk = queued_desk
    page_id, judged = desk.page(desk.application(), drawn_cards.photo(drawn_cards.front()))
    with desk.app.app_context():
        process_page(judged)
    worker = spawn(READING, moment, now=clock.now())
    assert worker.heard() == "holding"
    worker.kill()
    assert desk.all(Reading) == []
    flush(desk)
    clock.advance(minutes=5)
    assert sweep(desk, clock.now()) == 1
    burst(spawn, READING, clock.now())
    (kept,) = desk.all(Reading)
    assert (kept.page_id, kept.state, kept.kind) == (page_id, "read", "id_front")
    row = desk.one(Outbox, job="read_page")
    assert (row.state, row.attempts) == ("done", 2)


@pytest.mark.parametrize("persistent_settings", ["sqlite"], indirect=True)
def test_valkey_emptied_after_the_submission(
    queued_desk: Any, spawn: Spawn, good_photo: bytes, clock: FixedClock
) -> None:
    desk = queued_desk
    application = desk.application()
    desk.conversation(application)
    page_id, row_id = desk.page(application, good_photo)
    flush(desk)
    burst(spawn, PHOTOS, clock.now())
    assert desk.one(DocumentPage, id=page_id).state == "received"  # the queue knew nothing of it
    assert sweep(desk, clock.now()) == 1
    burst(spawn, PHOTOS, clock.now())
    assert_judged_once(desk, page_id, row_id)


@pytest.mark.parametrize("persistent_settings", ["sqlite"], indirect=True)
def test_valkey_emptied_under_a_running_worker(
    queued_desk: Any, spawn: Spawn, good_photo: bytes, clock: FixedClock
) -> None:
    desk = queued_desk
    application = desk.application()
    desk.conversation(application)
    worker = spawn(PHOTOS, now=clock.now())
    first, first_row = desk.page(application, good_photo)
    wait_for(lambda: done(desk, first_row))
    flush(desk)
    _second, second_row = desk.page(application, good_photo)
    wait_for(lambda: done(desk, second_row))
    assert worker.process.is_alive()
    assert {page.state for page in desk.all(DocumentPage)} == {"ok"}
    assert len(desk.all(Notice)) == 2
    assert desk.one(DocumentPage, id=first).upload_key is None


def done(desk: Any, row_id: str) -> bool:
    return bool(desk.one(Outbox, id=row_id).state == "done")


def test_two_workers_and_everything_handed_over_three_times(
    queued_desk: Any, spawn: Spawn, good_photo: bytes, clock: FixedClock
) -> None:
    desk = queued_desk
    application = desk.application()
    desk.conversation(application)
    pages = [desk.page(application, good_photo) for _ in range(4)]
    for _ in range(2):
        with Redis.from_url(desk.app.config["BOLE"].redis_url) as redis:
            for key in redis.scan_iter("bole:queued:*"):
                redis.delete(key)  # the guard against handing over twice is gone
        sweep(desk, clock.now())
    workers = [spawn(PHOTOS, "burst", now=clock.now()) for _ in range(2)]
    for worker in workers:
        assert worker.ended() == 0
    assert [desk.one(Outbox, id=row_id).attempts for _, row_id in pages] == [1, 1, 1, 1]
    assert len(desk.files()) == 8
    assert len(desk.all(Notice)) == 4


def test_a_submission_survives_everything(queued_desk: Any, spawn: Spawn, clock: FixedClock) -> None:
    """Handed in; the queue emptied at once; the worker killed before its first commit, twice: each effect once."""
    desk = queued_desk
    application = desk.answered("draft")
    desk.conversation(application)
    with desk.app.app_context(), unit_of_work() as session:
        session.add(
            Event(application_id=application, seq=1, type="started", at=clock.now(), actor="applicant", data={})
        )
    with desk.app.app_context():
        service.submit(application, "web")
    flush(desk)
    promised = len(desk.all(Outbox))
    assert promised >= 3  # check, workbook, notice
    for _ in range(2):
        clock.advance(minutes=20)  # beyond every lease and delay
        sweep(desk, clock.now())
        worker = spawn(OFFICE, "models.outbox:finish", now=clock.now())
        assert worker.heard() == "holding"
        worker.kill()
        flush(desk)
    clock.advance(minutes=20)
    sweep(desk, clock.now())
    burst(spawn, OFFICE, clock.now())
    burst(spawn, MESSAGES, clock.now())
    assert {(row.job, row.state) for row in desk.all(Outbox)} == {
        ("check_application", "done"),
        ("assemble_workbook", "done"),
        ("deliver_notice", "done"),
    }
    assert [event.type for event in desk.all(Event, application_id=application)] == ["started", "submitted", "checked"]
    assert desk.one(Application, id=application).status == "submitted"
    assert len(desk.all(Notice)) == 1
    books = desk.all(Workbook)
    assert len({(book.unit_id, book.kind) for book in books}) == len(books) > 0
    assert {book.storage_key for book in books} <= desk.files()


# The version is written, the person not told; everything is written but the row's own mark.
@pytest.mark.parametrize("moment", ("models.application.notices:tell", "models.outbox:finish"))
def test_killed_while_a_draft_moves_to_a_new_version(
    queued_desk: Any, spawn: Spawn, clock: FixedClock, older_version: Callable[[Any], str], moment: str
) -> None:
    desk = queued_desk
    before = older_version(desk)
    application = desk.answered("draft", version=before)
    desk.conversation(application)
    with desk.app.app_context():
        assert scheduler.tick(clock.now()).moves == 1
    worker = spawn(OFFICE, moment, now=clock.now())
    assert worker.heard() == "holding"
    worker.kill()
    assert desk.one(Application, id=application).pack_version == before
    assert (desk.all(Event), desk.all(Notice)) == ([], [])

    clock.advance(minutes=5)
    with desk.app.app_context():
        again = scheduler.tick(clock.now())
    assert (again.moves, again.handed_over) == (0, 1)
    burst(spawn, OFFICE, clock.now())
    assert desk.one(Application, id=application).pack_version == "1"
    assert [event.type for event in desk.all(Event)] == ["moved"]
    assert [notice.code for notice in desk.all(Notice)] == ["notice.moved"]
    assert desk.one(Outbox, job="move_draft").state == "done"


@pytest.mark.parametrize("persistent_settings", ["sqlite"], indirect=True)
def test_asked_to_stop_it_finishes_the_job_first(
    queued_desk: Any, spawn: Spawn, good_photo: bytes, clock: FixedClock
) -> None:
    desk = queued_desk
    worker = spawn(PHOTOS, "workers.photos:decode", now=clock.now())
    _page_id, row_id = desk.page(desk.application(), good_photo)
    assert worker.heard() == "holding"
    worker.ask_to_stop(signal.SIGTERM)
    worker.go_on()
    assert worker.ended() == 0
    assert done(desk, row_id)


@pytest.mark.parametrize("persistent_settings", ["sqlite"], indirect=True)
def test_an_idle_worker_stops_when_asked(queued_desk: Any, spawn: Spawn, clock: FixedClock) -> None:
    worker = spawn(OFFICE, now=clock.now())
    with Redis.from_url(queued_desk.app.config["BOLE"].redis_url) as redis:
        wait_for(lambda: any("b" in client["flags"] for client in redis.client_list()))  # it waits for work
    worker.ask_to_stop(signal.SIGINT)
    assert worker.ended() == 0
    assert runtime.WORKER_TTL - 15 <= 5, "how long RQ's wait for work may hold it"


def test_a_lease_covers_the_longest_photo(clock: FixedClock) -> None:
    """The decoder's deadline ends before RQ's, which ends before the lease: nobody is overtaken while working."""
    from models.queue import JOBS
    from workers.decoding import WALL_SECONDS

    assert JOBS["process_page"].function == f"{process_page.__module__}.{process_page.__name__}"
    assert JOBS["process_page"].timeout > WALL_SECONDS
    assert outbox.LEASE_MARGIN.total_seconds() > 0
