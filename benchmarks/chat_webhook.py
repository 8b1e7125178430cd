"""A turn of the official account's webhook as a share of a bare view's requests a second, under the same server.

Both are started as `bole serve` starts the product (granian, the same processes and threads), on the same machine at
the same time, and are asked in turn by the same load: eight people at a time over kept connections, each playing the
thirty turns. The product verifies, deduplicates, loads, judges, keeps and replies; the view answers a small JSON.
Whoever talks to the product must hear what was heard in the process, word for word. Safe mode (AES both ways) is a line
without target, as is what a view of the product's costs that only says ok, and what a message may cost at the limit
beside what a turn costs that has neither server nor load around it.
"""

from __future__ import annotations

import os
import tempfile
import time
from itertools import count
from pathlib import Path
from statistics import median

from chat_application import APP_ID, SEALED_WITH, TEXTS, TOKEN, make_app, message, play, prove
from chat_load import Heard, elsewhere, get, in_turn, post
from chat_serving import BARE, postgres, site, web
from flask import Flask
from targets import Target

from bot_adapter.channels.wechat import bodies
from bot_adapter.channels.wechat.envelope import AesKey, signature

ROUNDS, PEOPLE, WARM, LINES = 3, 32, 8, 8
BARE_TALKS = 10  # the view is quick: as much longer
LEAST = {"sqlite": 0.45, "postgresql": 0.35}
_people = count()


def request(said: dict[str, str], key: AesKey | None = None) -> bytes:
    """What the platform sends for a message, signed, and encrypted with a key."""
    body = bodies.write(said, as_json=False)
    query = {"timestamp": "1700000000", "nonce": "12345", "openid": said["FromUserName"]}
    query["signature"] = signature(TOKEN, query["timestamp"], query["nonce"])
    if key is not None:
        sealed = key.seal(body)
        body = bodies.write({"ToUserName": said["ToUserName"], "Encrypt": sealed}, as_json=False)
        query |= {"encrypt_type": "aes", "msg_signature": signature(TOKEN, "1700000000", "12345", sealed)}
    return post(query, body)


def crowd(size: int, key: AesKey | None = None) -> list[list[bytes]]:
    """New people with everything they will say."""
    names = [f"oBench_{os.getpid()}_{next(_people)}" for _ in range(size)]
    return [[request(message(name, at, Content=text), key) for at, text in enumerate(TEXTS)] for name in names]


def check(heard: Heard, wanted: list[str], key: AesKey | None = None) -> None:
    """SystemExit where anybody was told something else."""
    for talk in heard.bodies:
        for body, reply in zip(talk, wanted, strict=True):
            read = bodies.parse(body)
            if key is not None:
                read = bodies.parse(key.open(read["Encrypt"]))
            if read["Content"] != reply:
                raise SystemExit(f"the webhook says {read['Content']!r} instead of {reply!r}")


def share(
    name: str, wanted: list[str], database_url: str = "", key: AesKey | None = None, rounds: int = ROUNDS
) -> float:
    """Our requests a second over the bare view's: the median of `rounds`."""
    ratios: list[float] = []
    floors: list[float] = []
    keys, mode = ((key.encoding_key,), "safe") if key else ((), "plain")
    with (
        tempfile.TemporaryDirectory(prefix="bole") as folder,
        elsewhere() as run,
        site(Path(folder) / "data", database_url, mode=mode, keys=keys) as own,
        web(own) as ours,
        web(own, BARE) as bare,
    ):
        check(run(in_turn, ours, crowd(WARM, key), LINES), wanted, key)
        run(in_turn, bare, crowd(WARM), LINES)
        for _ in range(rounds):
            floor = run(in_turn, bare, crowd(PEOPLE) * BARE_TALKS, LINES)
            heard = run(in_turn, ours, crowd(PEOPLE, key), LINES)
            check(heard, wanted, key)
            ratios.append(heard.rate / floor.rate)
            floors.append(floor.rate)
            print(f"  {name:<18} {heard.rate:6.0f} of {floor.rate:6.0f} a second: {ratios[-1]:.3f}   ({_waits(heard)})")
        if key is None:
            asked = [[get("/healthz")] * len(TEXTS)] * PEOPLE * BARE_TALKS
            saying = run(in_turn, ours, asked, LINES)
            print(f"  {name:<18} {saying.rate:6.0f} a second of the product's view that only says ok")
            most = 1e6 / (LEAST[name] * median(floors))
            print(f"  {name:<18} {most:6.0f} µs a message is what the limit leaves, server and all", flush=True)
    return float(median(ratios))


def _waits(heard: Heard) -> str:
    waits = sorted(heard.waits)
    half, most = median(waits) * 1000, waits[int(len(waits) * 0.99)] * 1000
    return f"half within {half:.1f} ms, 99 of 100 within {most:.1f}"


def alone(app: Flask) -> float:
    """Microseconds of processor that a turn takes in the process: conversation and statements, nobody waiting."""
    start = time.process_time()
    for number in range(PEOPLE):
        play(app, f"oAlone_{number}")
    return (time.process_time() - start) / (PEOPLE * len(TEXTS)) * 1e6


def main() -> list[Target]:
    with tempfile.TemporaryDirectory(prefix="bole") as folder:
        app = make_app(Path(folder) / "data")
        wanted = play(app, "oFirst")
        prove(app, "oFirst")
        print(f"  a turn alone       {alone(app):6.0f} µs of processor", flush=True)
    found = {"sqlite": share("sqlite", wanted)}
    share("sqlite, safe mode", wanted, key=AesKey(SEALED_WITH, APP_ID), rounds=1)
    with postgres() as url:
        found["postgresql"] = share("postgresql", wanted, url)
    return [Target.at_least(f"chat-webhook-{name}-share", measured, LEAST[name]) for name, measured in found.items()]
