"""A ZIP archive written from front to back, an entry in as many pieces as it comes (PKWARE APPNOTE 6.3).

Not `zipfile`: it takes no other deflate than zlib's, and that alone would be half the time of a large workbook.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from isal import isal_zlib

_LEVEL = 1  # of ISA-L: smaller than zlib's level 1 at four times its speed
_LIMIT = 0xFFFF_FFFF  # beyond it ZIP64 is needed, which not every spreadsheet program reads
_VERSION = 20  # 2.0: deflate
_UNIX = 3 << 8
_MODE = 0o100644 << 16
_DESCRIPTOR, _UTF8 = 0x08, 0x800  # flags: sizes follow the data; the name is UTF-8
_DEFLATED = 8
_DAY = 1 << 5 | 1  # 1980-01-01, the format's first: entries carry no build time
_LOCAL, _LOCAL_SIGN = struct.Struct("<4s5H3L2H"), b"PK\3\4"
_CENTRAL, _CENTRAL_SIGN = struct.Struct("<4s6H3L5H2L"), b"PK\1\2"
_END, _END_SIGN = struct.Struct("<4s4H2LH"), b"PK\5\6"
_SIZES, _SIZES_SIGN = struct.Struct("<3L"), b"PK\7\x08"
_SIZES_AT = 14  # in a local header


class _Entry(NamedTuple):
    name: bytes
    flags: int
    crc: int
    packed: int
    size: int
    at: int


class ZipStream:
    """Writes to `target`, which need not be able to seek; it is not closed. The same content gives the same bytes."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._seeks = target.seekable()
        self._base = target.tell() if self._seeks else 0
        self._at = 0
        self._entries: list[_Entry] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """One entry, deflated. ValueError for more than 4 GiB."""
        named = name.encode()
        flags = (0 if name.isascii() else _UTF8) | (0 if self._seeks else _DESCRIPTOR)
        start = self._at
        self._write(_LOCAL.pack(_LOCAL_SIGN, _VERSION, flags, _DEFLATED, 0, _DAY, 0, 0, 0, len(named), 0) + named)
        data_start, crc, size = self._at, 0, 0
        deflate = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
        for piece in pieces:
            crc = isal_zlib.crc32(piece, crc)
            size += len(piece)
            self._write(deflate.compress(piece))
            if max(size, self._at) > _LIMIT:
                raise ValueError(f"{name} is larger than an archive without ZIP64 can hold")
        self._write(deflate.flush())
        packed = self._at - data_start
        self._tell_sizes(start, _SIZES.pack(crc, packed, size))
        self._entries.append(_Entry(named, flags, crc, packed, size, start))

    def finish(self) -> None:
        """The list of entries; nothing may be added afterwards."""
        start = self._at
        for name, flags, crc, packed, size, at in self._entries:
            head = (_CENTRAL_SIGN, _UNIX | _VERSION, _VERSION, flags, _DEFLATED, 0, _DAY, crc, packed, size)
            self._write(_CENTRAL.pack(*head, len(name), 0, 0, 0, 0, _MODE, at) + name)
        count = len(self._entries)
        self._write(_END.pack(_END_SIGN, 0, 0, count, count, self._at - start, start, 0))

    def _tell_sizes(self, entry_at: int, sizes: bytes) -> None:
        """Into the entry's header, which not every reader does without, or else behind its data."""
        if not self._seeks:
            self._write(_SIZES_SIGN + sizes)
            return
        self._target.seek(self._base + entry_at + _SIZES_AT)
        self._target.write(sizes)
        self._target.seek(self._base + self._at)

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._at += len(data)
