"""The app that is running, itself: Flask's proxy asks for it anew at each attribute, four times as dear."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from flask.globals import _cv_app


def app() -> Flask:
    """The running app; RuntimeError outside of one."""
    context = _cv_app.get(None)
    if context is None:
        current_app._get_current_object()  # type: ignore[attr-defined]  # raises, and says what to do
        raise RuntimeError("no app is running")
    return context.app


def services() -> Any:
    """What the running app holds (`webforms.services.Services`): clock, keys, files, queue."""
    return app().extensions["bole"]
