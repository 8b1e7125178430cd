"""The way in that a person chose: changing it with one tap, where it has closed or they do not agree to it."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from models.application import service
from models.errors import InvalidAnswer
from webforms.apply_base import DOOR, blueprint, onward, opened


@blueprint.post("/p/<slug>/way")
def change_way(slug: str) -> ResponseReturnValue:
    """Come another way; everything else stays. What is no way in changes nothing."""
    view = opened(slug)
    try:
        service.change_way(view.application.id, request.form.get("way", ""), DOOR)
    except InvalidAnswer:
        return redirect(onward(view))  # a stale page: its question is not asked any more
    return redirect(onward(opened(slug)))
