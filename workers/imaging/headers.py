"""What the bytes of an upload say they are, read before any decoder sees them. Only the standard library.

Everything here is linear in the upload's length and raises nothing but Refusal, whatever the bytes.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from mmap import mmap

from workers.imaging.limits import MAX_PIXELS, MIN_SIDE, Refusal

Upload = bytes | mmap  # read alike: by index and slice, by regular expression, as a buffer

MAX_JPEG_SCANS = 100  # a progressive photo has about ten; thousands are a way to burn our time
MAX_SCANNED = 800_000_000  # pixels times scans: what ten scans of the largest photo and some more come to
MAX_SEGMENTS = 4000  # of a JPEG; phones write about twenty, a large colour profile another hundred
MAX_CHUNKS = 30_000  # of a PNG; 30 MB in the usual pieces of 8 KB are four thousand


@dataclass(frozen=True, slots=True)
class Header:
    """What was seen. `size` is (0, 0) where only the decoder can tell; `orientation` is EXIF's, 1-8; `plain`: grey or
    YCbCr, for the fast decoder; `pixels`: what the slow one is given, without texts, profiles and the like."""

    size: tuple[int, int] = (0, 0)
    orientation: int = 1
    plain: bool = False
    pixels: bytes = b""


@dataclass(frozen=True, slots=True)
class Format:
    """An accepted format: its name, how it is recognised, and what is looked at before decoding."""

    name: str
    matches: Callable[[Upload], bool]
    inspect: Callable[[Upload], Header]


_EMBEDDED = re.compile(rb"%PDF-|<html|<script|<\?php|<svg|<!doctype", re.IGNORECASE)
_ZIP_END = b"PK\x05\x06"
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # not a stuffed byte, a filler or a restart
_SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = 0xC2
_ORDINARY_SOF = frozenset({0xC0, 0xC1, _PROGRESSIVE})  # Huffman; no camera writes another kind
_PNG_PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def refuse_second_nature(data: Upload, form: Format) -> None:
    """Refuse a file that is a picture and also a document, a web page or an archive.

    Only what other programs would recognise counts: a PDF or web page in the first kilobyte, a ZIP directory at the
    end. Photos with a film or a second picture appended (motion photos, HDR) are ordinary and pass.
    """
    if _ZIP_END in data[-65_557:] or (form.name != "PDF" and _EMBEDDED.search(data, 0, 1024)):
        raise Refusal("photo.mixed")


def check_size(size: tuple[int, int]) -> None:
    """Refuse too many pixels, and what is no picture at all."""
    if size[0] * size[1] > MAX_PIXELS:
        raise Refusal("photo.too_many_pixels")
    if min(size) < MIN_SIDE:
        raise Refusal("photo.too_small")


def tiff_orientation(data: bytes) -> int:
    """EXIF orientation 1-8 of a TIFF block; anything unreadable there is none, not a reason to refuse a photo."""
    try:
        order = {b"II": "<", b"MM": ">"}[data[:2]]
        (at,) = struct.unpack_from(order + "4xI", data)
        (count,) = struct.unpack_from(order + "H", data, at)
        for entry in range(at + 2, at + 2 + 12 * min(count, 200), 12):
            tag, kind, _values, value = struct.unpack_from(order + "HHIH", data, entry)
            if tag == 0x0112:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        return 1
    return 1


# --- JPEG -----------------------------------------------------------------------------------------------------------


def inspect_jpeg(data: Upload) -> Header:
    """Walk the segments: one ordinary frame, not absurdly many scans, an end.

    One scan with all there is, as cameras write it, is not walked through: the decoder itself says if it ends early.
    """
    at, scans, segments = 2, 0, 0
    frame: tuple[int, int, int, int] | None = None  # width, height, components, kind
    orientation = 0
    while True:
        marker = _JPEG_MARKER.search(data, at)
        if marker is None:
            raise Refusal("photo.damaged")
        code, at = data[marker.end() - 1], marker.end()
        if code == 0xD9:
            break
        if code in (0x01, 0xD8):
            continue  # without a body
        segments += 1
        if segments > MAX_SEGMENTS:
            raise Refusal("photo.too_heavy")
        body, at = _segment(data, at)
        if code in _SOF:
            frame = _frame(code, body, frame)
        elif code == 0xDA:
            scans += 1
            if frame is not None and frame[3] != _PROGRESSIVE and body[:1] == bytes([frame[2]]):
                if data.rfind(b"\xff\xd9") < at:
                    raise Refusal("photo.damaged")
                break
        elif code == 0xE1 and not orientation and body[:6] == b"Exif\0\0":
            orientation = tiff_orientation(body[6:])
    if frame is None or not scans:
        raise Refusal("photo.damaged")
    check_size(frame[:2])
    if scans > MAX_JPEG_SCANS or frame[0] * frame[1] * scans > MAX_SCANNED:
        raise Refusal("photo.too_heavy")
    return Header(frame[:2], orientation or 1, plain=frame[2] in (1, 3))


def _segment(data: Upload, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(data[at : at + 2], "big")
    if length < 2 or at + length > len(data):
        raise Refusal("photo.damaged")
    return data[at + 2 : at + length], at + length


def _frame(code: int, body: bytes, before: tuple[int, int, int, int] | None) -> tuple[int, int, int, int]:
    if before is not None or len(body) < 6 or body[0] != 8:
        raise Refusal("photo.damaged")
    if code not in _ORDINARY_SOF:
        raise Refusal("photo.format")
    height, width, components = struct.unpack_from(">HHB", body, 1)
    if not height or not width:
        raise Refusal("photo.damaged")
    return width, height, components, code


# --- PNG ------------------------------------------------------------------------------------------------------------


def inspect_png(data: Upload) -> Header:
    """Walk the chunks once: every checksum right, an end, and not animated (Pillow does not check pixel chunks)."""
    at, count, orientation = 8, 0, 1
    kept = [memoryview(data)[:8]]
    view = memoryview(data)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        end = at + 8 + length
        count += 1
        if count > MAX_CHUNKS:
            raise Refusal("photo.too_heavy")
        if end + 4 > len(data) or (count == 1) != (kind == b"IHDR") or (count == 1 and length != 13):
            raise Refusal("photo.damaged")
        if struct.unpack_from(">I", data, end)[0] != zlib.crc32(view[at + 4 : end]):
            raise Refusal("photo.damaged")
        if kind == b"acTL":
            raise Refusal("photo.animated")
        if kind == b"eXIf":
            orientation = tiff_orientation(data[at + 8 : end])
        if kind in _PNG_PIXELS:
            kept.append(view[at : end + 4])
        if kind == b"IEND":
            size: tuple[int, int] = struct.unpack_from(">II", data, 16)
            check_size(size)
            return Header(size, orientation, pixels=b"".join(kept))
        at = end + 4
    raise Refusal("photo.damaged")


# --- the others -----------------------------------------------------------------------------------------------------


def inspect_webp(data: Upload) -> Header:
    """The container's declared length must be there, its animation flag must not, and its size is the picture's."""
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data) or len(data) < 30:
        raise Refusal("photo.damaged")
    kind, orientation = data[12:16], 1
    if kind == b"VP8X":
        if data[20] & 0x02:
            raise Refusal("photo.animated")
        size = (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
        orientation = _webp_orientation(data, length + 8)
    elif kind == b"VP8 ":
        size = (struct.unpack_from("<H", data, 26)[0] & 0x3FFF, struct.unpack_from("<H", data, 28)[0] & 0x3FFF)
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        size = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    else:
        raise Refusal("photo.damaged")
    check_size(size)
    return Header(size, orientation)


def _webp_orientation(data: Upload, end: int) -> int:
    at, orientation = 30, 1
    for _ in range(100):  # chunks; a photo has half a dozen
        if at + 8 > end:
            break
        (body,) = struct.unpack_from("<I", data, at + 4)
        if data[at : at + 4] == b"EXIF":
            exif = data[at + 8 : at + 8 + body]
            orientation = tiff_orientation(exif[6:] if exif[:6] == b"Exif\0\0" else exif)
        at += 8 + body + body % 2
    return orientation


def inspect_avif(data: Upload) -> Header:
    """An image sequence says so by its brand."""
    if data[8:12] == b"avis":
        raise Refusal("photo.animated")
    return Header()


def inspect_nothing(_data: Upload) -> Header:
    """For containers whose own parser checks the header."""
    return Header()


def _brands(data: Upload) -> set[bytes]:
    """Major and compatible brands of an ISO media file; empty for anything else."""
    if len(data) < 16 or data[4:8] != b"ftyp":
        return set()
    (size,) = struct.unpack_from(">I", data, 0)
    box = data[8 : min(size, 256)]
    return {box[at : at + 4] for at in range(0, len(box) - 3, 4) if at != 4}  # the second word is a version


FORMATS = (
    Format("JPEG", lambda data: data[:3] == b"\xff\xd8\xff", inspect_jpeg),
    Format("PNG", lambda data: data[:8] == b"\x89PNG\r\n\x1a\n", inspect_png),
    Format("WEBP", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 20, inspect_webp),
    Format("AVIF", lambda data: bool(_brands(data) & _AVIF_BRANDS), inspect_avif),
    Format("HEIF", lambda data: bool(_brands(data) & _HEIF_BRANDS), inspect_nothing),
    Format("PDF", lambda data: data[:5] == b"%PDF-", inspect_nothing),
)


def recognise(data: Upload) -> Format:
    """The accepted format whose signature the bytes carry; the file's name was never asked."""
    if not data:
        raise Refusal("photo.empty")
    for candidate in FORMATS:
        if candidate.matches(data):
            return candidate
    if data[:6] in (b"GIF87a", b"GIF89a"):
        raise Refusal("photo.animated" if data[:].count(b"\x00\x21\xf9\x04") > 1 else "photo.format")
    raise Refusal("photo.format")
