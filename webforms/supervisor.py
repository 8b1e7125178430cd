"""A small supervisor: starts the processes, restarts what dies, stops Valkey last.

Children run in their own sessions, so Ctrl-C reaches only the supervisor and the order of stopping is ours; on Linux
they are also told to end if the supervisor is killed (prctl(2), PR_SET_PDEATHSIG).
Only the standard library: a second start must not wait for imports.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

GRACE = 12.0  # seconds from SIGTERM to SIGKILL: longer than a photo job's own limit
STABLE = 30.0  # alive this long, a child's failures are forgotten
MAX_DELAY = 15.0


@dataclass(slots=True)
class Child:
    """One process. `last`: stopped after all others; `once`: not started again when it has ended; `keeps`: descriptors
    that it inherits."""

    name: str
    argv: list[str]
    log: Path
    last: bool = False
    once: bool = False
    keeps: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    retry_at: float = 0.0


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@dataclass(slots=True)
class Supervisor:
    """Runs children until told to stop. `say` prints a line for the person at the terminal."""

    env: Mapping[str, str]
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def start(self, child: Child) -> None:
        """Start `child` and keep it running from now on, in a process group of its own: Ctrl-C is for us alone.

        Not in a session of its own: kernels that share out the processor by session (sched_autogroup) would let a
        worker's `nice` count for nothing beside the web.
        """
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 our own argv
                child.argv,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=dict(self.env),
                process_group=0,
                pass_fds=child.keeps,
                preexec_fn=_die_with_parent,
            )
        child.started = time.monotonic()
        if child not in self.children:
            self.children.append(child)

    def look(self) -> None:
        """One round: restart what died, later each time it dies again."""
        now = time.monotonic()
        for child in self.children:
            process = child.process
            if process is None:
                if now >= child.retry_at and not self.stopping:
                    self.start(child)
                continue
            code = process.poll()
            if code is None:
                if now - child.started > STABLE:
                    child.failures = 0
                continue
            child.process = None
            if child.once:
                self.children.remove(child)
                if code:
                    self.say(f"{child.name} ended (code {code}), see {child.log}")
                return  # the list has changed; the others are looked at in the next round
            child.failures += 1
            delay = min(MAX_DELAY, 0.25 * 2**child.failures)
            child.retry_at = now + delay
            self.say(f"{child.name} ended (code {code}); starting it again in {delay:.1f} s, see {child.log}")

    def run(self) -> None:
        """Look after the children until SIGINT or SIGTERM."""
        while not self.stopping:
            self.look()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop everything, Valkey (`last`) when the others have ended. Safe to call twice."""
        self.stopping = True
        for group in ([c for c in self.children if not c.last], [c for c in self.children if c.last]):
            _end([c.process for c in group if c.process is not None])
            for child in group:
                child.process = None


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
