"""Work that has an end, whoever does not answer."""

import threading
from contextvars import ContextVar

import pytest
from waiting import PATIENCE

from bot_adapter.channels import within as module
from bot_adapter.channels.within import within

named = ContextVar("named", default="")


def test_what_is_done_in_time_comes_back_with_its_errors():
    named.set("request 7")
    assert within(PATIENCE, named.get) == "request 7", "what the log says of a request is said there as well"
    with pytest.raises(ZeroDivisionError):
        within(PATIENCE, lambda: 1 / 0)


def test_what_is_late_is_left_to_itself():
    over = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.05, lambda: over.wait(PATIENCE))
    over.set()


def test_who_finds_no_room_in_time_never_begins(monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)
    monkeypatch.setattr(module, "_threads", module._pool())
    begun, over, done = threading.Event(), threading.Event(), []

    def first():
        begun.set()
        if over.wait(PATIENCE):
            done.append("first")

    module._threads.submit(first)
    assert begun.wait(PATIENCE)
    with pytest.raises(TimeoutError):
        within(0.05, lambda: done.append("second"))
    over.set()
    within(PATIENCE, lambda: done.append("third"))
    assert done == ["first", "third"]


def test_a_forked_process_has_threads_of_its_own(monkeypatch):
    before = module._threads
    monkeypatch.setattr(module, "_threads", before)
    module._forget()
    assert module._threads is not before
    assert within(PATIENCE, lambda: 1) == 1
