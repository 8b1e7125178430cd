"""Whether an uploaded workbook may be opened at all: looked at as a ZIP archive before any parser sees it.

A workbook is hostile until shown otherwise: it may claim a million parts, unpack to terabytes, let parts overlap,
expand entities, carry macros, fetch from elsewhere, or put one cell into the last corner of a sheet, which a reader
would fill up to there. What is refused has one reason, which a person can act on.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

from models.errors import BoleError
from workers.sheets.census import Census, TooMuch

_MIB = 1 << 20


class Refused(BoleError):
    """The file cannot be taken as a workbook; `reason` is the last word of its wording key."""

    def __init__(self, reason: str, what: str = "workbook") -> None:
        super().__init__(f"{what}.refused.{reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workbook may have at most. Bytes, but for the counts; `text`: characters that its cells show together."""

    size: int = 20 * _MIB
    parts: int = 4_000
    unpacked: int = 256 * _MIB
    ratio: int = 250  # unpacked to packed, of a part beyond 1 MiB; an ordinary sheet has 10
    rows: int = 100_000
    columns: int = 512
    cells: int = 2_000_000
    text: int = 64 * _MIB


_ZIP, _OLE = b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # what a file of now with a password keeps the rest in
_END, _END_SIGN = struct.Struct("<4s4H2LH"), b"PK\5\6"
_LOCAL, _LOCAL_SIGN = struct.Struct("<4s5H3L2H"), b"PK\3\4"
_LEAST_ENTRY, _MOST_ENTRY = 46, 46 + 600  # bytes of the central directory; names of parts are short
_ENCRYPTED = 0x41
_PIECE = 256 * 1024
_MAIN_TYPE = re.compile(
    rb"application/vnd\.openxmlformats-officedocument\.spreadsheetml\.(?:sheet|template)\.main\+xml"
)
_MACRO_TYPE = re.compile(rb"macroEnabled|vbaProject|intlMacrosheet|ms-excel\.macrosheet", re.IGNORECASE)
_MACROS = re.compile(r"vbaProject|vbaData|macrosheets/|activeX/", re.IGNORECASE)
_OUTSIDE = re.compile(r"externalLinks/|connections\.xml$|queryTables/", re.IGNORECASE)
_EMBEDDED = re.compile(r"embeddings/|oleObject", re.IGNORECASE)
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\sencoding=["']([^"']+)""")
_SHARED = "sharedStrings"
_COUNTED = {_SHARED, "worksheet", "officeDocument", "chartsheet", "dialogsheet"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_OVERLAP = 64  # bytes kept from one piece to the next, so that nothing hides between them


Formulas = dict[str, list[tuple[int, int, str]]]


def inspect(data: bytes, limits: Limits | None = None) -> Formulas:
    """Return if `data` is a workbook within `limits`: the places of its formulas, by part (row, column, range).
    Raises Refused; nothing else of the file's making."""
    limits = limits or Limits()
    infos = open_archive(data, limits)
    return _look_at_parts(data, infos, limits)


def open_archive(data: bytes, limits: Limits) -> list[zipfile.ZipInfo]:
    """What an office file says it holds, with nothing unpacked. Raises Refused."""
    _look_at_outside(data, limits)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise Refused("damaged") from error
    _look_at_directory(data, infos, limits)
    _look_at_names({info.filename for info in infos})
    return infos


def _look_at_outside(data: bytes, limits: Limits) -> None:
    if len(data) > limits.size:
        raise Refused("too_large")
    if not data:
        raise Refused("empty")
    if data.startswith(_OLE):
        raise Refused("password" if _LOCKED in data else "old_format")
    if not data.startswith(_ZIP):
        raise Refused("not_a_workbook")
    at = len(data) - _END.size
    if at < 0 or data[at : at + len(_END_SIGN)] != _END_SIGN:  # no program that writes workbooks adds a comment
        raise Refused("damaged")
    _, disk, start_disk, here, entries, length, start, comment = _END.unpack_from(data, at)
    if max(here, entries) > limits.parts or length > limits.parts * _MOST_ENTRY:
        raise Refused("too_many_parts")
    # Several disks, ZIP64 or anything else between the directory and the end has no place in a file of this size.
    if disk or start_disk or comment or here != entries or start + length != at or length < entries * _LEAST_ENTRY:
        raise Refused("damaged")


def _look_at_directory(data: bytes, infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.parts:
        raise Refused("too_many_parts")
    if len({info.filename.casefold() for info in infos}) < len(infos):
        raise Refused("damaged")
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise Refused("password")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise Refused("damaged")
    if sum(info.file_size for info in infos) > limits.unpacked or any(_too_dense(info, limits) for info in infos):
        raise Refused("too_compressed")
    free = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        start = _data_start(data, info)
        if info.header_offset < free or start + info.compress_size > len(data):
            raise Refused("damaged")
        free = start + info.compress_size


def _too_dense(info: zipfile.ZipInfo, limits: Limits) -> bool:
    return info.file_size > _MIB and info.file_size > limits.ratio * info.compress_size


def _look_at_names(names: set[str]) -> None:
    if "[Content_Types].xml" not in names:
        raise Refused("not_a_workbook")
    for name in names:
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise Refused("damaged")
        for pattern, reason in ((_MACROS, "macros"), (_OUTSIDE, "external_links"), (_EMBEDDED, "embedded")):
            if pattern.search(name):
                raise Refused(reason)


def _look_at_parts(data: bytes, infos: list[zipfile.ZipInfo], limits: Limits) -> Formulas:
    found: Formulas = {}
    census = Census(limits.rows, limits.columns, limits.cells, limits.text)
    # Shared strings first: how much text a cell shows that refers to one must be known by then.
    for info in sorted(infos, key=lambda info: _SHARED.casefold() not in info.filename.casefold()):
        name, pieces = info.filename.casefold(), inflated(data, info)
        if name.endswith((".xml", ".rels", ".vml")):
            pieces = without_declarations(pieces)
        if name == "[content_types].xml":
            look_at_types(b"".join(pieces), _MAIN_TYPE)
        elif name.endswith(".rels"):
            look_at_relations(b"".join(pieces))
        elif name.endswith(".xml"):
            _take_census(census, pieces)
            if census.formulas:
                found[info.filename] = census.formulas
        else:
            _exhaust(pieces)
    return found


def _take_census(census: Census, pieces: Iterator[bytes]) -> None:
    try:
        census.count(pieces)
    except TooMuch as error:
        raise Refused(error.reason) from error


def look_at_types(data: bytes, main: re.Pattern[bytes]) -> None:
    """The content types say what it is, and name no macros. Raises Refused."""
    if _MACRO_TYPE.search(data):
        raise Refused("macros")
    if not main.search(data):
        raise Refused("not_a_workbook")


def look_at_relations(data: bytes) -> None:
    """An external target that is no hyperlink is fetched by the program that opens the workbook."""
    try:
        relations = fromstring(data)
    except ParseError as error:
        raise Refused("damaged") from error
    for each in relations.iter():
        kind, target = each.get("Type", "").rpartition("/")[2], each.get("Target", "").casefold()
        if each.get("TargetMode") == "External" and kind != "hyperlink":
            raise Refused("external_links")
        # What a reader takes for a sheet must have been counted as one, and strings before them.
        if kind in _COUNTED and not target.endswith(".xml"):
            raise Refused("damaged")
        if kind == _SHARED and _SHARED.casefold() not in target:
            raise Refused("damaged")


def without_declarations(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """`pieces` of an XML part, looked through for a document type and for another encoding than UTF-8."""
    before = b""
    for number, piece in enumerate(pieces):
        if number == 0:
            declared = _ENCODING.search(piece[:200].removeprefix(b"\xef\xbb\xbf"))
            if piece.startswith(_UTF16) or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")):
                raise Refused("damaged")
        if _DECLARED.search(before + piece):
            raise Refused("dtd")
        before = (before + piece)[-_OVERLAP:]
        yield piece


def _exhaust(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        continue


def _data_start(data: bytes, info: zipfile.ZipInfo) -> int:
    """Where a part's bytes begin. Refused where its own header says another name than the directory does."""
    if info.header_offset + _LOCAL.size > len(data):
        raise Refused("damaged")
    sign, *_, name, extra = _LOCAL.unpack_from(data, info.header_offset)
    start = info.header_offset + _LOCAL.size
    if sign != _LOCAL_SIGN or data[start : start + name] != _raw_name(info):
        raise Refused("damaged")
    return start + int(name) + int(extra)


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")


def inflated(data: bytes, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's content. Refused if it is not exactly as long as the directory says, or damaged."""
    start = _data_start(data, info)
    packed = data[start : start + info.compress_size]
    left, crc = info.file_size, 0
    for piece in _unpacked(packed, info.compress_type):
        left -= len(piece)
        if left < 0:
            raise Refused("damaged")
        crc = zlib.crc32(piece, crc)
        yield piece
    if left or crc != info.CRC:
        raise Refused("damaged")


def _unpacked(packed: bytes, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield from (packed[at : at + _PIECE] for at in range(0, len(packed), _PIECE))
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not inflate.eof:
            yield inflate.decompress(packed, _PIECE)
            packed = inflate.unconsumed_tail
    except zlib.error as error:
        raise Refused("damaged") from error
    if inflate.unused_data or not inflate.eof:
        raise Refused("damaged")
