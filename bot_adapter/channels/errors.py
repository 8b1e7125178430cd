"""What a request to a channel may fail by, before it is anybody's message."""

from __future__ import annotations


class Forged(Exception):
    """The request does not come from the platform: its signature, its secret or its ciphertext does not hold."""


class Malformed(Exception):
    """The body is not what the platform sends."""
