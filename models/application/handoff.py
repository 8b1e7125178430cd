"""The signed link that carries an application from one door to the other: made by either, read by either."""

from __future__ import annotations

from datetime import timedelta

from models import crypto

AGE = timedelta(days=7)
_PURPOSE = "handoff"


def make(application_id: str) -> str:
    """A token for `/h/<token>` (web) or the chat's entry; it holds no personal data and expires after `AGE`."""
    return crypto.ring().sign(_PURPOSE, {"a": application_id})


def read(token: str) -> str | None:
    """The application id; None when the token is forged or too old."""
    try:
        return str(crypto.ring().unsign(_PURPOSE, token, AGE)["a"])
    except (crypto.Damaged, KeyError):
        return None
