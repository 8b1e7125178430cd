"""`bole serve` as a person runs it: real processes, a real data folder."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

from serving import BOLE, environment, free_port, get, pids, serving


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
