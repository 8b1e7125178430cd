"""`bole serve` as a person runs it: real processes, a real data folder."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BOLE = [sys.executable, "-m", "webforms.cli", "serve"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, port: int, **more: str) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "DATABASE_URL")}
    return env | {"BOLE_DATA": str(data), "PORT": str(port), "BOLE_DEMO": "1", "PYTHONUNBUFFERED": "1"} | more


@contextmanager
def serving(data: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run until `ready …` was printed; afterwards Ctrl-C, and it must end by itself."""
    process = subprocess.Popen(
        BOLE, env=environment(data, port), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
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
        rest, _ = process.communicate(timeout=40)
        lines.extend(rest.splitlines())
        assert process.returncode == 0, lines
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
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


def test_first_start_second_start_and_ctrl_c(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    with serving(data, port) as (_, lines):
        text = "\n".join(lines)
        assert lines[-1] == f"ready http://127.0.0.1:{port}"
        assert "preparing the database" in text
        assert f"http://127.0.0.1:{port}/chat/" in text
        assert f"http://127.0.0.1:{port}/office/" in text
        assert "█" in text or "▀" in text, "no QR code"
        assert get(port, "/healthz") == "ok"
        assert "<html" in get(port, "/")
    assert pids(data, "valkey") == []
    assert pids(data, "granian") == []
    assert lines[-1].startswith("stopped")
    with serving(data, port) as (_, lines):
        assert "preparing" not in "\n".join(lines), "a second start must be warm"
    assert sqlite3.connect(data / "bole.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_killed_web_process_is_started_again(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    with serving(data, port):
        for pid in pids(data, "granian"):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while True:
            try:
                assert get(port, "/healthz") == "ok"
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)


def refused(data: Path, **more: str) -> str:
    env = environment(data, free_port(), **more)
    done = subprocess.run(BOLE, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_default_secret_is_refused_with_one_clear_line(tmp_path: Path) -> None:
    assert re.search(r"BOLE_SECRET_KEY is a default or too weak", refused(tmp_path / "d", BOLE_SECRET_KEY="change-me"))


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"port {port}" in refused(tmp_path / "d", PORT=port)


def test_production_makes_no_demo_accounts_and_opens_no_demo_round(tmp_path: Path) -> None:
    from models.settings import Settings
    from webforms.app import create_app
    from webforms.prepare import prepare

    app = create_app(Settings(data=tmp_path / "data"))
    programmes, accounts = prepare(app)
    assert accounts == []
    assert programmes and not any(p["open"] for p in programmes)
