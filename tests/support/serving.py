"""Run `bole serve` as a person does: real processes on a real data folder, ended by Ctrl-C."""

import os
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import PATIENCE

BOLE = [sys.executable, "-m", "webforms.cli", "serve"]
_PORTS = range(20_000, 32_000)  # below what Linux gives to connections that are begun (32768 upwards)
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def free_port() -> int:
    """A port that nobody listens on. Not one that the system picks: it may give the same to somebody's connection
    before our process has it. Two processes of one test run never choose the same."""
    own = _PORTS[_WORKER % 16 :: 16]
    for port in random.SystemRandom().sample(own, len(own)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("every port is taken")


def environment(data: Path, port: int, **more: str) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "DATABASE_URL")}
    return (
        env
        | {
            "BOLE_DATA": str(data),
            "PORT": str(port),
            "BOLE_DEMO": "1",
            "BOLE_DEMO_PEOPLE": "0",
            "PYTHONUNBUFFERED": "1",
        }
        | more
    )


@contextmanager
def serving(data: Path, port: int, **more: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run until `ready …` was printed; afterwards Ctrl-C, and it must end by itself."""
    process = subprocess.Popen(
        BOLE, env=environment(data, port, **more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("ready "):
                break
        else:
            pytest.fail("ended before it was ready:\n" + "\n".join(lines))
        yield process, lines
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENCE)
        lines.extend(rest.splitlines())
        assert process.returncode == 0, lines
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def pids(data: Path, of: str) -> list[int]:
    """Processes of this data folder whose command line has `of`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            env = (entry / "environ").read_bytes()
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
        if of in command and f"BOLE_DATA={data}\0".encode() in env:
            found.append(int(entry.name))
    return found
