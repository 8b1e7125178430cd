"""Processes take turns at one database, and whatever becomes of one, the next is let in."""

import fcntl
import multiprocessing
import os
import signal
import sqlite3
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from waiting import PATIENCE, wait_for

from models import write_order, write_queue
from models.extensions import db, writing
from models.write_order import NEXT, TURN, ProcessOrder

spawn = multiprocessing.get_context("spawn")
LONG = 600.0  # longer than any test waits


def _do(path, orders, end):
    """Another process: what it does is what it is told, letter by letter; each is told back when it is done."""
    order = ProcessOrder(path)
    while True:
        for letter in orders.recv():
            if letter == "-":
                order.leave()
            else:
                assert order.enter(LONG)
                with Path(end).open("a", encoding="ascii") as file:
                    file.write(letter)
            orders.send(letter)


@contextmanager
def beside(path, end=os.devnull):
    """Such a process, and the pipe to it."""
    here, there = spawn.Pipe()
    process = spawn.Process(target=_do, args=(str(path), there, str(end)), daemon=True)
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join(PATIENCE)


def told(pipe, letters):
    """Tell it, and hear that it is done."""
    pipe.send(letters)
    for letter in letters:
        assert pipe.poll(PATIENCE)
        assert pipe.recv() == letter


def locked(path, byte):
    """Whether a process holds this byte: asked by one of its own, since closing the file would let go of all locks."""
    child = os.fork()
    if child == 0:
        file = os.open(f"{path}-turn", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except BlockingIOError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.sqlite3"


def test_one_process_at_a_time(path):
    order = ProcessOrder(str(path))
    with beside(path) as (_, pipe):
        told(pipe, "a")
        assert not order.enter(0)
        told(pipe, "-")
        assert order.enter(0)
        pipe.send("b")
        wait_for(lambda: locked(path, NEXT))
        assert not pipe.poll(0)
        order.leave()
        assert pipe.poll(PATIENCE)
    assert order.enter(PATIENCE)


def test_who_has_written_does_not_pass_by_one_who_waits(path, tmp_path):
    end = tmp_path / "end"
    order = ProcessOrder(str(path))
    with beside(path, end) as (_, first), beside(path, end) as (_, second):
        told(first, "a")
        second.send("b-")
        wait_for(lambda: locked(path, NEXT))
        told(first, "-a-a-")  # at once, while the other still sleeps between two looks
        wait_for(lambda: second.poll(0))
    assert order.enter(PATIENCE)
    assert end.read_text()[:2] == "ab"


def test_a_killed_process_holds_nobody_up(path):
    order = ProcessOrder(str(path))
    with beside(path) as (holder, pipe), beside(path) as (waiter, other):
        told(pipe, "a")
        other.send("b")
        wait_for(lambda: locked(path, NEXT))
        waiter.kill()
        waiter.join(PATIENCE)
        assert not locked(path, NEXT)
        assert not order.enter(0)
        holder.kill()
        holder.join(PATIENCE)
        assert order.enter(0)


def test_one_who_stands_next_and_does_not_move_is_passed_by(path, monkeypatch):
    until, waits = {}, write_order._waits
    monkeypatch.setattr(write_order, "PATIENCE", 0.01)
    monkeypatch.setattr(
        write_order, "_waits", lambda file, byte, end: until.update({byte: end}) or waits(file, byte, end)
    )
    order = ProcessOrder(str(path))
    with beside(path) as (_, pipe), beside(path) as (waiter, other):
        told(pipe, "a")
        other.send("b")
        wait_for(lambda: locked(path, NEXT))
        os.kill(waiter.pid, signal.SIGSTOP)
        told(pipe, "-")
        assert locked(path, NEXT)
        assert order.enter(PATIENCE)
        assert until[NEXT] < until[TURN]  # and not because all the time was over
        order.leave()
        os.kill(waiter.pid, signal.SIGCONT)
        assert other.poll(PATIENCE)


def test_whoever_gives_up_stands_nowhere(path):
    order = ProcessOrder(str(path))
    with beside(path) as (_, pipe):
        told(pipe, "a")
        assert not order.enter(0.01)
        assert not locked(path, NEXT)
        told(pipe, "-")
        assert not locked(path, TURN)


def test_a_fork_stands_in_line_like_any_other_and_takes_nothing_from_its_parent(path):
    queue = write_queue.queue_of(str(path))
    assert queue.enter("parent", 0)
    for expected in (1, 0):
        child = os.fork()
        if child == 0:
            os._exit(0 if write_queue.queue_of(str(path)).enter("child", 0) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == expected
        assert locked(path, TURN) == bool(expected)
        queue.leave("parent")


def test_what_a_fork_has_inherited_does_not_end_its_own_turn(path):
    queue = write_queue.queue_of(str(path))
    assert queue.enter("parent", 0)
    queue.leave("parent")
    child = os.fork()
    if child == 0:
        own = write_queue.queue_of(str(path))
        entered = own.enter("child", 0)
        queue.close()
        os._exit(0 if entered and locked(path, TURN) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_where_no_file_can_be_made_there_is_no_order(tmp_path):
    (tmp_path / "file").touch()
    order = ProcessOrder(str(tmp_path / "file" / "x.sqlite3"))
    assert order.enter(0)
    order.leave()
    order.close()
    assert order.enter(0)


def test_the_file_is_closed_with_the_last_connection_that_wrote(path):
    def open_files():
        return [name for name in map(_target, Path("/proc/self/fd").iterdir()) if name == f"{path}-turn"]

    both = [sqlite3.connect(path, factory=write_queue.QueueingConnection) for _ in range(2)]
    for one in both:
        one.wait_to_write()
        one.written()
    assert len(open_files()) == 1
    both.pop().close()
    assert len(open_files()) == 1
    both.pop().close()
    del one
    assert open_files() == []


def _target(link):
    try:
        return str(link.readlink())
    except FileNotFoundError:  # the listing's own
        return ""


def test_a_writer_gives_up_in_time_and_goes_on_when_the_other_process_is_gone(make_core_app, settings, monkeypatch):
    app = make_core_app(settings)
    with app.app_context(), writing(), beside(settings.data.resolve() / "bole.sqlite3") as (holder, pipe):
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        assert not locked(settings.data / "bole.sqlite3", TURN)  # the commit has let go of it
        told(pipe, "a")
        with monkeypatch.context() as hurry:
            hurry.setattr(write_queue, "SECONDS", 0.05)
            for _ in range(2):
                with pytest.raises(OperationalError, match="database is locked"):
                    db.engine.connect().begin()
        holder.kill()
        with db.engine.begin() as connection:
            connection.execute(text("INSERT INTO counter VALUES (1)"))
            assert locked(settings.data / "bole.sqlite3", TURN)
        assert not locked(settings.data / "bole.sqlite3", TURN)
