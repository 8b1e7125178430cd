"""The warm child: one for many pages, ended when it hangs, dies or grows, and none where nothing is installed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import drawn_cards
import pytest
from waiting import wait_for

from models.documents.reading import NOT_CHECKED
from workers.ocr.warm import COMMAND, Reader, ReaderBroken

# Stands in for the child: `answer(head, body)` is given by each test; everything else is the real conversation.
CHILD = """
import os, sys, time
from workers.ocr.child import receive, send
out = os.fdopen(os.dup(1), "wb")
print("a library prints", file=sys.stderr)
READING = {{"state": "read", "kind": "id_front", "found": {{}}, "quarter_turns": 0}}
{hello}
while (frame := receive(sys.stdin.buffer)) is not None:
    head, body = frame
    {answer}
"""
READY = 'send(out, {"ready": "made up 1"})'
ANSWER = 'send(out, {"reading": READING, "resident": 1000})'
MAKE_OF = Callable[..., Reader]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MAKE_OF]:
    """A reader whose child is made of lines."""
    made: list[Reader] = []

    def reader(hello: str = READY, answer: str = ANSWER, **options: float) -> Reader:
        script = tmp_path / f"child{len(made)}.py"
        script.write_text(CHILD.format(hello=hello, answer=answer), "utf-8")
        made.append(Reader((sys.executable, str(script)), **options))  # type: ignore[arg-type]
        return made[-1]

    yield reader
    for one in made:
        one.close()


def test_one_child_reads_many_pages(make: MAKE_OF) -> None:
    reader = make()
    assert reader.pid is None
    pids = set()
    for _ in range(5):
        assert reader.read(b"x" * 200_000, ("id_front",)).kind == "id_front"
        pids.add(reader.pid)
    assert len(pids) == 1 and reader.engine == "made up 1"


def test_a_fresh_child_after_so_many_pages(make: MAKE_OF) -> None:
    reader = make(pages=2)
    alive = []
    for _ in range(4):
        reader.read(b"x", ())
        alive.append(reader.pid is not None)
    assert alive == [True, False, True, False]


@pytest.mark.parametrize(("limit", "kept"), [(999, False), (1000, True)])
def test_a_child_that_has_grown_gets_no_other_page(make: MAKE_OF, limit: int, kept: bool) -> None:
    reader = make(resident=limit)
    assert reader.read(b"x", ()).state == "read"
    assert (reader.pid is not None) == kept
    assert reader.read(b"x", ()).state == "read"


HANGS = "time.sleep(600)"


@pytest.mark.parametrize(
    ("hello", "answer"),
    [
        (READY, HANGS),
        (HANGS, ANSWER),
        (READY, "os._exit(9)"),
        ("os._exit(9)", ANSWER),
        (READY, 'out.write(b"\\0\\0\\0\\x09{"); out.flush(); os._exit(0)'),
        (READY, 'send(out, {"error": "ValueError at page.py:1", "resident": 1})'),
    ],
    ids=["hangs on a page", "hangs while loading", "dies on a page", "dies while loading", "half a word", "says so"],
)
def test_a_page_that_breaks_the_child_is_tried_again_and_the_next_gets_a_new_one(
    make: MAKE_OF, hello: str, answer: str
) -> None:
    reader = make(hello, answer, seconds=0.5)
    with pytest.raises(ReaderBroken):
        reader.read(b"x" * 200_000, ())
    assert "error" in answer or reader.pid is None


def test_the_queues_own_deadline_ends_the_child(make: MAKE_OF, monkeypatch: pytest.MonkeyPatch) -> None:
    """RQ raises in the middle of anything; an answer that comes late must not be taken for the next page's."""
    reader = make()
    reader.read(b"x", ())

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("workers.ocr.warm.receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            reader.read(b"x", ())
    assert reader.pid is None
    assert reader.read(b"x", ()).state == "read"


def test_a_child_that_died_between_two_pages_costs_neither(make: MAKE_OF) -> None:
    reader = make()
    reader.read(b"x", ())
    first = reader.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert reader.read(b"x", ()).state == "read"
    assert reader.pid != first


def test_a_child_does_not_outlive_its_worker(make: MAKE_OF, tmp_path: Path) -> None:
    make()  # writes the child's lines
    worker = f"""
import os
from workers.ocr.warm import Reader
reader = Reader(({sys.executable!r}, {str(tmp_path / "child0.py")!r}))
reader.read(b"x", ())
print(reader.pid, flush=True)
os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", worker], capture_output=True, text=True, check=False)
    pid = int(done.stdout.splitlines()[-1])
    wait_for(lambda: _is_over(pid))


def _is_over(pid: int) -> bool:
    """Gone, or waiting for somebody to notice."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text("ascii").rpartition(")")[2].split()[0] == "Z"


def test_where_nothing_is_installed_nothing_is_checked(make: MAKE_OF) -> None:
    hide = """
sys.modules["onnxruntime"] = None
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "onnxruntime" else find(name)
from workers.ocr import child
child.main()
sys.exit()
"""
    reader = make(hide)
    assert [reader.read(b"x", ()) for _ in range(2)] == [NOT_CHECKED] * 2
    assert reader.pid is None and reader.engine == ""


def test_the_real_child_reads_a_card_and_survives_nonsense() -> None:
    reader = Reader(COMMAND)
    try:
        with pytest.raises(ReaderBroken, match="ValueError"):
            reader.read(b"no picture", ())
        reading = reader.read(drawn_cards.photo(drawn_cards.front()), ("id_front", "id_back"))
        assert reading.found["id_number"].trusted
        assert reader.engine.startswith("rapidocr ")
    finally:
        reader.close()
