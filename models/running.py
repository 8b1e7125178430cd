"""The app that is running, itself: Flask's proxy asks for it anew at each attribute, four times as dear."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app


def app() -> Flask:
    """The running app; RuntimeError outside of one."""
    return cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
