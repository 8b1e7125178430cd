"""Bytes to upright pixels: one decoder a format, scaled while decoding where the format can do that.

Arrays are OpenCV's: uint8, height × width × 3, blue first.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.imaging.headers import Format, Header, Upload
from workers.imaging.limits import FULL_SIDE, LEAST_SIDE, Refusal

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
    """Settle the library once, before the first upload."""
    cv2.setNumThreads(1)


def picture(data: Upload, form: Format, header: Header) -> Picture:
    """Decode. Raises Refusal, and whatever the decoders raise on what they cannot read."""
    if form.name == "JPEG" and header.plain:
        decoded, original = _jpeg(data, header.size), header.size
    elif form.name == "WEBP":
        decoded, original = _webp(data, header.size), header.size
    else:
        # Imported by the child that needs it: forking what photos do not need would cost each of them.
        from workers.imaging.rarer import through_pillow

        decoded, original, header = through_pillow(data, form, header)
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


def _jpeg(data: Upload, size: tuple[int, int]) -> Pixels:
    """One decode, at a half, a quarter or an eighth where that leaves enough: the transform itself is smaller then."""
    scale = next((scale for scale in _REDUCED if max(size) // scale >= LEAST_SIDE), 1)
    flag = _REDUCED.get(scale, cv2.IMREAD_COLOR) | cv2.IMREAD_IGNORE_ORIENTATION
    with _Complaints() as complaints:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    wanted = (-(-size[1] // scale), -(-size[0] // scale), 3)
    if decoded is None or decoded.shape != wanted or complaints.about(b"premature end"):
        raise Refusal("photo.damaged")
    return np.asarray(decoded, np.uint8)


def _webp(data: Upload, size: tuple[int, int]) -> Pixels:
    """A still picture straight into its array; Pillow would take three times the memory."""
    with _Complaints():
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.shape[:2] != (size[1], size[0]):
        raise Refusal("photo.damaged")
    return on_paper(shrink(decoded, FULL_SIDE))


def on_paper(pixels: Pixels) -> Pixels:
    """Blue, green and red; transparency laid on white paper."""
    if pixels.ndim == 2:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.uint16)
    laid = pixels[:, :, :3] * alpha + 255 * (255 - alpha)
    return (laid // 255).astype(np.uint8)


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
