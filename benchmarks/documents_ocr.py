"""Reading an ID card: our two looks against RapidOCR's defaults, on the same generated hard photos, in one run.

    python benchmarks/documents_ocr.py [PHOTOS]     photos of each side, 10 by default

Processor time of the process, all threads, so a busy machine changes little; the two take turns at each photo. Both
get the picture as `workers.decoding` rebuilt it, and both are interpreted by the same readers, so that only the engine
differs. Lines: ``target <name> <measured> <limit> ok|short``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from models.documents.reading import PageReading
from workers.decoding import decode
from workers.ocr import page
from workers.ocr.engine import PaddleModels
from workers.ocr.generated import sets
from workers.ocr.geometry import ordered, placed
from workers.ocr.measuring import Tally, lines
from workers.ocr.warm import Reader

SIDES = ("id_front", "id_back")
SEED = 7
RATIO, RESIDENT = 3.0, 400  # times less processor time; megabytes of a reading worker, both of its processes
_WORKER = "import webforms.app, workers.ocr.job; print(open('/proc/self/status').read())"


def defaults() -> Callable[[bytes], PageReading]:
    """RapidOCR as its README has it, its lines given to our readers."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})

    def read(jpeg: bytes) -> PageReading:
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        result = engine(picture)
        if result.boxes is None:
            return page.interpret([], SIDES)
        quads = [ordered((float(x), float(y)) for x, y in box) for box in result.boxes]
        texts = [(text, float(score), ()) for text, score in zip(result.txts, result.scores, strict=True)]
        return page.interpret(placed(quads, texts, picture.shape[1], picture.shape[0]), SIDES)

    return read


def ours() -> Callable[[bytes], PageReading]:
    """What the worker's child does with a page."""
    engine = PaddleModels()
    return lambda jpeg: page.read_page(engine, jpeg, SIDES)


def resident(jpegs: Sequence[bytes]) -> float:
    """Megabytes of a reading worker: the most that its child ever had while it read all of these, and itself."""
    reader = Reader(pages=len(jpegs) + 1, resident=sys.maxsize)
    try:
        for jpeg in jpegs:
            reader.read(jpeg, SIDES)
        child = _most(Path(f"/proc/{reader.pid}/status").read_text("ascii"))
    finally:
        reader.close()
    worker = subprocess.run([sys.executable, "-c", _WORKER], capture_output=True, text=True, check=True)
    return child + _most(worker.stdout)


def _most(status: str) -> float:
    """Megabytes that a process has had in memory at most, of its /proc/PID/status."""
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def main(count: int = 10) -> list[str]:
    """Measure, print, and give back the targets' lines."""
    photos = list(sets.photos("hard", count, SEED, kinds=SIDES))
    jpegs = [decode(photo.picture).image for photo in photos]
    ways = {"rapidocr's defaults": defaults(), "ours": ours()}
    tallies = {name: Tally(name) for name in ways}
    for read in ways.values():
        read(jpegs[0])  # load the models, touch the memory
    for photo, jpeg in zip(photos, jpegs, strict=True):
        for name, read in ways.items():
            began = time.process_time()
            reading = read(jpeg)
            tallies[name].seconds += time.process_time() - began
            tallies[name].add(photo, reading)
    for tally in tallies.values():
        print(*lines(tally), sep="\n")
    return _targets(*tallies.values(), memory=resident(jpegs))


def _targets(plain: Tally, fast: Tally, memory: float) -> list[str]:
    ratio, wrongly = plain.seconds / fast.seconds, fast.wrongly_trusted
    targets = [
        _line("ocr-processor-ratio", round(ratio, 1), f">={RATIO}", ratio >= RATIO),
        _line("ocr-fields-right", _right(fast), f">={_right(plain)}", _right(fast) >= _right(plain)),
        _line("ocr-wrongly-trusted", wrongly, "0", not wrongly),
        _line("ocr-worker-resident-mb", round(memory), f"<={RESIDENT}", memory <= RESIDENT),
    ]
    print(*targets, sep="\n")
    return targets


def _right(tally: Tally) -> int:
    return sum(one.read - one.wrong for one in tally.fields.values())


def _line(name: str, measured: float, limit: str, good: bool) -> str:
    return f"target {name} {measured} {limit} {'ok' if good else 'short'}"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
