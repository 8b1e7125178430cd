"""Where a request comes from, as the browser tells it: what another site makes a visitor's browser do is not theirs.

`Sec-Fetch-Site` is sent by every browser since 2023, `Origin` with every POST by those before (Fetch Standard). A
browser that says neither is let through: the signed tickets in the forms still stand.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import Forbidden


def forbid_cross_site() -> None:
    """Refuse a POST that another site caused; raises Forbidden."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site in ("cross-site", "same-site"):
            raise Forbidden
        return
    origin = request.headers.get("Origin")
    ours = {request.host, urlsplit(current_app.config["BOLE"].base_url).netloc}  # a proxy may change the Host
    if origin is not None and urlsplit(origin).netloc not in ours:
        raise Forbidden


def from_here() -> bool:
    """Whether a link of one of our own pages was followed. Anybody can send a link; this one the visitor chose."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin"
