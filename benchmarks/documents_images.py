"""All image work of a photo against its bare scaled decode and against the plain way, in processor time and memory.

Ours is what a worker really pays: the child with its fork and exit and the server's share (as the kernel counted them
when the child was gone), and the worker's own handing over and reading. Against it

- the *bare decode*: `cv2.imdecode` of the same bytes, at the scale that we use, in a warm process, nothing else;
- the *plain pipeline*: what one writes with Pillow for the same results, decoded at full size: load, turn upright, a
  copy 2400 long without metadata, a thumbnail, variance of the Laplacian, mean brightness, a perceptual hash. In this
  process, unprotected.

They take turns; the least of each counts, as what else the machine does only adds. Memory: what the child's peak has
over that of a child that was given nothing (the upload, which it shares with the worker, included), and the answer as
the worker gets it.
"""

import io
import time
from collections.abc import Callable

import cv2
import numpy as np
from documents_photos import phone_photo
from PIL import Image, ImageFilter, ImageOps, ImageStat
from targets import Target

from workers import decoding
from workers.decoding import Options
from workers.imaging.limits import FULL_SIDE, LEAST_SIDE, THUMB_SIDE

TURNS = {12: 15, 48: 9}
MOST_BARE, LEAST_PLAIN, MOST_MB = 2.2, {12: 6.0, 48: 10.0}, 40.0


def bare(photo: bytes, scale: int) -> None:
    flag = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}[scale]
    cv2.imdecode(np.frombuffer(photo, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)


def plain(photo: bytes) -> None:
    picture = Image.open(io.BytesIO(photo))
    picture.load()
    picture = ImageOps.exif_transpose(picture).convert("RGB")
    for side, quality in ((FULL_SIDE, 85), (THUMB_SIDE, 80)):
        copy = picture.copy()
        copy.info.clear()
        copy.thumbnail((side, side), Image.Resampling.LANCZOS)
        copy.save(io.BytesIO(), "JPEG", quality=quality, optimize=True)
    grey = picture.convert("L")
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128))
    _blur, _brightness = ImageStat.Stat(edges).var[0], ImageStat.Stat(grey).mean[0]
    small = np.asarray(grey.resize((32, 32), Image.Resampling.LANCZOS), np.float32)
    low = cv2.dct(small)[:8, :8]
    _hash = low > np.median(low)


def ours(photo: bytes) -> float:
    """Seconds of processor time in all processes."""
    before = time.process_time()
    reply = decoding.ask(photo, Options())
    decoding.read(reply)
    return time.process_time() - before + reply.cpu


def seconds(what: Callable[[], object]) -> float:
    before = time.process_time()
    what()
    return time.process_time() - before


def grown(photo: bytes) -> float:
    """Megabytes that a photo adds while it is worked on."""
    empty, full = decoding.ask(b"", Options()), decoding.ask(photo, Options())
    return (full.peak - empty.peak + len(full.frame)) / 1e6


def measure(megapixels: int) -> list[Target]:
    cv2.setNumThreads(1)
    photo = phone_photo(megapixels)
    longest = max(Image.open(io.BytesIO(photo)).size)
    scale = next(scale for scale in (4, 2) if longest // scale >= LEAST_SIDE)
    ways: dict[str, Callable[[], float]] = {
        "bare": lambda: seconds(lambda: bare(photo, scale)),
        "ours": lambda: ours(photo),
        "plain": lambda: seconds(lambda: plain(photo)),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(TURNS[megapixels] + 1):
        for name, way in ways.items():
            if name == "plain" and turn % 3:
                continue  # takes a second or more
            spent = way()
            if turn:  # the first one warms up
                taken[name].append(spent)
    least = {name: min(found) for name, found in taken.items()}
    memory = grown(photo)
    print(
        f"{megapixels} megapixels, {len(photo) / 1e6:.1f} MB, decoded at 1/{scale}: "
        + ", ".join(f"{name} {found * 1000:.0f} ms" for name, found in least.items())
        + f" of processor time; {memory:.0f} MB"
    )
    over, under = least["ours"] / least["bare"], least["plain"] / least["ours"]
    wanted = LEAST_PLAIN[megapixels]
    return [
        Target(f"image-{megapixels}mp-over-bare-decode", f"{over:.2f}", f"<={MOST_BARE}", over <= MOST_BARE),
        Target(f"image-{megapixels}mp-under-plain-pillow", f"{under:.1f}", f">={wanted:.0f}", under >= wanted),
        Target(f"image-{megapixels}mp-memory-mb", f"{memory:.0f}", f"<={MOST_MB:.0f}", memory <= MOST_MB),
    ]


def main() -> list[Target]:
    return [target for megapixels in TURNS for target in measure(megapixels)]
