"""One upload in a process of its own, forked from the warm server and limited before it looks at a byte.

It is given the upload and a few options, and answers with one frame: a length, a JSON head, and the bytes of the
rebuilt picture, of its thumbnail and of a portrait's cut. What it refuses it names by a wording key.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from mmap import MADV_DONTNEED, mmap
from typing import Any

import cv2
import numpy as np

from workers.imaging.headers import Header, Upload, recognise, refuse_second_nature
from workers.imaging.limits import SCALE_SIDE, THUMB_SIDE, Refusal
from workers.imaging.measures import measure, perceptual_hash
from workers.imaging.pixels import Picture, Pixels, picture, shrink
from workers.imaging.portrait import look

IMAGE_QUALITY, THUMB_QUALITY = 85, 80


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of an upload. `aspect` is a portrait's width to height on paper (`Document.photo_mm`); `sheet` the
    page of a PDF, from 1 (a picture has one)."""

    portrait: bool = False
    aspect: tuple[int, int] = (25, 35)
    sheet: int = 1


def process(data: Upload, options: Options) -> tuple[dict[str, Any], list[bytes]]:
    """Head and files. Raises Refusal; any other way to fail also means that the upload is unreadable."""
    form = recognise(data)
    refuse_second_nature(data, form)
    sheets = 0
    if form.name == "PDF":
        from workers.imaging import pdf  # only where there is one, like all that photos do not need

        found, sheets = pdf.page(data, options.sheet)
    else:
        header: Header = form.inspect(data)
        found = picture(data, form, header)
    if isinstance(data, mmap):
        data.madvise(MADV_DONTNEED)  # the pixels are there: from here on the upload takes no memory of ours
    head, files = rebuilt(found, options)
    return {**head, "sheets": sheets}, files


def rebuilt(found: Picture, options: Options) -> tuple[dict[str, Any], list[bytes]]:
    """Copies and measures of an upright picture."""
    height, width = found.pixels.shape[:2]
    small = shrink(found.pixels, SCALE_SIDE, cv2.INTER_LINEAR)
    rgb = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), np.uint8)
    metrics = measure(rgb, found.original)
    # Halved first, so that it is averaged: it is held against others (`workers.twins`), and people read it.
    half = shrink(small, SCALE_SIDE // 2, cv2.INTER_LINEAR)
    thumb = shrink(half, THUMB_SIDE, cv2.INTER_LINEAR)
    files = [encode(found.pixels, IMAGE_QUALITY), encode(thumb, THUMB_QUALITY), b""]
    if options.portrait:
        full = np.asarray(cv2.cvtColor(found.pixels, cv2.COLOR_BGR2RGB), np.uint8)
        further, cut = look(rgb, full, options.aspect)
        metrics.update(further)
        if cut is not None:
            files[2] = encode(np.asarray(cv2.cvtColor(cut, cv2.COLOR_RGB2BGR), np.uint8), IMAGE_QUALITY)
    phash = perceptual_hash(np.asarray(cv2.cvtColor(half, cv2.COLOR_BGR2RGB), np.uint8))
    return {"width": width, "height": height, "metrics": metrics, "phash": phash}, files


def encode(pixels: Pixels, quality: int) -> bytes:
    """A JPEG of the pixels alone: there is no metadata to carry over.

    Huffman tables are not optimised: that reads the picture twice for five hundredths of its size.
    """
    done, made = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise MemoryError
    return bytes(made.data)


def answer(data: Upload, options: Options) -> bytes:
    """The frame for the parent, whatever the upload does to the decoders."""
    files: list[bytes] = []
    try:
        head, files = process(data, options)
    except Refusal as refusal:
        head = {"refused": str(refusal)}
    except MemoryError:
        head = {"refused": "photo.too_heavy"}
    except Exception as error:
        # Decoders fail in every way on hostile bytes; the type (never the message) goes to the log.
        head = {"refused": "photo.damaged", "error": type(error).__name__}
        if isinstance(error, cv2.error) and error.code == cv2.Error.StsNoMem:
            head["refused"] = "photo.too_heavy"
    text = json.dumps({**head, "files": [len(file) for file in files]}).encode()
    return b"".join((struct.pack(">I", len(text)), text, *files))
