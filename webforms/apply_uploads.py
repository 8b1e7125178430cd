"""Photos in parts, for the page's script. Three answers, all JSON:

    POST …/parts       announces a photo: key, size, sha256 (and the page that it replaces)
    POST …/parts/<id>  one part: offset, sha256, the bytes in `part`
    GET  …/parts/<id>  how far it is (a HEAD says whether it is still there)

Each says ``{"upload", "offset", "sha256", "page"}``: `offset` bytes are kept, go on there. `sha256` is the sum of what
was kept: of this part, or with a `page` of the whole photo. A refusal has ``error``, a sentence, and status 422.
"""

from __future__ import annotations

import re

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from models import crypto
from models.application import uploads
from models.application.uploads import Announced, Progress
from models.errors import InvalidAnswer, NotFound
from webforms import access
from webforms.access import limiter
from webforms.apply_base import DOOR, blueprint, open_pack, say

ANNOUNCEMENTS = "300 per hour"  # of one application: a long document, and every photo tried several times
_KEY = re.compile(r"[0-9A-Za-z-]{8,60}")
_SUM = re.compile(r"[0-9a-f]{64}")


def _whose() -> str:
    """Counts by application: a whole office may sit behind one address."""
    app_id = access.application_of_ticket() or request.remote_addr or ""
    return crypto.ring().blind_index(app_id, "limit")


@blueprint.post("/p/<slug>/d/<name>/parts")
@limiter.limit(ANNOUNCEMENTS, key_func=_whose)
def announce_upload(slug: str, name: str) -> ResponseReturnValue:
    """Begin with a photo, or hear how far an earlier try has come."""
    app_id = _application(slug)
    key, digest = request.form.get("key", ""), request.form.get("sha256", "")
    size = request.form.get("size", 0, type=int)
    if not _KEY.fullmatch(key) or not _SUM.fullmatch(digest):
        raise NotFound("error.not_found")
    try:
        return _answer(uploads.announce(app_id, Announced(name, f"web:{key}", size, digest, _replaced()), DOOR))
    except InvalidAnswer as exc:
        return _refusal(exc)


@blueprint.post("/p/<slug>/d/<name>/parts/<upload_id>")
def take_part(slug: str, name: str, upload_id: str) -> ResponseReturnValue:
    """Keep one part; the last one makes the page."""
    app_id = _application(slug)
    part = request.files.get("part")
    if part is None:
        raise NotFound("error.not_found")
    offset = request.form.get("offset", -1, type=int)
    data = part.stream.read(uploads.LARGEST_PART + 1)
    try:
        return _answer(uploads.add_part(app_id, upload_id, offset, data, request.form.get("sha256", "")))
    except InvalidAnswer as exc:
        return _refusal(exc)


@blueprint.get("/p/<slug>/d/<name>/parts/<upload_id>")
def upload_progress(slug: str, name: str, upload_id: str) -> ResponseReturnValue:
    """How far an upload is; 404 once it has become a page or was given up: announce it again to hear which."""
    return _answer(uploads.progress(_application(slug), upload_id))


def _application(slug: str) -> str:
    """Whose it is, without reading the application: no lock is held while files are written."""
    open_pack(slug)
    return access.require(slug)


def _replaced() -> str:
    return request.form.get("replaces", "")[:32]


def _answer(now: Progress) -> ResponseReturnValue:
    return jsonify(upload=now.upload_id, offset=now.offset, sha256=now.sha256, page=now.page_id)


def _refusal(exc: InvalidAnswer) -> ResponseReturnValue:
    return jsonify(error=say(exc)), 422
