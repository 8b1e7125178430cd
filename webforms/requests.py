"""Requests without NUL characters (PostgreSQL takes none in a text, and nobody types one), and of a bounded size."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict

_NUL = "\0"
TYPED = "application/x-www-form-urlencoded"  # a form without files
_READ_AT_MOST = 128 * 1024 * 1024
_CHUNK = 64 * 1024


class PlainValues(ImmutableMultiDict[str, str]):
    """Form fields and query arguments, NUL characters left out."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = mapping if isinstance(mapping, list) else ImmutableMultiDict(mapping).items(multi=True)
        plain = [
            (name.replace(_NUL, ""), value.replace(_NUL, "") if isinstance(value, str) else value)
            for name, value in pairs
        ]
        super().__init__(plain)


class PlainRequest(Request):
    """Flask's request with plain values. A form without files is as long as a person may type (MAX_FORM_MEMORY_SIZE,
    which the framework itself applies to forms with files only): 413 beyond."""

    parameter_storage_class = PlainValues

    def _load_form_data(self) -> None:
        if self.mimetype == TYPED:
            self.max_content_length = self.max_form_memory_size
        super()._load_form_data()


def init_app(app: Flask) -> None:
    """Use plain requests in `app`; an address with a NUL names nothing."""
    app.request_class = PlainRequest

    @app.before_request
    def refuse_nul() -> None:
        if any(_NUL in str(value) for value in (request.view_args or {}).values()):
            abort(404)


def read_away() -> None:
    """Read what is left of a request that was refused for its size, up to a bound: a browser that is still sending
    would show a broken connection instead of our sentence."""
    stream, left = request.environ["wsgi.input"], _READ_AT_MOST
    while left > 0 and (came := stream.read(min(_CHUNK, left))):
        left -= len(came)
