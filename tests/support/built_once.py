"""What many tests begin with (units, a round, staff) is built by our services once in a test process; the tests after
that begin with the same rows, copied. Whatever the rows depend on is part of their name: the settings, the clock, the
packs."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import QueuePool

from models.extensions import Base, db
from models.programme import loader

ROOT = Path(__file__).parent.parent.parent
Filled = tuple[dict[str, bytes], list[tuple[str, int]]]  # rows by table, and how far each sequence is
Key = tuple[str, ...]
Given = TypeVar("Given")
_DATABASES: dict[Key, bytes] = {}
_ROWS: dict[Key, Filled] = {}
_STORED: dict[Key, dict[str, bytes]] = {}
_GIVEN: dict[Key, Any] = {}


def built_once(app: Flask, name: str, build: Callable[[], Given]) -> Given:
    """Have the rows and stored files that `build` makes in an empty database, within the app's context, and what it
    gave when it made them. They are made anew where the app has spoken to its database already, as there may be
    others, and where files go elsewhere."""
    pool, settings = db.engine.pool, app.config["BOLE"]
    untouched = isinstance(pool, QueuePool) and pool.checkedin() + pool.checkedout() == 0
    key = (name, *_depends(app))
    if not untouched or settings.storage_url:
        return build()

    def kept() -> None:
        _GIVEN[key] = build()

    if db.engine.dialect.name == "sqlite":
        _database(Path(str(db.engine.url.database)), key, kept)
    else:
        _rows(settings.database_url, key, kept)
    _stored(settings.data / "files", key)
    given: Given = _GIVEN[key]
    return given


def _depends(app: Flask) -> Key:
    bole = app.extensions["bole"]
    settings = bole.settings.model_copy(update={"data": Path(), "database_url": ""})
    return (repr(settings), bole.clock.now().isoformat(), str(db.engine.dialect.name), _packs(loader.PACKS))


def _packs(folder: Path) -> str:
    """Those of the repository by their place, a test's own by what they say."""
    if folder.is_relative_to(ROOT):
        return str(folder)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _database(path: Path, key: Key, build: Callable[[], object]) -> None:
    if key in _DATABASES:
        path.write_bytes(_DATABASES[key])
        return
    build()
    db.session.commit()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite3"
        source = sqlite3.connect(path)
        source.execute("VACUUM INTO ?", (str(copy),))
        source.close()
        _DATABASES[key] = copy.read_bytes()


def _rows(url: str, key: Key, build: Callable[[], object]) -> None:
    if key not in _ROWS:
        build()
        db.session.commit()
        _ROWS[key] = _read(url)
        return
    tables, sequences = _ROWS[key]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no trigger: what it did is among the rows
        for name, rows in tables.items():
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                copy.write(rows)
        for sequence, last in sequences:
            cursor.execute("SELECT setval(%s::regclass, %s)", (sequence, last))


def _read(url: str) -> Filled:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        tables = {}
        for table in Base.metadata.sorted_tables:
            with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table.name))) as copy:
                rows = b"".join(bytes(part) for part in copy)
            if rows:
                tables[table.name] = rows
        query = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"
        return tables, cursor.execute(query).fetchall()


def _stored(folder: Path, key: Key) -> None:
    if key not in _STORED:
        found = [path for path in folder.rglob("*") if path.is_file()]
        _STORED[key] = {str(path.relative_to(folder)): path.read_bytes() for path in found}
        return
    for name, data in _STORED[key].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
