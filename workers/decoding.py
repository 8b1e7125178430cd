"""Decode an upload in a limited child process: whatever the bytes do, the worker goes on.

`decode` asks the warm server of `workers.imaging`. It raises Refused (with a sentence's wording key) for anything wrong
with the upload and DecoderBroken when no child could start, was ended from outside or was not given the time to finish,
which is our fault and is tried again. Neither ever ends in a page that counts as seen.
"""

from __future__ import annotations

import json
import os
import signal
import struct
from dataclasses import dataclass
from typing import Any

import structlog

from workers.imaging.client import Reply, Server, ServerGone
from workers.judging import Metrics

# A 50-megapixel photo takes about three seconds on a slow core, and a picture made to take long is ended by the child's
# own limit of processor time: whoever is still at it after this has had no processor.
WALL_SECONDS = 40.0
READY = b"ready\n"
_server = Server()
log = structlog.get_logger(__name__)


class Refused(Exception):
    """The picture cannot be used; `reason` is a wording key (``photo.…``) that says what to do instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# Said of a photo otherwise: taken again, which a PDF is not.
_OF_A_PDF = {"photo.damaged": "photo.pdf_damaged", "photo.too_heavy": "photo.pdf_heavy"}


class DecoderBroken(Exception):
    """The child did not get as far as reading the picture, or the machine was too busy: never the applicant's fault."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of an upload. `aspect` is a portrait's width to height on paper (`Document.photo_mm`); `sheet` the
    page of a PDF, from 1."""

    portrait: bool = False
    aspect: tuple[int, int] = (25, 35)
    sheet: int = 1


@dataclass(frozen=True, slots=True)
class Decoded:
    """A rebuilt picture: JPEG without metadata, upright, at most 2400 pixels long; with its thumbnail and metrics."""

    image: bytes
    thumb: bytes
    width: int
    height: int
    metrics: Metrics
    phash: str | None = None  # perceptual hash, 16 hex digits
    crop: bytes | None = None  # of a portrait: cut for the form
    sheets: int = 0  # pages of the PDF it was in; 0: a picture


def decode(data: bytes, options: Options | None = None, timeout: float = WALL_SECONDS) -> Decoded:
    """Rebuild the picture in `data`. Raises Refused or DecoderBroken, nothing else of the picture's making."""
    try:
        return read(ask(data, options or Options(), timeout))
    except Refused as refused:
        if not data.startswith(b"%PDF-"):
            raise
        raise Refused(_OF_A_PDF.get(refused.reason, refused.reason)) from None


def ask(data: bytes, options: Options, timeout: float = WALL_SECONDS) -> Reply:
    """What the child answered, unread. Raises DecoderBroken."""
    asked = {"portrait": options.portrait, "aspect": options.aspect, "sheet": options.sheet}
    try:
        return _server.ask(data, asked, timeout)
    except ServerGone as gone:
        raise DecoderBroken(str(gone)) from gone


def read(reply: Reply) -> Decoded:
    """What a child's answer comes to. Raises Refused, DecoderBroken."""
    if not reply.frame.startswith(READY):
        raise DecoderBroken(f"the child ended with {reply.status} before it read")
    if reply.status:
        raise _died(reply.status)
    head, files = _parts(reply.frame[len(READY) :])
    if "refused" in head:
        log.info("picture_refused", reason=head["refused"], decoder_error=head.get("error"))
        raise Refused(head["refused"])
    image, thumb, crop = files
    log.debug("picture_rebuilt", cpu=round(reply.cpu, 3), peak=reply.peak)
    return Decoded(
        image,
        thumb,
        head["width"],
        head["height"],
        Metrics(**head["metrics"]),
        head["phash"],
        crop or None,
        head["sheets"],
    )


def _died(status: int) -> Refused | DecoderBroken:
    """Whose fault it was: limits and crashes are the upload's; SIGKILL comes from outside (memory ran out)."""
    sent = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    log.warning("decoder_died", status=status, signal=sent)
    if sent in (signal.SIGKILL, signal.SIGTERM, signal.SIGALRM):
        return DecoderBroken(f"the child was ended by signal {sent}")
    return Refused("photo.too_heavy" if sent in (signal.SIGXCPU, signal.SIGPROF) else "photo.damaged")


def _parts(frame: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Head and files of a frame. Raises Refused for one that was cut short."""
    try:
        (length,) = struct.unpack_from(">I", frame)
        head = json.loads(frame[4 : 4 + length])
        sizes = head["files"]
    except (struct.error, ValueError, KeyError):
        raise Refused("photo.too_heavy") from None
    at, files = 4 + length, []
    for size in sizes:
        files.append(frame[at : at + size])
        at += size
    if at != len(frame):
        raise Refused("photo.too_heavy")
    return head, files
