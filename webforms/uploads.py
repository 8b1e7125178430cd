"""Photos out of a browser's form: several at once without JavaScript, one at a time with it, never twice."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import FileStorage

from models.application import service
from models.errors import InvalidAnswer

FIELD = "photo"
MAX_BYTES = service.MAX_BYTES


@dataclass(frozen=True, slots=True)
class Received:
    """How many pages were kept, and the first refusal."""

    kept: int
    refused: InvalidAnswer | None


def files() -> list[FileStorage]:
    """The photos of this request; an empty file control counts as none."""
    return [upload for upload in request.files.getlist(FIELD) if upload.filename]


def receive(app_id: str, document: str, door: str) -> Received:
    """Keep every photo of this request. Each form carries a key, so that a repeated request adds nothing;
    the first refusal ends it, what was kept before stays. The first takes the place of the page that is named."""
    key, replaces = request.form.get("_key", "")[:60], request.form.get("replaces", "")
    kept = 0
    for number, upload in enumerate(files()):
        try:
            data = upload.stream.read(MAX_BYTES + 1)
            service.add_page(app_id, document, data, f"web:{key}:{number}", door, "" if number else replaces)
        except InvalidAnswer as exc:
            return Received(kept, exc)
        kept += 1
    return Received(kept, None)
