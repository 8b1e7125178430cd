"""What the 200th answer of a long form costs, over what the 10th costs.

The form is generated: 220 short fields (text, number, choice in turn), nothing else. Some people are brought to the
198th answer, others to the 8th; then one of each answer by turns, three fields each, one of every kind, so that a busy
machine is busy for both. Each turn goes the whole way (channel, conversation, SQLite with synchronous=FULL); medians
count. The processor's time alone is shown beside it: what the disk takes is the same for both and hides growth.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

import chat_long_pack as long
from chat_application import make_app, message, turn
from flask import Flask
from targets import Target

from models.application import queries
from models.application.tables import Conversation
from models.extensions import db
from models.programme import loader

PEOPLE = 10
EARLY, LATE = (9, 10, 11), (199, 200, 201)
MOST = 1.3


def main() -> list[Target]:
    before = loader.PACKS
    with tempfile.TemporaryDirectory(prefix="bole") as name:
        long.write(Path(name) / "packs")
        loader.PACKS = Path(name) / "packs"
        loader.load_pack.cache_clear()
        try:
            early, late = _measure(make_app(Path(name) / "data", long.SLUG))
        finally:
            loader.PACKS = before
            loader.load_pack.cache_clear()
    (wall, cpu), (late_wall, late_cpu) = early, late
    print(f"  the  10th answer {wall * 1000:6.2f} ms, {cpu * 1000:6.2f} of them the processor's")
    print(f"  the 200th answer {late_wall * 1000:6.2f} ms, {late_cpu * 1000:6.2f} of them the processor's")
    print(f"  processor's time alone: {late_cpu / cpu:.2f} x")
    return [Target.at_most("chat-200th-answer-over-10th", late_wall / wall, MOST)]


def _measure(app: Flask) -> tuple[tuple[float, float], tuple[float, float]]:
    early, late = ([_Person(app, f"{group}{number}") for number in range(PEOPLE)] for group in ("oEarly", "oLate"))
    for people, first in ((early, EARLY[0]), (late, LATE[0])):
        for person in people:
            person.come_to(first)
    taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for at in range(len(EARLY)):
        for pair in zip(early, late, strict=True):
            for person, numbers in zip(pair, (EARLY, LATE), strict=True):
                taken[numbers is LATE].append(person.answer(numbers[at]))
    return _medians(taken[False]), _medians(taken[True])


def _medians(taken: list[tuple[float, float]]) -> tuple[float, float]:
    return median(wall for wall, _cpu in taken), median(cpu for _wall, cpu in taken)


class _Person:
    def __init__(self, app: Flask, name: str) -> None:
        self.app, self.name, self.count = app, name, 0

    def says(self, text: str) -> tuple[float, float]:
        """Seconds that the reply took, and seconds of the processor."""
        self.count += 1
        said = message(self.name, self.count, Content=text)
        wall, cpu = time.perf_counter(), time.process_time()
        turn(self.app, said)
        return time.perf_counter() - wall, time.process_time() - cpu

    def answer(self, number: int) -> tuple[float, float]:
        return self.says(long.answer(number))

    def come_to(self, number: int) -> None:
        """Everything before the field of this number. SystemExit where it was not understood."""
        for text in long.OPENING:
            self.says(text)
        for before in range(1, number):
            self.answer(before)
        with self.app.app_context():
            talk = db.session.query(Conversation).filter_by(sender=self.name).one()
            assert talk.application_id is not None
            given = {key for key in queries.view(talk.application_id).answers if key.startswith("field:")}
            db.session.remove()
        if len(given) != number - 1:
            raise SystemExit(f"{len(given)} of {number - 1} answers were understood")
