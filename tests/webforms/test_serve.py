"""`bole serve` as a person runs it: real processes, a real data folder."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import urllib.error
from pathlib import Path

import pytest
from serving import BOLE, environment, free_port, get, pids, serving
from sqlalchemy import select
from waiting import PATIENCE, wait_for

from models.application.tables import Round
from models.extensions import db
from models.settings import Settings
from webforms import serve
from webforms.app import create_app
from webforms.prepare import prepare


def test_first_start_second_start_and_ctrl_c(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    data.mkdir(mode=0o755)  # somebody made it with the usual rights
    with serving(data, port) as (_, lines):
        text = "\n".join(lines)
        assert lines[-1] == f"ready http://127.0.0.1:{port}"
        assert "preparing the database" in text
        assert "shenhe-hengyang" in text and "Shenhe-2026-demo" in text, "how staff sign in to the demo"
        assert f"http://127.0.0.1:{port}/chat/" in text
        assert f"http://127.0.0.1:{port}/office/" in text
        assert "█" in text or "▀" in text, "no QR code"
        assert get(port, "/healthz") == "ok"
        assert "<html" in get(port, "/")
        with pytest.raises(urllib.error.HTTPError):
            get(port, "/h/a-token-that-opens-an-application")
        logs = "".join(path.read_text() for path in (data / "logs").iterdir())
        assert "a-token-that" not in logs and "/h/" not in logs, "addresses hold tokens: no access log"
        wide = [path for path in (data, *data.rglob("*")) if not path.is_socket() and path.stat().st_mode & 0o077]
        assert wide == [], "readable by others"
        assert "another `bole serve`" in refused(data) and get(port, "/healthz") == "ok"
    assert pids(data, "valkey") == []
    assert pids(data, "granian") == []
    assert lines[-1].startswith("stopped")
    with serving(data, port) as (_, lines):
        assert "preparing" not in "\n".join(lines), "a second start must be warm"
    assert sqlite3.connect(data / "bole.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_killed_web_process_is_started_again(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    with serving(data, port):
        before = set(pids(data, "granian"))
        for pid in before:
            with contextlib.suppress(ProcessLookupError):  # ended with the one that was killed first
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not before & set(pids(data, "granian")) and _answers(port))


def _answers(port: int) -> bool:
    try:
        return get(port, "/healthz") == "ok"
    except OSError:
        return False


def refused(data: Path, **more: str) -> str:
    env = environment(data, free_port(), **more)
    done = subprocess.run(BOLE, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
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
    app = create_app(Settings(data=tmp_path / "data"))
    programmes, accounts = prepare(app)
    assert accounts == []
    assert programmes
    with app.app_context():
        assert not db.session.scalars(select(Round).where(Round.demo)).all()
        db.session.remove()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_bound_to_every_address_links_name_one_that_a_phone_can_reach(tmp_path: Path, host: str) -> None:
    settings = serve._with_address(Settings(data=tmp_path, host=host, port=8123))
    assert re.fullmatch(r"http://\d+\.\d+\.\d+\.\d+:8123", settings.base_url)
    assert "0.0.0.0" not in settings.base_url


def test_an_address_that_was_given_is_kept(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, host="0.0.0.0", public_url="https://bole.example")
    assert serve._with_address(settings).base_url == "https://bole.example"
    assert serve._with_address(Settings(data=tmp_path)).base_url == "http://127.0.0.1:8000"
