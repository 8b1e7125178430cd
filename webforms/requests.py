"""Requests without NUL characters: PostgreSQL takes none in a text, and nobody types one."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict

_NUL = "\0"


class PlainValues(ImmutableMultiDict[str, str]):
    """Form fields and query arguments, NUL characters left out."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = ImmutableMultiDict(mapping).items(multi=True)
        super().__init__([(_plain(name), _plain(value) if isinstance(value, str) else value) for name, value in pairs])


class PlainRequest(Request):
    """Flask's request with plain values."""

    parameter_storage_class = PlainValues


def init_app(app: Flask) -> None:
    """Use plain requests in `app`; an address with a NUL names nothing."""
    app.request_class = PlainRequest

    @app.before_request
    def refuse_nul() -> None:
        if any(_NUL in str(value) for value in (request.view_args or {}).values()):
            abort(404)


def _plain(value: str) -> str:
    return value.replace(_NUL, "")
