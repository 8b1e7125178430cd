"""What the process that meets hostile bytes may use, and what a picture may be."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

MEMORY = 480 * 1024 * 1024  # bytes of address space beyond what the warm server has; with its own, below 600 MB
CPU_SECONDS = 10  # a 50-megapixel HEIC takes three on a slow core
PDF_CPU_SECONDS = 1.8  # one page; what takes longer is made to take long
OPEN_FILES = 32
ALARM_SECONDS = 120  # by the clock: nobody waits for a child that hangs, and then it shall not stay

MAX_PIXELS = 50_000_000  # phones go to 50 megapixels in their ordinary modes
MIN_SIDE = 16  # below this there is no picture
FULL_SIDE = 2400  # longest side kept: A4 at about 200 dpi, small print is legible
LEAST_SIDE = 1960  # a photo that its decoder halves to this (12 megapixels) or more is kept like that: about 165 dpi
SCALE_SIDE = 1000  # longest side of the copy on which everything is measured: thresholds hold for this scale
THUMB_SIDE = 320


class Refusal(Exception):
    """The picture cannot be taken; the argument is a wording key under ``photo.``."""


def address_space() -> int:
    """Bytes of address space of this process now."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def limit_page() -> None:
    """Less time still for a page of a PDF, which says itself how much there is to draw: ended by SIGPROF."""
    signal.setitimer(signal.ITIMER_PROF, PDF_CPU_SECONDS)


def limit(cpu_seconds: int = CPU_SECONDS, held: int | None = None) -> None:
    """Cap memory, time and files of this very process. Lasting: what is lowered here cannot be raised again.

    `held`: its address space now, where that is known.
    At the processor time's soft limit the process is ended by SIGXCPU, which nothing else sends: the picture's fault.
    """
    memory = (address_space() if held is None else held) + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
