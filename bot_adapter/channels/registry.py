"""The channels that can send, by name: those that the settings set up, and those that a test puts in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from bot_adapter.channels.base import Channel

_KEY = "bole.channels"


def add(app: Flask, channel: Channel) -> None:
    """Let `channel` send for every conversation of its name."""
    app.extensions.setdefault(_KEY, {})[channel.name] = channel


def find(name: str) -> Channel | None:
    """The channel of this name; None where it is not set up, or only answers (then nothing is pushed)."""
    return cast("Channel | None", current_app.extensions.get(_KEY, {}).get(name))
