"""The warm server of the decoders: ``python -m workers.imaging.server``, started by `workers.imaging.client`.

It has imported the decoders, has no key and no environment, and never looks at an upload: for each it forks a child
that does, under limits that hold for that child alone. Standard input is a socket of packets. A request is a JSON
object with two descriptors: the upload, and where the answer goes. When the child is gone, the reply says how
(`status`, as of wait) and the seconds of processor time it all took. The server ends when the socket does.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import signal
import socket
import time
from typing import Any

import numpy as np

from workers.imaging import child, limits, pixels

READY = b"ready\n"
_PACKET = 4096


def main() -> None:
    """Warm up, then serve one upload after the other."""
    pixels.prepare()
    warm_up()
    control = socket.socket(fileno=os.dup(0))
    gc.collect()
    held = limits.address_space()
    gc.freeze()  # what is shared with the children stays shared: the collector does not write into it
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(control, _PACKET, 2)
        if not message:
            return
        upload, out = descriptors
        before = time.process_time()
        pid = os.fork()
        if not pid:
            try:
                control.close()
                answer_one(upload, out, {**json.loads(message), "held": held})
            finally:
                os._exit(0)
        os.close(upload)
        os.close(out)
        _pid, status, used = os.wait4(pid, 0)
        seconds = used.ru_utime + used.ru_stime + time.process_time() - before
        control.send(json.dumps({"status": status, "cpu": seconds, "peak": used.ru_maxrss * 1024}).encode())


def warm_up() -> None:
    """Look at a picture of our own, so that what the libraries settle at their first call is settled before a fork."""
    page = np.full((400, 300, 3), 200, np.uint8)
    page[100:200, 100:200] = 20
    child.answer(child.encode(page, child.IMAGE_QUALITY), child.Options())


def answer_one(upload: int, out: int, request: dict[str, Any]) -> None:
    """In the child: let go of everything but this upload, be limited, say so, answer once."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    low, high = sorted((upload, out))
    for first, beyond in ((3, low), (low + 1, high), (high + 1, 64)):
        os.closerange(first, beyond)
    signal.alarm(limits.ALARM_SECONDS)
    options = child.Options(request["portrait"], (request["aspect"][0], request["aspect"][1]), request["sheet"])
    limits.limit(held=request["held"])
    os.write(out, READY)
    size = os.fstat(upload).st_size
    # The worker's copy serves both; mapped at once, as page after page costs more than the reading.
    data = mmap.mmap(upload, size, mmap.MAP_SHARED | mmap.MAP_POPULATE, mmap.PROT_READ) if size else b""
    os.close(upload)
    if data[:5] == b"%PDF-":
        limits.limit_page()
    with os.fdopen(out, "wb") as answer:
        answer.write(child.answer(data, options))


if __name__ == "__main__":
    main()
