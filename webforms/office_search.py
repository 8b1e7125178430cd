"""Finding people: one form, sent as a POST, so that nothing about a person stands in an address or a log."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from models.office import scope, searching, worklist
from models.programme.loader import load_pack
from webforms.office_applications import READERS, queue_words
from webforms.office_base import fragment, lang, page, staff, staff_route


@staff_route("/applications/search", *READERS, methods=("GET", "POST"))
def search() -> ResponseReturnValue:
    """Find by name, sound, words, unit, category, document, status, days, receipt or ID number, all together."""
    wanted = read()
    found = searching.find(staff(), wanted)
    slug = scope.programme(staff())
    documents = load_pack(slug).documents.documents if slug else ()
    words: dict[str, Any] = {"found": found, "rows": found.rows, "asked": not wanted.empty, "typed": request.form}
    words |= {"document_names": {one.id: one.title.get(lang()) for one in documents}}
    lacking = worklist.unfilled(staff(), [row.id for row in found.rows])
    template = "_found.html" if fragment() else "search.html"
    return page(template, lacking=lacking, **words, **queue_words())


def read() -> searching.Wanted:
    """What the form asks; what makes no sense there does not narrow."""
    status = request.form.get("status", "")
    return searching.Wanted(
        text=request.form.get("q", "").strip()[:100],
        keyword=request.form.get("keyword", "").strip()[:100],
        unit_id=request.form.get("unit", "")[:32],
        category=request.form.get("category", "")[:64],
        document=request.form.get("document", "")[:64],
        status=status if status in scope.VISIBLE else "",
        since=_day("since"),
        until=_day("until"),
        page=request.form.get("page", 1, type=int),
    )


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
    return found if 1900 < found.year < 9000 else None
