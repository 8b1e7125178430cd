"""The WSGI entry that granian imports."""

from __future__ import annotations

from models.logs import configure
from webforms.app import create_app

app = create_app()
configure(app.config["BOLE"].log_level)
