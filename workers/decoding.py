"""Decode an uploaded picture in a limited child process: whatever the bytes do, the worker goes on.

`decode` starts `decoder_child.py` with an empty environment and a deadline. It raises Refused (with a sentence's
wording key) for anything wrong with the picture and DecoderBroken when the child could not start or was not given the
time to finish, which is our fault and is tried again.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog

from workers.decoder_child import READY
from workers.judging import Metrics

# A 50-megapixel photo takes about three seconds on a slow core, and a picture made to take long is ended by the child's
# own limit of processor time: whoever is still at it after this has had no processor.
WALL_SECONDS = 40.0
_CHILD = Path(__file__).with_name("decoder_child.py")
log = structlog.get_logger(__name__)


class Refused(Exception):
    """The picture cannot be used; `reason` is a wording key (``photo.…``) that says what to do instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DecoderBroken(Exception):
    """The child did not get as far as reading the picture, or the machine was too busy: never the applicant's fault."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A rebuilt picture: JPEG without metadata, upright, at most 2400 pixels long; with its thumbnail and metrics."""

    image: bytes
    thumb: bytes
    width: int
    height: int
    metrics: Metrics


def decode(data: bytes, timeout: float = WALL_SECONDS) -> Decoded:
    """Rebuild the picture in `data`. Raises Refused or DecoderBroken, nothing else of the picture's making."""
    command = [sys.executable, "-I", "-X", "utf8", str(_CHILD)]
    try:
        # The environment is empty so that no key or database address is in the process that meets hostile bytes.
        child = subprocess.run(command, input=data, capture_output=True, timeout=timeout, env={}, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise DecoderBroken(f"not done within {timeout:.0f} s: the machine is too busy") from None
    if not child.stdout.startswith(READY):
        raise DecoderBroken(f"decoder exited with {child.returncode} before reading")
    return _read(child.stdout[len(READY) :], child.returncode)


def _read(frame: bytes, returncode: int) -> Decoded:
    if len(frame) < 4:  # killed by its own limits while decoding
        log.warning("decoder_died", returncode=returncode)
        raise Refused("photo.too_heavy")
    (length,) = struct.unpack_from(">I", frame)
    head = json.loads(frame[4 : 4 + length])
    if "refused" in head:
        log.info("picture_refused", reason=head["refused"], decoder_error=head.get("error"))
        raise Refused(head["refused"])
    start = 4 + length
    image, thumb = frame[start : start + head["image"]], frame[start + head["image"] :]
    if len(image) != head["image"] or len(thumb) != head["thumb"]:
        log.warning("decoder_died", returncode=returncode)
        raise Refused("photo.too_heavy")
    return Decoded(image, thumb, head["width"], head["height"], Metrics(**head["metrics"]))
