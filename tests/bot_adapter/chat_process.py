"""A process that takes the same messages as another one at the same moment.

python chat_process.py SENDER KEY TEXT…

Says "ready", waits for a line, takes each text under the key KEY-1, KEY-2 …, and writes each reply as a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.clock import FixedClock
from models.logs import configure
from models.programme import loader
from webforms.app import create_app


def main() -> None:
    sender, key, *texts = sys.argv[1:]
    loader.PACKS = Path(__file__).parent / "packs"
    configure("ERROR")
    app = create_app(clock=FixedClock(datetime.fromisoformat(os.environ["TEST_NOW"])))
    app.extensions["bole"].redis = None
    print("ready", flush=True)
    sys.stdin.readline()
    for number, text in enumerate(texts, start=1):
        with app.app_context():
            message = InboundMessage("test", sender, f"{key}-{number}", text, programme="orchard")
            print(json.dumps([reply.to_json() for reply in conversation.handle(message)]), flush=True)


if __name__ == "__main__":
    main()
