"""Load, from a process of its own: many people at a time over kept connections. Requests are made before the clock
runs, replies are looked at after it."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlencode

PATIENCE = 60.0  # seconds without any answer


@dataclass(slots=True)
class Heard:
    """What came of a run: bodies by person, in order, and how long each message waited for its reply."""

    seconds: float
    bodies: list[list[bytes]]
    waits: list[float]

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds


@dataclass(slots=True)
class Line:
    """One connection, and whoever talks over it now. Keeps itself open."""

    socket: socket.socket
    person: int = -1
    left: Iterator[bytes] = field(default_factory=lambda: iter(()))
    got: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0


def post(query: dict[str, str], body: bytes) -> bytes:
    """A request as the platform makes it."""
    head = f"POST /wechat/?{urlencode(query)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def connect(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


class Refused(Exception):
    """Another status than 200."""


def whole(got: bytearray) -> bytes | None:
    """The body, once all of it has come. Raises Refused."""
    head = got.find(b"\r\n\r\n")
    if head < 0:
        return None
    if not got.startswith(b"HTTP/1.1 200"):
        raise Refused(bytes(got[:200]))
    at = got.lower().find(b"content-length:", 0, head)
    length = int(got[at + 15 : got.find(b"\r\n", at)])
    return bytes(got[head + 4 :]) if len(got) >= head + 4 + length else None


def in_turn(port: int, talks: Sequence[Sequence[bytes]], lines: int) -> Heard:
    """Everybody says their next sentence when the last was answered; `lines` people at a time."""
    heard = Heard(0.0, [[] for _ in talks], [])
    waiting = deque(enumerate(talks))
    with selectors.DefaultSelector() as selector:
        start = time.perf_counter()
        for _ in range(lines):
            line = Line(connect(port))
            selector.register(line.socket, selectors.EVENT_READ, line)
            _say(line, waiting)
        open_lines = lines
        while open_lines:
            ready = selector.select(PATIENCE)
            if not ready:
                raise SystemExit("the server does not answer any more")
            for key, _mask in ready:
                line = key.data
                line.got += line.socket.recv(65536)
                body = whole(line.got)
                if body is None:
                    continue
                heard.waits.append(time.perf_counter() - line.sent_at)
                heard.bodies[line.person].append(body)
                line.got.clear()
                if not _say(line, waiting):
                    selector.unregister(line.socket)
                    line.socket.close()
                    open_lines -= 1
        heard.seconds = time.perf_counter() - start
    return heard


def _say(line: Line, waiting: deque[tuple[int, Sequence[bytes]]]) -> bool:
    """The next sentence over this line, of this person or the next; whether there is one."""
    request = next(line.left, None)
    if request is None:
        if not waiting:
            return False
        line.person, talk = waiting.popleft()
        line.left = iter(talk)
        request = next(line.left)
    line.sent_at = time.perf_counter()
    line.socket.sendall(request)
    return True


@dataclass(slots=True)
class Kept:
    """What came of a message sent on time: its reply, None where none came, and seconds from when it was due."""

    body: bytes | None = None
    wait: float = float("inf")


def on_time(port: int, due: Sequence[tuple[float, bytes]], lines: int, patience: float) -> list[Kept]:
    """Each message at its second, whether or not others have been answered; `patience` seconds after the last."""
    found = [Kept() for _ in due]
    free: list[Line] = []
    busy = 0
    waiting = deque(sorted(range(len(due)), key=lambda index: due[index][0]))
    with selectors.DefaultSelector() as selector:
        start = time.perf_counter()
        end = due[waiting[-1]][0] + patience
        while (waiting or busy) and time.perf_counter() - start < end:
            now = time.perf_counter() - start
            while waiting and due[waiting[0]][0] <= now and (free or busy < lines):
                index = waiting.popleft()
                line = free.pop() if free else _opened(port, selector)
                line.person, busy = index, busy + 1
                line.socket.sendall(due[index][1])
            pause = max(0.0, due[waiting[0]][0] - now) if waiting and busy < lines else 0.05
            for key, _mask in selector.select(min(pause, 0.05)):
                line = key.data
                try:
                    data = line.socket.recv(65536)
                    line.got += data
                    body = whole(line.got)
                    if body is None and data:
                        continue
                except (OSError, Refused):
                    body = None
                busy -= 1
                if body is None:  # refused, or cut off
                    selector.unregister(line.socket)
                    line.socket.close()
                    continue
                found[line.person] = Kept(body, time.perf_counter() - start - due[line.person][0])
                line.got.clear()
                free.append(line)
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return found


def _opened(port: int, selector: selectors.BaseSelector) -> Line:
    line = Line(connect(port))
    selector.register(line.socket, selectors.EVENT_READ, line)
    return line


@contextmanager
def elsewhere() -> Iterator[Callable[..., Any]]:
    """Run one of these functions in another process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda function, *given: pool.submit(function, *given).result()
