"""200 messages a second for a minute on two cores, everything running: nothing slow, nothing lost, nothing doubled.

Open-loop: a message is sent when it is due, whether or not those before it were answered, and its wait counts from
then. 600 people who have given their consents say twenty things each, one every three seconds, every fifth a photo that
the product fetches, seals and has judged while the flood goes on; every tenth message comes again a second later, on
top, and must hear the same. Then the database is asked what it holds of each. RATE: other than 200 a second.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chat_application import TEXTS, message
from chat_load import Kept, elsewhere, in_turn, on_time
from chat_serving import HERE, free_port, site, web
from chat_webhook import request
from sqlalchemy import func, select
from targets import Target

from bot_adapter.channels.wechat import bodies
from models.application.tables import Conversation, DocumentPage, Inbound, Upload
from models.extensions import db
from models.interview.wording import say
from models.settings import Settings
from webforms.app import create_app

RATE, SECONDS, EACH = int(os.environ.get("RATE", "200")), 60, 20
PEOPLE = RATE * SECONDS // EACH
EVERY = SECONDS / EACH  # seconds between two messages of a person
CONSENTS, FACTS = TEXTS[:5], TEXTS[5:10]
FORM = TEXTS[11:]
PHOTO_EVERY, AGAIN_EVERY, AGAIN_AFTER = 5, 10, 1.0
CORES, AT_ONCE, LINES, PATIENCE, SLOWEST = 2, 8, 800, 30.0, 5.0
APP = "chat_wsgi:app"


def sayings(group: int) -> list[str | None]:
    """What somebody says after the consents; None is a photo. Once the verdict is known, photos are asked about."""
    facts, form, said = iter(FACTS), iter(FORM), list[str | None]()
    unplaced, left = False, len(FACTS)
    while len(said) < EACH:
        if len(said) % PHOTO_EVERY == group:
            said.append(None)
            unplaced = True
        elif left:
            said.append(next(facts))
            left -= 1
        elif unplaced:
            said.append("1")
            unplaced = False
        else:
            said.append(next(form))
    return said


def messages(photos: int) -> tuple[list[tuple[float, dict[str, str]]], list[tuple[float, int]]]:
    """Each message with its second; and which come again, when."""
    first = []
    for person in range(PEOPLE):
        for number, text in enumerate(sayings(person % PHOTO_EVERY)):
            at = number * EVERY + person * EVERY / PEOPLE
            url = f"http://127.0.0.1:{photos}/{person + number}"
            said = {"Content": text} if text is not None else {"MsgType": "image", "PicUrl": url, "MediaId": "m"}
            first.append((at, message(name(person), len(CONSENTS) + number, **said)))
    first.sort(key=lambda each: each[0])
    again = [(first[index][0] + AGAIN_AFTER, index) for index in range(AGAIN_EVERY - 1, len(first), AGAIN_EVERY)]
    return first, again


def name(person: int) -> str:
    return f"oFlood_{person}"


@contextmanager
def photo_server() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, str(HERE / "chat_photos.py"), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        print(f"  {process.stdout.readline().strip()}", flush=True)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """What is started inside has this many cores, however many there are."""
    whole = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(whole)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, whole)


@dataclass(frozen=True)
class Held:
    """What the database has: messages by sender, pages by state, photos that wait for their place."""

    messages: Counter[str]
    pages: Counter[str]
    waiting: int

    @property
    def photos(self) -> int:
        return self.pages.total() + self.waiting


def held(own: Settings) -> Held:
    app = create_app(own)
    with app.app_context():
        counted = select(Conversation.sender, func.count()).join(Inbound, Inbound.conversation_id == Conversation.id)
        rows = db.session.execute(counted.group_by(Conversation.sender)).all()
        pages = db.session.execute(select(DocumentPage.state, func.count()).group_by(DocumentPage.state)).all()
        waiting = db.session.scalar(select(func.count()).select_from(Upload)) or 0
        db.session.remove()
        db.engine.dispose()
    return Held(Counter(dict(rows)), Counter(dict(pages)), waiting)


def text_of(kept: Kept) -> str:
    """What somebody was told; nothing where nothing came."""
    return bodies.parse(kept.body).get("Content", "") if kept.body else ""


def slowest(answered: list[Kept], due: list[float]) -> str:
    """The longest wait among the messages of each ten seconds: whether it keeps up, or falls behind from when on."""
    most: dict[int, float] = {}
    for kept, at in zip(answered, due, strict=True):
        most[int(at) // 10] = max(most.get(int(at) // 10, 0.0), kept.wait)
    return " ".join(f"{most[part]:.2f}" for part in sorted(most))


def judged(answered: list[Kept], again: list[int], own: Settings) -> list[Target]:
    """What the minute was like. `again`: which message each of the last ones repeats."""
    told = [text_of(kept) for kept in answered]
    first, repeats = told[: -len(again)], told[-len(again) :]
    without_photo = say("chat.photo_lost", "zh")
    unanswered = sum(not text or without_photo in text for text in first)
    twice = [(first[index], text) for text, index in zip(repeats, again, strict=True)]
    differing = sum(one != other for one, other in twice if one and other)
    there = held(own)
    meant = {name(person): len(CONSENTS) + EACH for person in range(PEOPLE)}
    missing = sum(max(0, count - there.messages[who]) for who, count in meant.items())
    double = sum(max(0, there.messages[who] - count) for who, count in meant.items())
    photos = PEOPLE * EACH // PHOTO_EVERY
    double += max(0, there.photos - photos)
    waits = sorted(kept.wait for kept in answered)
    shown = " ".join(f"{share:.1%} {waits[int(len(waits) * share)]:.2f}" for share in (0.5, 0.9, 0.99, 0.999))
    print(f"  {len(first)} messages and {len(again)} again; seconds until the reply: {shown} all {waits[-1]:.2f}")
    print(f"  not answered {unanswered}, not in the database {missing}, answered otherwise the second time {differing}")
    states = ", ".join(f"{count} {state}" for state, count in sorted(there.pages.items()))
    print(f"  {there.photos} of {photos} photos are there: {states}, {there.waiting} that nobody has placed")
    return [
        Target.at_most("chat-flood-slowest-reply-seconds", waits[-1], SLOWEST),
        Target.at_most("chat-flood-lost", max(unanswered, missing, photos - there.photos), 0),
        Target.at_most("chat-flood-doubled", differing + double, 0),
    ]


def main() -> list[Target]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bole")))
        photos = stack.enter_context(photo_server())
        run = stack.enter_context(elsewhere())
        with on_cores(CORES):
            own = stack.enter_context(site(folder / "data"))
            port = stack.enter_context(web(own, APP, everything=True))
        run(in_turn, port, [consents(person) for person in range(PEOPLE)], AT_ONCE)
        first, again = messages(photos)
        sent = [request(said) for _at, said in first]
        due = [(at, sent[index]) for index, (at, _said) in enumerate(first)]
        due += [(at, sent[index]) for at, index in again]
        answered = run(on_time, port, due, LINES, PATIENCE)
        print(f"  slowest of each ten seconds: {slowest(answered, [at for at, _request in due])}")
        return judged(answered, [index for _at, index in again], own)


def consents(person: int) -> list[bytes]:
    return [request(message(name(person), at, Content=text)) for at, text in enumerate(CONSENTS)]
