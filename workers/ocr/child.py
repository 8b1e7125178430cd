"""The process that holds the models and reads one page after the other: started by `workers.ocr.warm`, never by hand.

Standard input: frames of a JSON head (``expected``, ``size``) and the rebuilt JPEG. Standard output: a frame that says
``ready`` (or that the engine is ``missing``), then one frame a page: the ``reading``, or the type and place of an
error, never its message; and what memory is resident by now. It has an empty environment, and knows no database and no
key.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

PAGE = os.sysconf("SC_PAGE_SIZE")
MEMORY = 2048 * 1024 * 1024  # of address space, which the runtime maps generously: 800 MB with the models loaded
CPU_SECONDS = 60  # for one page; a hard one takes about one
OPEN_FILES = 64
HEAD = struct.Struct(">I")


def send(out: BinaryIO, head: dict[str, Any]) -> None:
    """One frame without a body."""
    text = json.dumps(head).encode()
    out.write(HEAD.pack(len(text)) + text)
    out.flush()


def receive(source: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """One frame with its body; None at the end, also in the middle of a frame."""
    size = source.read(HEAD.size)
    if len(size) < HEAD.size:
        return None
    text = source.read(HEAD.unpack(size)[0])
    try:
        head: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    body = source.read(head.get("size", 0))
    return (head, body) if len(body) == head.get("size", 0) else None


def resident() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE


def limit() -> None:
    """Nothing is written, no more is opened, and memory has an end."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_one_page() -> None:
    """Whatever a page does, this process ends by itself when it has burnt this much: nobody may be left to kill it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))


def main() -> None:
    """Load, limit, say so, then read pages until the input ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no frame
    from models.logs import place
    from workers.ocr.engine import Missing, PaddleModels
    from workers.ocr.page import read_page

    try:
        engine = PaddleModels()
    except Missing as missing:
        send(out, {"missing": str(missing)})
        return
    limit()
    send(out, {"ready": engine.name})
    while (frame := receive(sys.stdin.buffer)) is not None:
        head, jpeg = frame
        allow_one_page()
        try:
            answer: dict[str, Any] = {"reading": read_page(engine, jpeg, head["expected"]).to_json()}
        except Exception as error:
            answer = {"error": place(error)}
        send(out, {**answer, "resident": resident()})


if __name__ == "__main__":
    main()
