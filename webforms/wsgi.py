"""The WSGI entry that granian imports."""

from __future__ import annotations

from webforms.app import create_app

app = create_app()
