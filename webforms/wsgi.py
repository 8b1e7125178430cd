"""The WSGI entry that granian imports."""

from __future__ import annotations

import sys

from models.logs import configure
from models.starting import starting

# Whoever has come to their turn to write waits for the interpreter as well, with everybody behind them: 5 ms, unless it
# is told to change hands more often.
sys.setswitchinterval(0.001)
with starting():
    from webforms.app import create_app

    app = create_app()
configure(app.config["BOLE"].log_level)
