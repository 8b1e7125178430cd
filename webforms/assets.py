"""Page weight: what is asked for again and again travels small and once.

Static files carry their content's digest in the address (``?v=``), so a browser may keep them for a year without
asking; they and the applicant's pages are compressed. Measured on a slow line by test_page_weight.py.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.security import safe_join

KEPT_SECONDS = 365 * 24 * 3600
WORTH_PACKING = 1024
_TEXT = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


def init_app(app: Flask) -> None:
    """Version the addresses of static files; pack and date the answers."""
    app.url_defaults(_add_version)
    app.after_request(_pack)


def _is_static(endpoint: str) -> bool:
    return endpoint == "static" or endpoint.endswith(".static")


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if _is_static(endpoint) and "filename" in values and "v" not in values:
        version = _version(endpoint, values["filename"])
        if version:
            values["v"] = version


def _version(endpoint: str, filename: str) -> str:
    """The digest of a static file; empty where there is none."""
    owner = current_app if endpoint == "static" else current_app.blueprints[endpoint.rpartition(".")[0]]
    path = safe_join(owner.static_folder or "", filename)
    if path is None or not Path(path).is_file():
        return ""
    return _digest(path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: str, _changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=64)
def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _pack(response: Response) -> Response:
    endpoint = request.endpoint or ""
    if _is_static(endpoint):
        return _pack_static(response, endpoint)
    # Only pages whose secret (the signed ticket) is new in each answer: lengths then tell nothing about it.
    if request.blueprint == "apply" and response.mimetype == "text/html" and not response.direct_passthrough:
        data = response.get_data()
        if len(data) >= WORTH_PACKING and _takes_gzip(response):
            response.set_data(gzip.compress(data, 6, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    return response


def _pack_static(response: Response, endpoint: str) -> Response:
    filename = (request.view_args or {}).get("filename", "")
    version = request.args.get("v")
    if version and response.status_code in (200, 304) and version == _version(endpoint, filename):
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = KEPT_SECONDS
        response.cache_control.immutable = True
    if response.status_code == 200 and response.mimetype in _TEXT and _takes_gzip(response):
        response.direct_passthrough = False
        response.set_data(_packed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        etag, _weak = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # the same file, other bytes
    return response


def _takes_gzip(response: Response) -> bool:
    response.vary.add("Accept-Encoding")
    return request.accept_encodings.quality("gzip") > 0 and request.method == "GET" and "Range" not in request.headers
