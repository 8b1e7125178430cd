"""The worker's side of the decoders' server: start it, ask it, and start another one when it is gone."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

# The server's whole environment. One thread, because a fork takes only the one that calls it; one heap, because each
# further one reserves 64 MB of the limited address space. The heap keeps what is freed and asks for large pages:
# a fresh process otherwise spends a fifth of a photo's time on being given its memory, 4 KB after 4 KB.
_HEAP = {"arena_max": 1, "hugetlb": 1, "mmap_threshold": 1 << 30, "trim_threshold": 1 << 30, "top_pad": 1 << 26}
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "GLIBC_TUNABLES": ":".join(f"glibc.malloc.{name}={value}" for name, value in _HEAP.items()),
}
COMMAND = (sys.executable, "-I", "-X", "utf8", "-m", "workers.imaging.server")
_BLOCK = 1 << 20


class ServerGone(Exception):
    """There is no answer, and it is not the upload's doing; the argument says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a child wrote before it went, how it went (as of `os.wait`), and what it took."""

    frame: bytes
    status: int
    cpu: float  # seconds, the fork's and the child's
    peak: int  # bytes resident


class Server:
    """One server process, started when first asked. Requests of several threads wait for each other."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self.command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0
        atexit.register(self.stop)

    def ask(self, data: bytes, options: dict[str, object], seconds: float) -> Reply:
        """The child's answer to `data`. Raises ServerGone when there is none in that time, whatever the reason."""
        deadline, asked = time.monotonic() + seconds, json.dumps(options).encode()
        with self._lock:
            try:
                # A server that died before any child began is replaced, once; the upload was not looked at.
                return self._asked(data, asked, deadline) or self._asked(data, asked, deadline) or self._gone()
            except TimeoutError:
                raise ServerGone(f"not done within {seconds:.0f} s: the machine is too busy") from None
            except (OSError, ValueError) as error:
                raise ServerGone("the server is gone") from error

    def _asked(self, data: bytes, options: bytes, deadline: float) -> Reply | None:
        """None where the server went before a child began. A server that is not done with us is ended, also by the
        job's own deadline: nobody shall read this answer as the next one's."""
        frame = b""
        try:
            reading = self._send(data, options)
            with os.fdopen(reading, "rb", buffering=0):
                frame = _read_all(reading, deadline)
            said = json.loads(self._said(deadline))
        except TimeoutError:
            self.stop()
            raise
        except (OSError, ValueError):
            self.stop()
            if frame:
                raise
            return None
        except BaseException:
            self.stop()
            raise
        return Reply(frame, said["status"], said["cpu"], said["peak"])

    @staticmethod
    def _gone() -> Reply:
        raise ServerGone("the server is gone")

    @property
    def pid(self) -> int | None:
        """The running server's process id."""
        return self._process.pid if self._process is not None else None

    def stop(self) -> None:
        """End the server and any child of it at once."""
        process, control = self._process, self._control
        self._process = self._control = None
        if control is not None:
            control.close()
        if process is not None and self._owner == os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _send(self, data: bytes, options: bytes) -> int:
        """Hand the upload over; the descriptor to read the answer from."""
        upload = os.memfd_create("upload")
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):  # a wider pipe only saves turns; there may be a limit for all of them
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _BLOCK)
        try:
            _write_all(upload, data)
            socket.send_fds(self._ready(), [options], [upload, writing])
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(upload)
            os.close(writing)
        return reading

    def _ready(self) -> socket.socket:
        if self._process is not None and (self._owner != os.getpid() or self._process.poll() is not None):
            self.stop()
        if self._control is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                # Its own group, so that Ctrl-C is for the worker, which finishes the photo it is at; the worker's
                # session, so that it is as nice as that (see the supervisor).
                self._process = subprocess.Popen(  # noqa: S603
                    self.command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=ENVIRONMENT,
                    process_group=0,
                )
            self._control, self._owner = ours, os.getpid()
        return self._control

    def _said(self, deadline: float) -> bytes:
        control = self._control
        assert control is not None
        _await(control.fileno(), deadline)
        return control.recv(_BLOCK)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read_all(descriptor: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    while True:
        _await(descriptor, deadline)
        part = os.read(descriptor, _BLOCK)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _await(descriptor: int, deadline: float) -> None:
    left = deadline - time.monotonic()
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN | select.POLLHUP)
    if left <= 0 or not waiting.poll(left * 1000):
        raise TimeoutError
