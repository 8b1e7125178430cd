"""Names of places that fit what is being typed, for the page's script; without one the form asks for them itself."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from models.programme import places
from webforms.apply_base import blueprint

_LONGEST = 40


@blueprint.post("/places")
def place_names() -> ResponseReturnValue:
    """At most eight names. Posted, so that nothing typed stands in an address; it changes nothing and says nothing
    about anybody, so no ticket is asked for."""
    return jsonify(places.search(request.form.get("q", "")[:_LONGEST]))
