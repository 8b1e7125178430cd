"""What one turn costs, as a multiple of a bare Flask view in the same run: `make bench`.

The bare view is the floor that any answer pays; ratios hold across machines where milliseconds do not. The folder is
thrown away; SQLite with synchronous=FULL, no queue.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from flask import Flask

from bot_adapter.conversation import handle
from bot_adapter.messages import InboundMessage
from models.application import rounds
from models.clock import SystemClock
from models.interview import engine
from models.office import units
from models.programme.loader import load_pack, pack_slugs
from models.settings import Settings
from webforms.app import create_app
from webforms.prepare import open_demo_round


def timed(what: Callable[[int], object], count: int = 200) -> float:
    """Median seconds of one call, after ten calls to warm up."""
    for i in range(10):
        what(-i - 1)
    seconds = []
    for i in range(count):
        start = time.perf_counter()
        what(i)
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def main() -> None:
    """Print a line for each door."""
    from models.migrating import upgrade

    bare = Flask("bare")
    bare.add_url_rule("/", view_func=lambda: "ok")
    slug = pack_slugs()[0]
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder) / "data"))
        app.extensions["bole"].redis = None
        with app.app_context():
            upgrade()
            pack = load_pack(slug)
            units.load_units(pack)
            rounds.ensure_notice_round(pack)
            open_demo_round(pack)
        client, floor_client, today = app.test_client(), bare.test_client(), SystemClock().today()
        answers = {f"consent:{c.id}": True for c in pack.programme.consents}

        def chat(i: int) -> object:
            with app.app_context():
                return handle(
                    InboundMessage("webchat", "bench", f"bench:{i}", account_id=slug, programme=slug, text="？")
                )

        floor = timed(lambda _: floor_client.get("/"))
        lines = {
            "bare Flask view": floor,
            "engine: plan of the first question": timed(lambda _: engine.plan(pack, answers, today)),
            "programme page": timed(lambda _: client.get(f"/p/{slug}")),
            "chat turn, message and reply committed": timed(chat),
        }
    for name, seconds in lines.items():
        print(f"{name:<42} {seconds * 1000:8.2f} ms  {seconds / floor:6.1f} x")


if __name__ == "__main__":
    main()
