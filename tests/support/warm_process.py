"""A script in a process of its own, which is killed where the script says so: forked from one that has imported the app
and done nothing else, since the imports are most of a start. Commands and `bole serve` are tested from nothing."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

from webforms import app as composition

PROCESSES = multiprocessing.get_context("forkserver")  # one server for all of a test process, so its modules stand here
PROCESSES.set_forkserver_preload([__name__, "tests.workers.worker_process"])

for _name in (*composition._PARTS, *composition._TICKETED, *composition._SESSION):
    importlib.import_module(_name)  # as `create_app` does


def run_script(script: str, *arguments: str, env: Mapping[str, str], given: bytes = b"") -> CompletedProcess[bytes]:
    """Run it with `given` to read, as `python -c` would; how it ended and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("in", "out", "err")]
        streams[0].write_bytes(given)
        process = PROCESSES.Process(target=_run, args=(script, arguments, dict(env), streams))
        process.start()
        process.join()
        assert process.exitcode is not None
        return CompletedProcess([*arguments], process.exitcode, *(stream.read_bytes() for stream in streams[1:]))


def _run(script: str, arguments: tuple[str, ...], env: dict[str, str], streams: list[Path]) -> None:
    for number, stream in enumerate(streams):
        opened = os.open(stream, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0)  # noqa: SIM115 - multiprocessing has put nothing there
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["-c", *arguments]
    exec(script, {"__name__": "__main__"})
