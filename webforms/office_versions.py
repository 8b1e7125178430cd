"""The programme's versions: since when, who is judged by which, and what is different between two of them."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from models.office import scope, versions
from webforms.office_base import fragment, lang, page, staff, staff_route

KEEPERS = (scope.OFFICE, scope.ADMIN)


@staff_route("/versions", *KEEPERS)
def versions_page() -> ResponseReturnValue:
    """All published versions, and two of them side by side; which drafts a change touches comes after, being counted
    over all of them."""
    editions = versions.editions(staff())
    names = [edition.version.version for edition in editions]
    new = request.args.get("new") or (names[0] if names else "")
    old = request.args.get("old") or (names[1] if len(names) > 1 else new)
    reached = request.args.get("drafts") == "1"
    compared = versions.compare(staff(), old, new, lang(), reached=reached) if names and old != new else None
    template = "_version_changes.html" if fragment() else "versions.html"
    return page(template, editions=editions, old=old, new=new, compared=compared)
