"""A worker or a scheduler in a process of its own, on the tests' packs and at a moment given in the environment.

python worker_process.py QUEUE [burst]
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from models.clock import FixedClock
from models.logs import configure
from models.programme import loader
from webforms.app import create_app
from workers.runtime import work


def main() -> None:
    loader.PACKS = Path(__file__).parent / "packs"
    configure("INFO")
    app = create_app(clock=FixedClock(datetime.fromisoformat(os.environ["TEST_NOW"])))
    print("ready", flush=True)
    work(sys.argv[1], app, burst=sys.argv[2:] == ["burst"])


if __name__ == "__main__":
    main()
