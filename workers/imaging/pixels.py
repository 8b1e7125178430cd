"""Bytes to upright pixels: one decoder a format, scaled while decoding where the format can do that.

Arrays are OpenCV's: uint8, height × width × 3, blue first.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pi_heif
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, ImageFile, JpegImagePlugin, PngImagePlugin

from workers.imaging.headers import Format, Header, check_size, tiff_orientation
from workers.imaging.limits import FULL_SIDE, LEAST_SIDE, Refusal
from workers.imaging.portrait import detector

Pixels = NDArray[np.uint8]

_REDUCED = {8: cv2.IMREAD_REDUCED_COLOR_8, 4: cv2.IMREAD_REDUCED_COLOR_4, 2: cv2.IMREAD_REDUCED_COLOR_2}
_TURNS: dict[int, tuple[int | None, int | None]] = {  # orientation → (mirror, turn), in this order
    2: (1, None),
    3: (None, cv2.ROTATE_180),
    4: (0, None),
    5: (1, cv2.ROTATE_90_COUNTERCLOCKWISE),
    6: (None, cv2.ROTATE_90_CLOCKWISE),
    7: (1, cv2.ROTATE_90_CLOCKWISE),
    8: (None, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright pixels, at most FULL_SIDE long, and the size as the picture came (upright)."""

    pixels: Pixels
    original: tuple[int, int]


def prepare() -> None:
    """Settle the libraries once, before the first upload: one thread, strict, no decoder but those we name."""
    cv2.setNumThreads(1)
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # our own, lower limit is checked from the header
    PngImagePlugin.MAX_TEXT_MEMORY = 4 * 1024 * 1024
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pi_heif.register_heif_opener(thumbnails=False)
    pi_heif.options.DECODE_THREADS = 1
    detector()


def picture(data: bytes, form: Format, header: Header) -> Picture:
    """Decode. Raises Refusal, and whatever the decoders raise on what they cannot read."""
    if form.name == "JPEG" and header.plain:
        decoded, original = _jpeg(data, header.size), header.size
    elif form.name == "WEBP":
        decoded, original = _webp(data)
    else:
        decoded, original, header = _through_pillow(data, form, header)
    decoded = upright(shrink(decoded, FULL_SIDE), header.orientation)
    return Picture(decoded, (original[1], original[0]) if header.orientation >= 5 else original)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn the picture as its camera meant it."""
    mirror, turn = _TURNS.get(orientation, (None, None))
    if mirror is not None:
        pixels = cv2.flip(pixels, mirror)
    return pixels if turn is None else cv2.rotate(pixels, turn)


def shrink(pixels: Pixels, longest: int, rest: int = cv2.INTER_AREA) -> Pixels:
    """A copy of at most that length, each pixel the mean of what it covers. Halving comes first, as it is quick; `rest`
    is how the remaining factor below two is done."""
    height, width = pixels.shape[:2]
    if max(height, width) <= longest:
        return pixels
    size = (max(1, round(width * longest / max(height, width))), max(1, round(height * longest / max(height, width))))
    while min(pixels.shape[1] // 2 - size[0], pixels.shape[0] // 2 - size[1]) >= 0:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        pixels = cv2.resize(pixels[: half[1] * 2, : half[0] * 2], half, interpolation=cv2.INTER_AREA)
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=rest), np.uint8)


def _jpeg(data: bytes, size: tuple[int, int]) -> Pixels:
    """One decode, at a half, a quarter or an eighth where that leaves enough: the transform itself is smaller then."""
    scale = next((scale for scale in _REDUCED if max(size) // scale >= LEAST_SIDE), 1)
    flag = _REDUCED.get(scale, cv2.IMREAD_COLOR) | cv2.IMREAD_IGNORE_ORIENTATION
    with _Complaints() as complaints:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    wanted = (-(-size[1] // scale), -(-size[0] // scale), 3)
    if decoded is None or decoded.shape != wanted or complaints.about(b"premature end"):
        raise Refusal("photo.damaged")
    return np.asarray(decoded, np.uint8)


def _webp(data: bytes) -> tuple[Pixels, tuple[int, int]]:
    """OpenCV decodes a still picture straight into its array; Pillow would take three times the memory."""
    with Image.open(BytesIO(data), formats=["WEBP"]) as opened:
        check_size(opened.size)
        if getattr(opened, "n_frames", 1) > 1:
            raise Refusal("photo.animated")
        size = opened.size
    with _Complaints():
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.shape[:2] != (size[1], size[0]):
        raise Refusal("photo.damaged")
    return on_paper(shrink(decoded, FULL_SIDE)), size


def on_paper(pixels: Pixels) -> Pixels:
    """Blue, green and red; transparency laid on white paper."""
    if pixels.ndim == 2:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.uint16)
    laid = pixels[:, :, :3] * alpha + 255 * (255 - alpha)
    return (laid // 255).astype(np.uint8)


# --- through Pillow: what is rarer -----------------------------------------------------------------------------------


def _through_pillow(data: bytes, form: Format, header: Header) -> tuple[Pixels, tuple[int, int], Header]:
    """Read the header with exactly one decoder, refuse too many pixels or frames, then load before anything else."""
    opened: Image.Image
    if form.name == "JPEG":
        # Not through Image.open: it would hand a photo with an HDR map on as a multi-picture file.
        opened = JpegImagePlugin.JpegImageFile(BytesIO(data))
        opened.draft(None, (FULL_SIDE, FULL_SIDE))
        original = header.size
    else:
        opened = Image.open(BytesIO(header.pixels or data), formats=[form.name])
        original = opened.size
        check_size(original)
    # HEIF may hold several stills (bursts); the primary one is the photo. Elsewhere frames mean an animation.
    if form.name not in ("HEIF", "JPEG") and getattr(opened, "n_frames", 1) > 1:
        raise Refusal("photo.animated")
    opened.load()
    if form.name in ("AVIF", "HEIF"):  # what their own properties leave to be turned stands there after the decoder
        exif = opened.info.get("exif") or b""
        header = Header(orientation=tiff_orientation(exif[6:] if exif[:6] == b"Exif\0\0" else exif))
    if opened.mode in ("P", "1") or opened.mode.startswith("I"):
        opened = _to_rgb(opened)  # these cannot be scaled smoothly
    opened.thumbnail((FULL_SIDE, FULL_SIDE), reducing_gap=2.0)
    rgb = np.asarray(_to_rgb(opened), np.uint8)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8), original, header


def _to_rgb(opened: Image.Image) -> Image.Image:
    """Plain 8-bit RGB: 16-bit grey scaled and not clipped, transparency laid on white paper."""
    if opened.mode == "RGB":
        return opened
    if opened.mode.startswith("I"):
        return opened.convert("I").point(lambda level: level * (1 / 256)).convert("L").convert("RGB")
    if opened.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in opened.info:
        layer = opened.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        paper.alpha_composite(layer)
        return paper.convert("RGB")
    return opened.convert("RGB")


class _Complaints:
    """What a C library says on standard error meanwhile: libjpeg fills a photo that ends early with grey, and only
    says so."""

    def __enter__(self) -> _Complaints:
        self._read, write = os.pipe()
        os.set_blocking(write, False)  # a chatty decoder loses words rather than time
        self._before = os.dup(2)
        os.dup2(write, 2)
        os.close(write)
        self.said = b""
        return self

    def __exit__(self, *_exc: Any) -> None:
        os.dup2(self._before, 2)  # the last writing end is gone: the reading end comes to its end
        os.close(self._before)
        self.said = os.read(self._read, 65_536)
        os.close(self._read)

    def about(self, words: bytes) -> bool:
        """Whether it said this."""
        return words in self.said.lower()
