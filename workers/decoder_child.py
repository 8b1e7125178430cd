"""The process that looks into an uploaded picture, and nothing else: run as a script, limited before it reads a byte.

Standard input is the upload as it came; standard output is ``ready``, then one frame: a length, a JSON head, and the
bytes of the rebuilt picture and of its thumbnail. It imports only the standard library and Pillow, knows no database,
no key and no network, and is given an empty environment. What it refuses it names by a wording key.
"""

from __future__ import annotations

import json
import re
import resource
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MEMORY = 768 * 1024 * 1024  # a 50-megapixel HEIC needs about 600 MB of address space, measured
CPU_SECONDS = 10
OPEN_FILES = 32  # Python opens its own modules; nothing else is opened
MAX_PIXELS = 50_000_000  # phones go to 50 megapixels in their ordinary modes
MAX_JPEG_SCANS = 100  # a progressive photo has about ten; thousands are a way to burn our time
MIN_SIDE = 16  # below this there is no picture
FULL_SIDE = 2400  # longest side kept: A4 at about 200 dpi, small print is legible
THUMB_SIDE = 320
READY = b"ready\n"


class Refusal(Exception):
    """The picture cannot be taken; the argument is a wording key under ``photo.``."""


@dataclass(frozen=True)
class Format:
    """An accepted format: Pillow's name for it, how it is recognised, and what is looked at before decoding."""

    name: str
    matches: Callable[[bytes], bool]
    inspect: Callable[[bytes], None]


def limit() -> None:
    """Cap memory, time and files of this very process. Lasting: what is lowered here cannot be raised again."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- before decoding: what the bytes say they are -------------------------------------------------------------------

_EMBEDDED = re.compile(rb"%PDF-|<html|<script|<\?php|<svg|<!doctype", re.IGNORECASE)
_ZIP_END = b"PK\x05\x06"
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def refuse_second_nature(data: bytes) -> None:
    """Refuse a file that is a picture and also a document, a web page or an archive.

    Only what other programs would recognise counts: a PDF or web page in the first kilobyte, a ZIP directory at the
    end. Photos with a film or a second picture appended (motion photos, HDR) are ordinary and pass.
    """
    if _EMBEDDED.search(data, 0, 1024) or _ZIP_END in data[-65_557:]:
        raise Refusal("photo.mixed")


def inspect_jpeg(data: bytes) -> None:
    """Refuse a JPEG without its end, or with absurdly many scans (each is decoded over the whole picture)."""
    if data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise Refusal("photo.too_heavy")
    if b"\xff\xd9" not in data:
        raise Refusal("photo.damaged")


def inspect_png(data: bytes) -> None:
    """Walk the chunks once: every checksum right, an end, and not animated (Pillow does not check pixel chunks)."""
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        end = at + 8 + length
        if end + 4 > len(data):
            raise Refusal("photo.damaged")
        if struct.unpack_from(">I", data, end)[0] != zlib.crc32(memoryview(data)[at + 4 : end]):
            raise Refusal("photo.damaged")
        if kind == b"acTL":
            raise Refusal("photo.animated")
        if kind == b"IEND":
            return
        at = end + 4
    raise Refusal("photo.damaged")


def inspect_webp(data: bytes) -> None:
    """The container's declared length must be there, and its animation flag must not."""
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise Refusal("photo.damaged")
    if data[12:16] == b"VP8X" and len(data) > 20 and data[20] & 0x02:
        raise Refusal("photo.animated")


def inspect_nothing(_data: bytes) -> None:
    """For containers whose own parser checks the header."""


def inspect_avif(data: bytes) -> None:
    """An image sequence says so by its brand."""
    if data[8:12] == b"avis":
        raise Refusal("photo.animated")


def _brands(data: bytes) -> set[bytes]:
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
)


def recognise(data: bytes) -> Format:
    """The accepted format whose signature the bytes carry; the file's name was never asked."""
    if not data:
        raise Refusal("photo.empty")
    for candidate in FORMATS:
        if candidate.matches(data):
            return candidate
    if data[:6] in (b"GIF87a", b"GIF89a"):
        raise Refusal("photo.animated" if data.count(b"\x00\x21\xf9\x04") > 1 else "photo.format")
    raise Refusal("photo.pdf" if data[:5] == b"%PDF-" else "photo.format")


# --- decoding -------------------------------------------------------------------------------------------------------


def open_picture(data: bytes, form: Format) -> Image.Image:
    """Read the header with exactly one decoder and refuse too many pixels or frames before any pixel is decoded."""
    from PIL import Image, JpegImagePlugin

    if form.name == "JPEG":
        # Not through Image.open: it would hand a photo with an HDR map on as a multi-picture file.
        picture: Image.Image = JpegImagePlugin.JpegImageFile(BytesIO(data))
    else:
        if form.name == "HEIF":
            import pi_heif

            pi_heif.register_heif_opener(thumbnails=False)
        picture = Image.open(BytesIO(data), formats=[form.name])
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise Refusal("photo.too_many_pixels")
    if min(width, height) < MIN_SIDE:
        raise Refusal("photo.too_small")
    # HEIF may hold several stills (bursts); the primary one is the photo. Elsewhere frames mean an animation.
    if form.name != "HEIF" and getattr(picture, "n_frames", 1) > 1:
        raise Refusal("photo.animated")
    return picture


def orientation_of(picture: Image.Image) -> int:
    """EXIF orientation 1-8; anything unreadable there is no orientation, not a reason to refuse the photo."""
    try:
        found = picture.getexif().get(0x0112, 1)
    except (SyntaxError, ValueError, TypeError, KeyError, IndexError, OSError, struct.error):
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Turn the picture as its camera meant it."""
    from PIL.Image import Transpose

    turn = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def to_rgb(picture: Image.Image) -> Image.Image:
    """Plain 8-bit RGB: 16-bit grey scaled and not clipped, transparency laid on white paper."""
    from PIL import Image

    if picture.mode == "RGB":
        return picture
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda level: level * (1 / 256)).convert("L").convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        paper.alpha_composite(layer)
        return paper.convert("RGB")
    return picture.convert("RGB")


def rebuild(data: bytes) -> tuple[Image.Image, tuple[int, int]]:
    """The picture as plain upright RGB, at most FULL_SIDE long, and its size as it came (upright)."""
    form = recognise(data)
    refuse_second_nature(data)
    form.inspect(data)
    picture = open_picture(data, form)
    original = picture.size
    if form.name == "JPEG":
        picture.draft(None, (FULL_SIDE, FULL_SIDE))  # decodes at a half, a quarter or an eighth: seven times faster
    picture.load()
    orientation = orientation_of(picture)
    if picture.mode in ("P", "1") or picture.mode.startswith("I"):
        picture = to_rgb(picture)  # these cannot be scaled smoothly
    picture.thumbnail((FULL_SIDE, FULL_SIDE), reducing_gap=2.0)
    picture = upright(to_rgb(picture), orientation)
    return picture, (original[1], original[0]) if orientation >= 5 else original


# --- what the picture looks like ------------------------------------------------------------------------------------


def measure(picture: Image.Image, original: tuple[int, int]) -> dict[str, float]:
    """Numbers that `workers.judging` turns into at most one instruction, taken from a small grey copy.

    `sharpness` is the variance of the Laplacian in the sharpest tenth of a 6 × 6 grid, so that a certificate that is
    mostly empty paper is judged by its writing. `dark`, `median` and `light` are the 0.1st, 50th and 99th percentile of
    brightness, `spread` their standard deviation.
    """
    from PIL import Image, ImageFilter, ImageStat

    grey = picture.convert("L")
    grey.thumbnail((1000, 1000), Image.Resampling.BOX)
    levels = grey.histogram()
    kernel = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    edges = grey.filter(kernel)
    width, height = edges.size
    tiles = sorted(
        ImageStat.Stat(edges.crop((left, top, left + width // 6, top + height // 6))).var[0]
        for left in range(1, width - width // 6, max(1, width // 6))
        for top in range(1, height - height // 6, max(1, height // 6))
    )
    stat = ImageStat.Stat(grey)
    return {
        "width": original[0],
        "height": original[1],
        "sharpness": tiles[-max(1, len(tiles) // 10)] if tiles else 0.0,
        "mean": stat.mean[0],
        "spread": stat.stddev[0],
        "dark": _percentile(levels, 0.001),
        "median": _percentile(levels, 0.5),
        "light": _percentile(levels, 0.99),
    }


def _percentile(levels: list[int], share: float) -> int:
    wanted = sum(levels) * share
    seen = 0
    for level, count in enumerate(levels):
        seen += count
        if seen >= wanted:
            return level
    return 255


# --- the conversation with the parent -------------------------------------------------------------------------------


def encode(picture: Image.Image, quality: int) -> bytes:
    """A JPEG of the pixels alone: nothing of the upload's metadata is carried over."""
    out = BytesIO()
    picture.info.clear()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def process(data: bytes) -> tuple[dict[str, object], bytes, bytes]:
    """Head, picture and thumbnail. Raises Refusal; any other way to fail also means that the upload is unreadable."""
    picture, original = rebuild(data)
    metrics = measure(picture, original)
    image = encode(picture, 85)
    width, height = picture.size
    picture.thumbnail((THUMB_SIDE, THUMB_SIDE))
    thumb = encode(picture, 80)
    head: dict[str, object] = {"width": width, "height": height, "image": len(image), "thumb": len(thumb)}
    return {**head, "metrics": metrics}, image, thumb


def answer(data: bytes) -> bytes:
    """The frame for the parent, whatever the upload does to the decoders."""
    try:
        head, image, thumb = process(data)
    except Refusal as refusal:
        head, image, thumb = {"refused": str(refusal)}, b"", b""
    except MemoryError:
        head, image, thumb = {"refused": "photo.too_heavy"}, b"", b""
    except Exception as error:
        # Decoders fail in every way on hostile bytes; the type (never the message) goes to the log.
        head, image, thumb = {"refused": "photo.damaged", "error": type(error).__name__}, b"", b""
    text = json.dumps(head).encode()
    return struct.pack(">I", len(text)) + text + image + thumb


def main() -> None:
    """Limit, load the decoders, say so, read all, answer once."""
    limit()
    from PIL import Image, ImageFile, PngImagePlugin

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # our own, lower limit is checked from the header
    PngImagePlugin.MAX_TEXT_MEMORY = 4 * 1024 * 1024
    out = sys.stdout.buffer
    out.write(READY)
    out.flush()
    out.write(answer(sys.stdin.buffer.read()))
    out.flush()


if __name__ == "__main__":
    main()
