"""Everything that is kept, opened: for tests that ask whether all of it still opens, or whether somebody is left in
it."""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from sqlalchemy import Connection, LargeBinary, select

from models import sealed
from models.crypto import KeyRing, sealed_by
from models.extensions import Base
from models.storage import Storage


def opened(connection: Connection, storage: Storage) -> dict[str, bytes]:
    """Every sealed column and every named file, by where it is; raises Damaged or NotFound where one does not open."""
    found: dict[str, bytes] = {}
    for place in sealed.COLUMNS:
        query = select(place.column, *place.of).where(place.column.is_not(None))
        for envelope, *of in connection.execute(query):
            found[f"{place.name} {of}"] = storage.keys.open(envelope, place.bound_to(*of))
    for place in sealed.TEXTS:
        for value, *of in connection.execute(select(place.column, *place.of)):
            for number, envelope in enumerate(envelopes(value)):
                found[f"{place.name} {of} {number}"] = storage.keys.open(envelope, place.bound_to(*of))
    for file in sealed.files(connection):
        found[f"file {file.named_by} {file.key}"] = storage.get(file.key, file.bound_to)
    return found


def envelopes(value: Any) -> Iterator[bytes]:
    """The envelopes among the texts of a JSON value."""
    for text in texts(value):
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:
            continue
        if len(data) > 40 and sealed_by(data):
            yield data


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts(name)
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def plain(connection: Connection) -> Iterator[tuple[str, str]]:
    """Every value of every column that is not bytes, as text, with its ``table.column``."""
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        for row in connection.execute(select(*columns)):
            for column, value in zip(columns, row, strict=True):
                shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
                yield f"{table.name}.{column.name}", shown


def unpacked(data: bytes) -> Iterator[bytes]:
    """The file, and what is in it where it is an archive (a workbook, a document, a .zip of them)."""
    yield data
    if data[:2] == b"\x78\x9c":  # a column that is packed before it is sealed
        yield zlib.decompress(data)
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from unpacked(archive.read(name))


def with_key(ring: KeyRing, key_id: str) -> KeyRing:
    """`ring` with a new key in front."""
    return KeyRing((*KeyRing.from_text(KeyRing.generate(key_id)).keys, *ring.keys))
