"""`bole doctor`: look at everything a running Bole needs; say what is wrong and how to mend it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from models.errors import PackError, SettingsError
from models.keys import load_keys
from models.settings import Settings


@dataclass(frozen=True, slots=True)
class Look:
    """One thing looked at."""

    name: str
    good: bool
    says: str


def examine(settings: Settings, say: Callable[[str], None]) -> int:
    """Print a line for each look; 0 when all are good."""
    bad = 0
    for look in _looks(settings):
        say(f"{'ok ' if look.good else 'BAD'} {look.name:<10} {look.says}")
        bad += not look.good
    return 1 if bad else 0


def _looks(settings: Settings) -> Iterator[Look]:
    yield _disk(settings)
    yield _keys(settings)
    yield _packs()
    yield _database(settings)
    yield _published(settings)
    yield _queue(settings)
    yield _reader()
    yield _files(settings)


def _disk(settings: Settings) -> Look:
    from models.health import LOW_DISK

    if not settings.data.exists():
        return Look("data", False, f"{settings.data} does not exist yet; `make run` makes it")
    free = shutil.disk_usage(settings.data).free
    return Look("data", free > LOW_DISK, f"{settings.data}, {free / (1 << 30):.1f} GiB free")


def _keys(settings: Settings) -> Look:
    if not (settings.data / "keys" / "key_ring").exists() and not settings.key_ring:
        return Look("keys", False, "no key ring yet; `bole keys` or the first start generates one")
    try:
        load_keys(settings)
    except SettingsError as error:
        return Look("keys", False, str(error))
    return Look("keys", True, "secret key and key ring are there")


def _reader() -> Look:
    """Optional: without it nothing is wrong, and nothing is checked."""
    if importlib.util.find_spec("rapidocr") and importlib.util.find_spec("onnxruntime"):
        return Look("reading", True, f"what papers say is read by rapidocr {importlib.metadata.version('rapidocr')}")
    return Look("reading", True, "what papers say is not checked: the extra `ocr` is not installed")


def _files(settings: Settings) -> Look:
    """Whether a file can be kept, read and removed where the settings say, and what the last look missed."""
    from sqlalchemy import func, select
    from sqlalchemy.exc import SQLAlchemyError

    from models.crypto import KeyRing
    from models.errors import BoleError
    from models.office.tables import FileFault
    from models.storage import open_storage
    from webforms.existing import database

    where = settings.storage_url or str(settings.data / "files")
    if not settings.data.exists():
        return Look("files", False, "no data folder yet")
    try:
        storage = open_storage(settings, KeyRing.from_text(load_keys(settings).ring))
        key = storage.put(b"probe", "doctor")
        storage.get(key, "doctor")
        storage.delete(key)
        with database(settings) as session:
            lacking = session.scalar(select(func.count(FileFault.id))) if session else 0
    except (BoleError, SettingsError, OSError) as error:
        return Look("files", False, f"{where} cannot be used: {type(error.__cause__ or error).__name__}")
    except SQLAlchemyError as error:
        return Look("files", False, f"the database cannot be read: {type(error).__name__}")
    if lacking:
        return Look("files", False, f"{lacking} files are missing or damaged; `bole files check` names them")
    return Look("files", True, f"{where}: kept, read and removed")


def _packs() -> Look:
    from models.programme.check import check_pack
    from models.programme.loader import load_pack, pack_slugs

    try:
        problems = {slug: check_pack(load_pack(slug)).problems for slug in pack_slugs()}
    except PackError as error:
        return Look("packs", False, str(error))
    wrong = [f"{slug}: {len(found)} problems" for slug, found in problems.items() if found]
    return Look("packs", not wrong, "; ".join(wrong) or ", ".join(problems))


def _published(settings: Settings) -> Look:
    from sqlalchemy import select
    from sqlalchemy.exc import SQLAlchemyError

    from models.application import packs
    from models.application.tables import PackVersion
    from models.programme.loader import load_archive, pack_slugs
    from webforms.existing import database

    name = "versions"
    try:
        with database(settings) as session:
            if session is None:
                return Look(name, True, "nothing published yet; the first start publishes the packs")
            rows = session.scalars(select(PackVersion).order_by(PackVersion.programme, PackVersion.published_at)).all()
            for row in rows:
                load_archive(row.archive)
            wrong = [str(error) for slug in pack_slugs() if (error := packs.refusal(session, slug)) is not None]
    except SQLAlchemyError as error:
        return Look(name, False, f"cannot be read: {type(error).__name__}")
    except PackError as error:
        return Look(name, False, str(error))
    return Look(name, not wrong, "; ".join(wrong) or ", ".join(f"{row.programme} {row.version}" for row in rows))


def _database(settings: Settings) -> Look:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from webforms.app import MIGRATIONS

    if not settings.has_database:
        return Look("database", False, "no database yet; the first start makes it")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    engine = create_engine(settings.sqlalchemy_url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            name = connection.dialect.name
    except SQLAlchemyError as error:
        return Look("database", False, f"cannot be opened: {type(error).__name__}")
    finally:
        engine.dispose()
    return Look(
        "database", current == head, f"{name}, schema {current}" + ("" if current == head else f", want {head}")
    )


def _queue(settings: Settings) -> Look:
    from redis.exceptions import RedisError

    from models.queue_client import connect

    client = connect(settings)
    try:
        client.ping()
    except (RedisError, OSError) as error:
        return Look("queue", False, f"not reachable ({type(error).__name__}); it runs while `make run` runs")
    finally:
        client.close()
    return Look("queue", True, "answers")
