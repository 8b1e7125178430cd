"""One `bole serve` in a data folder: the next one waits for one that is ending, and is told of one that is not."""

import os
import subprocess
import sys

import pytest

from webforms import serve_lock


def refused(path, within=0.0):
    with pytest.raises(serve_lock.InUse) as found:
        serve_lock.take(path, print, within)
    return str(found.value)


def test_one_that_is_at_work_is_named_at_once_and_what_to_do(tmp_path):
    held = serve_lock.take(tmp_path / "lock", print)
    said = refused(tmp_path / "lock", within=serve_lock.WITHIN)
    assert f"process {os.getpid()}" in said and "is at work" in said and "BOLE_DATA" in said
    os.close(held)
    os.close(serve_lock.take(tmp_path / "lock", print))


def test_one_that_is_ending_is_waited_for(tmp_path):
    held = serve_lock.take(tmp_path / "lock", print)
    serve_lock.ending(held)
    assert "has not left" in refused(tmp_path / "lock")
    said = []
    os.close(serve_lock.take(tmp_path / "lock", lambda line: (said.append(line), os.close(held))))
    assert len(said) == 1 and "just stopping" in said[0]


def test_what_a_killed_one_left_running_is_waited_for_as_well(tmp_path):
    """The queue's server outlives whoever was killed for a moment, and would take the new one's socket along."""
    child = "import os, sys; from pathlib import Path; from webforms import serve_lock, supervisor\n"
    child += f"held = serve_lock.take(Path({str(tmp_path / 'lock')!r}), print)\n"
    child += "sleeper = [sys.executable, '-c', 'import sys; sys.stdin.read()']\n"
    child += "import subprocess; subprocess.Popen(sleeper, pass_fds=(held,)); os._exit(9)"
    left = subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE)
    assert left.wait() == 9
    assert f"process {left.pid}" in refused(tmp_path / "lock")
    os.close(serve_lock.take(tmp_path / "lock", lambda _line: left.stdin.close()))


def test_a_file_that_says_nothing_readable_is_no_reason_to_stop(tmp_path):
    (tmp_path / "lock").write_text("not a process\n")
    os.close(serve_lock.take(tmp_path / "lock", print))
    assert (tmp_path / "lock").read_text() == f"{os.getpid()} running\n"
