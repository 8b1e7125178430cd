"""The reader of a worker: one child process that holds the models, warm from page to page, and expendable.

Loading takes a second and reading a page a fifth of one, so the models are loaded once a worker. A child that hangs,
dies, or grows is ended; the next page gets a new one. The worker itself never holds a model and goes on.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, BinaryIO, cast

import structlog

from models.documents.reading import NOT_CHECKED, PageReading
from workers.ocr.child import HEAD, receive

COMMAND = (sys.executable, "-I", "-X", "utf8", "-m", "workers.ocr.child")
SECONDS = 40.0  # for a page or for loading, on a busy machine; the child ends itself on its own processor time
PAGES = 500  # then a fresh child: what slowly grows never grows far
RESIDENT = 280 * 1024 * 1024  # bytes of a child after which it is not given another page

log = structlog.get_logger(__name__)


class ReaderBroken(Exception):
    """The child did not start, hung, died, or could not read this page: tried again, with a new child."""


class Reader:
    """Reads pages through its child, which is started with the first page. Not for two threads at once.

    `engine` is the name of what reads, once it has been started; empty where nothing can read.
    """

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        seconds: float = SECONDS,
        pages: int = PAGES,
        resident: int = RESIDENT,
    ) -> None:
        self._command = tuple(command)
        self._seconds, self._pages, self._resident = seconds, pages, resident
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0
        self._missing = False
        self.engine = ""

    def read(self, jpeg: bytes, expected: Sequence[str]) -> PageReading:
        """What stands on the page; `NOT_CHECKED` where no engine is installed. Raises ReaderBroken."""
        try:
            answer = self._ask(jpeg, expected)
        except BaseException:  # also the queue's own deadline: the child may be in the middle of an answer
            self._end("broken")
            raise
        if answer is None:
            return NOT_CHECKED
        self._read += 1
        if self._read >= self._pages or answer["resident"] > self._resident:
            self._end("recycled")
        if "error" in answer:
            raise ReaderBroken(str(answer["error"]))
        return PageReading.from_json(answer["reading"])

    def close(self) -> None:
        """End the child."""
        self._end("closed")

    @property
    def pid(self) -> int | None:
        """Of the child, where there is one."""
        return None if self._child is None else self._child.pid

    def _ask(self, jpeg: bytes, expected: Sequence[str]) -> dict[str, Any] | None:
        if self._missing:
            return None
        if self._child is not None and self._child.poll() is not None:
            self._end("was gone")
        if self._child is None and not self._start():
            return None
        assert self._child is not None
        return self._converse(self._child, {"expected": list(expected), "size": len(jpeg)}, jpeg)

    def _start(self) -> bool:
        """Start a child and wait until it has loaded. False: there is nothing to load, for as long as we run."""
        # The environment is empty so that no key or database address is beside what looks at pictures. What libraries
        # print is not kept: it may quote what they saw.
        pipe = subprocess.PIPE
        self._child = subprocess.Popen(  # noqa: S603 our own command
            self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={}
        )
        self._read = 0
        hello = self._converse(self._child)
        if "missing" in hello:
            log.warning("reader_missing", why=hello["missing"])
            self._missing = True
            self._end("missing")
            return False
        self.engine = hello["ready"]
        log.info("reader_started", engine=self.engine)
        return True

    def _converse(
        self, child: subprocess.Popen[bytes], head: dict[str, Any] | None = None, body: bytes = b""
    ) -> dict[str, Any]:
        """Say `head` and `body` (or nothing) and hear the answer. A child that takes too long is killed meanwhile,
        which ends any writing and waiting here."""
        watch = threading.Timer(self._seconds, child.kill)
        watch.start()
        try:
            if head is not None:
                _say(cast(BinaryIO, child.stdin), head, body)
            frame = receive(cast(BinaryIO, child.stdout))
        except BrokenPipeError:
            frame = None
        finally:
            watch.cancel()
        if frame is None:
            raise ReaderBroken(f"the reader ended or took longer than {self._seconds:.0f} s")
        return frame[0]

    def _end(self, why: str) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        log.info("reader_ended", why=why, pages=self._read)
        child.kill()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                _close(stream)
        child.wait()


def _say(stream: Any, head: dict[str, Any], body: bytes) -> None:
    text = json.dumps(head).encode()
    stream.write(HEAD.pack(len(text)) + text + body)
    stream.flush()


def _close(stream: Any) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        log.debug("reader_was_gone")


@cache
def reader() -> Reader:
    """The one of this process."""
    made = Reader()
    atexit.register(made.close)
    return made
