"""A process that takes the same messages as another one at the same moment; forked, see `warm_process`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.clock import FixedClock
from models.logs import configure
from models.programme import loader
from webforms.app import create_app


def run(sender: str, key: str, texts: Sequence[str], environment: Mapping[str, str], line: Connection) -> None:
    """Say "ready", wait for an answer, take each text under the key KEY-1, KEY-2 …, and say each reply."""
    os.environ.clear()
    os.environ.update(environment)
    loader.PACKS = Path(__file__).parent / "packs"
    configure("ERROR")
    app = create_app(clock=FixedClock(datetime.fromisoformat(environment["TEST_NOW"])))
    app.extensions["bole"].redis = None
    line.send("ready")
    line.recv()
    for number, text in enumerate(texts, start=1):
        with app.app_context():
            message = InboundMessage("test", sender, f"{key}-{number}", text, programme="orchard")
            line.send([reply.to_json() for reply in conversation.handle(message)])
