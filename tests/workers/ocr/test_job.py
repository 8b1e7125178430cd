"""From a page's good verdict to its reading, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import drawn_cards
import pytest

from models import outbox, storage
from models.application import readings, service
from models.application.tables import DocumentPage, Outbox, Reading
from models.clock import FixedClock
from models.documents.reading import NOT_CHECKED, Found, PageReading
from models.extensions import db
from models.queue import MAX_ATTEMPTS
from models.unit_of_work import unit_of_work
from workers import scheduler
from workers.ocr import job
from workers.ocr.job import read_page
from workers.ocr.warm import ReaderBroken
from workers.photos import process_page

READING = PageReading("read", "id_front", {"name": Found("王小明", "王小明", False, 0.99, (0.1, 0.1, 0.2, 0.2))})


class FakeReader:
    """Answers without looking, or breaks."""

    engine = "made up 1"

    def __init__(self, answer: PageReading | Exception = READING) -> None:
        self.answer = answer
        self.seen: list[tuple[bytes, tuple[str, ...]]] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def read(self, jpeg: bytes, expected: tuple[str, ...]) -> PageReading:
        self.seen.append((jpeg, expected))
        self.meanwhile()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    made = FakeReader()
    monkeypatch.setattr(job, "reader", lambda: made)
    return made


def judged(desk: Any, photo: bytes, status: str = "draft", document: str = "id_card") -> tuple[str, str]:
    """A page with its good verdict: its id and its application's."""
    application = desk.application(status)
    page_id, row_id = desk.page(application, photo, document)
    with desk.app.app_context():
        process_page(row_id)
    assert desk.one(DocumentPage, id=page_id).state == "ok"
    return page_id, application


def promised(desk: Any) -> list[Any]:
    return sorted(desk.all(Outbox, job="read_page"), key=lambda row: row.created_at)


def work(desk: Any, row_id: str) -> None:
    with desk.app.app_context():
        read_page(row_id)


def kept(desk: Any, application: str) -> dict[str, PageReading]:
    with desk.app.app_context():
        found = readings.of_application(application)
        db.session.rollback()
        return found


def turn(desk: Any, page_id: str, application: str) -> None:
    with desk.app.app_context():
        service.turn_page(application, page_id)


def test_a_good_page_is_read_once(persistent_desk: Any, reader: FakeReader, good_photo: bytes) -> None:
    desk = persistent_desk
    page_id, application = judged(desk, good_photo)
    (row,) = promised(desk)
    assert (row.subject_id, row.effect) == (page_id, f"read_page:{page_id}:0")
    assert kept(desk, application) == {}
    for _ in range(2):
        work(desk, row.id)
    assert kept(desk, application) == {page_id: READING}
    ((jpeg, expected),) = reader.seen
    assert jpeg.startswith(b"\xff\xd8") and expected == ("id_front", "id_back")
    assert desk.one(Reading).engine == "made up 1"
    assert desk.all(Outbox, job="check_application") == []


def test_a_person_who_waits_comes_before_the_offices_batch(
    persistent_desk: Any, reader: FakeReader, good_photo: bytes
) -> None:
    desk = persistent_desk
    batch = [judged(desk, good_photo, status="submitted")[1] for _ in range(2)]
    _, person = judged(desk, good_photo)
    rows = promised(desk)
    work(desk, rows[0].id)
    assert [bool(kept(desk, one)) for one in (*batch, person)] == [True, False, True]
    work(desk, rows[2].id)  # its own message finds it done
    work(desk, rows[1].id)
    assert len(reader.seen) == 3
    assert [row.state for row in promised(desk)] == ["done"] * 3


def test_people_who_wait_are_read_in_their_order(desk: Any, reader: FakeReader, good_photo: bytes) -> None:
    people = [judged(desk, good_photo)[1] for _ in range(3)]
    rows = promised(desk)
    work(desk, rows[1].id)
    assert [bool(kept(desk, one)) for one in people] == [False, True, False]


def test_a_waiting_page_that_another_worker_reads_is_left_to_it(
    desk: Any, reader: FakeReader, good_photo: bytes
) -> None:
    judged(desk, good_photo, status="submitted")
    _, person = judged(desk, good_photo)
    rows = promised(desk)
    with desk.app.app_context():
        assert outbox.claim(rows[1].id, desk.clock.now()) is not None
    work(desk, rows[0].id)
    assert len(reader.seen) == 1 and kept(desk, person) == {}


@pytest.mark.parametrize("document", ["other", "portrait"])
def test_what_nobody_can_read_is_not_promised(desk: Any, reader: FakeReader, good_photo: bytes, document: str) -> None:
    judged(desk, good_photo, document=document)
    assert promised(desk) == []


def test_an_unusable_page_is_not_read(desk: Any, reader: FakeReader) -> None:
    page_id, row_id = desk.page(desk.application(), b"\xff\xd8\xff nothing")
    with desk.app.app_context():
        process_page(row_id)
    assert desk.one(DocumentPage, id=page_id).state == "retake"
    assert promised(desk) == []


@pytest.mark.parametrize(("status", "checks"), [("draft", 0), ("submitted", 1), ("returned", 1), ("approved", 0)])
def test_findings_follow_a_reading_that_comes_after_the_hand_in(
    desk: Any, reader: FakeReader, good_photo: bytes, status: str, checks: int
) -> None:
    page_id, application = judged(desk, good_photo, status)
    (row,) = promised(desk)
    work(desk, row.id)
    again = [row for row in desk.all(Outbox, job="check_application") if f":read:{page_id}:" in row.effect]
    assert [row.subject_id for row in again] == [application] * checks


def test_a_turned_page_is_read_again_also_when_it_has_come_full_circle(
    persistent_desk: Any, reader: FakeReader, good_photo: bytes
) -> None:
    desk = persistent_desk
    page_id, application = judged(desk, good_photo)
    for turns in range(5):
        if turns:
            turn(desk, page_id, application)
        assert kept(desk, application) == {}
        for row in promised(desk):
            work(desk, row.id)
        assert kept(desk, application) == {page_id: READING}
        assert desk.one(Reading).turn == turns
    assert len(reader.seen) == 5 and len({jpeg for jpeg, _ in reader.seen}) == 5


def test_turned_while_it_was_read(desk: Any, reader: FakeReader, good_photo: bytes) -> None:
    page_id, application = judged(desk, good_photo)
    reader.meanwhile = lambda: turn(desk, page_id, application)
    (row,) = promised(desk)
    work(desk, row.id)
    assert kept(desk, application) == {}
    reader.meanwhile = lambda: None
    (again,) = [row for row in promised(desk) if row.state == "pending"]
    work(desk, again.id)
    assert kept(desk, application) == {page_id: READING}


def test_removed_before_it_was_read(desk: Any, reader: FakeReader, good_photo: bytes) -> None:
    page_id, application = judged(desk, good_photo)
    with desk.app.app_context():
        service.remove_page(application, page_id)
    (row,) = promised(desk)
    work(desk, row.id)
    assert reader.seen == [] and desk.all(Reading) == []
    assert desk.one(Outbox, id=row.id).state == "done"


def test_removed_while_it_was_read(desk: Any, reader: FakeReader, good_photo: bytes, clock: FixedClock) -> None:
    page_id, _ = judged(desk, good_photo)

    def remove() -> None:
        with desk.app.app_context(), unit_of_work() as session:
            session.get_one(DocumentPage, page_id).removed_at = clock.now()

    reader.meanwhile = remove
    (row,) = promised(desk)
    work(desk, row.id)
    assert desk.all(Reading) == []
    assert desk.one(Outbox, id=row.id).state == "done"


def test_read_by_two_workers_at_once(persistent_desk: Any, reader: FakeReader, good_photo: bytes) -> None:
    """The lease of the first runs out while it reads; the second reads too, and one reading is kept."""
    desk = persistent_desk
    page_id, application = judged(desk, good_photo)
    (row,) = promised(desk)

    def second() -> None:
        reader.meanwhile = lambda: None
        with desk.app.app_context(), unit_of_work() as session:
            session.get_one(Outbox, row.id).lease_until = None
        work(desk, row.id)

    reader.meanwhile = second
    work(desk, row.id)
    assert len(reader.seen) == 2
    assert kept(desk, application) == {page_id: READING}
    assert desk.one(Outbox, id=row.id).state == "done"


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_a_page_that_nobody_could_read_becomes_not_checked(
    persistent_desk: Any, reader: FakeReader, good_photo: bytes, clock: FixedClock, status: str
) -> None:
    desk = persistent_desk
    page_id, application = judged(desk, good_photo, status)
    (row,) = promised(desk)
    reader.answer = ReaderBroken("it hung")
    for attempt in range(MAX_ATTEMPTS):
        assert desk.one(Outbox, id=row.id).state == "pending", attempt
        tick(desk, clock)
        assert kept(desk, application) == {}
        work(desk, row.id)
        clock.advance(hours=1)
    assert desk.one(Outbox, id=row.id).state == "failed"
    for _ in range(2):
        tick(desk, clock)
        assert kept(desk, application) == {page_id: NOT_CHECKED}
    assert desk.one(DocumentPage, id=page_id).state == "ok"  # nobody is refused for it
    checks = [row for row in desk.all(Outbox, job="check_application") if ":not_checked" in row.effect]
    assert len(checks) == (status == "submitted")


def test_staff_may_have_it_tried_again(desk: Any, reader: FakeReader, good_photo: bytes, clock: FixedClock) -> None:
    page_id, application = judged(desk, good_photo)
    (row,) = promised(desk)
    reader.answer = ReaderBroken("it hung")
    for _ in range(MAX_ATTEMPTS):
        work(desk, row.id)
        clock.advance(hours=1)
    tick(desk, clock)
    reader.answer = READING
    with desk.app.app_context(), unit_of_work() as session:
        assert outbox.retry(session, row.id)
    work(desk, row.id)
    assert kept(desk, application) == {page_id: READING}


def test_without_a_reader_the_page_is_not_checked_at_once(desk: Any, reader: FakeReader, good_photo: bytes) -> None:
    page_id, application = judged(desk, good_photo)
    reader.answer, reader.engine = NOT_CHECKED, ""
    (row,) = promised(desk)
    work(desk, row.id)
    assert kept(desk, application) == {page_id: NOT_CHECKED}
    assert desk.one(Outbox, id=row.id).state == "done"


def test_a_lost_file_is_nobodys_acceptance(desk: Any, reader: FakeReader, good_photo: bytes) -> None:
    page_id, application = judged(desk, good_photo)
    with desk.app.app_context():
        storage.delete(desk.one(DocumentPage, id=page_id).image_key)
    (row,) = promised(desk)
    work(desk, row.id)
    assert reader.seen == [] and kept(desk, application) == {}
    assert desk.one(Outbox, id=row.id).state == "pending"


def test_nothing_that_was_read_is_logged(desk: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """The real reader on a real card, through the real jobs."""
    card = drawn_cards.photo(drawn_cards.front())
    page_id, application = judged(desk, card)
    (row,) = promised(desk)
    job.reader().close()  # one that an earlier test has warmed
    try:
        work(desk, row.id)
    finally:
        job.reader().close()
    reading = kept(desk, application)[page_id]
    assert reading.found["id_number"].trusted
    said = "".join(capfd.readouterr())
    assert "reader_started" in said
    for one in reading.found.values():
        assert one.text not in said and str(one.value) not in said
    sealed = desk.one(Reading).sealed
    assert sealed is not None and "王小明".encode() not in sealed


def tick(desk: Any, clock: FixedClock) -> None:
    with desk.app.app_context():
        scheduler.tick(clock.now())
        db.session.rollback()
