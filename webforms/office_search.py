"""Finding people: one form, sent as a POST, so that nothing about a person stands in an address or a log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import saved_searches, scope, searching, worklist
from models.programme.loader import load_pack
from webforms.office_applications import READERS, queue_words
from webforms.office_base import fragment, lang, page, sentence, staff, staff_route


@staff_route("/applications/search", *READERS, methods=("GET", "POST"))
def search() -> ResponseReturnValue:
    """Find by name, sound, words, unit, category, document, status, days, receipt or ID number, all together."""
    return shown(read(), request.form)


def shown(
    wanted: searching.Wanted, typed: Mapping[str, str], status: int = 200, problem: str = ""
) -> ResponseReturnValue:
    """The page of a search, with its form filled in."""
    found = searching.find(staff(), wanted)
    slug = scope.programme(staff())
    documents = load_pack(slug).documents.documents if slug else ()
    words: dict[str, Any] = {
        "found": found,
        "rows": found.rows,
        "asked": not wanted.empty,
        "typed": typed,
        "problem": problem,
    }
    words |= {"saved": saved_searches.listed(staff())}
    words |= {"document_names": {one.id: one.title.get(lang()) for one in documents}}
    lacking = worklist.unfilled(staff(), [row.id for row in found.rows])
    template = "_found.html" if fragment() else "search.html"
    return page(template, status, lacking=lacking, **words, **queue_words())


@staff_route("/searches", *READERS, methods=("POST",))
def save_search() -> ResponseReturnValue:
    """Keep what is asked under a name, and show it."""
    try:
        ident = saved_searches.save(staff(), request.form.get("name", ""), read())
    except InvalidAnswer as error:
        db.session.rollback()
        return shown(read(), request.form, 422, sentence(error))
    flash(str(_("已保存，下次可以直接点开。")), "success")
    return redirect(url_for("office.saved_search", search_id=ident), 303)


@staff_route("/searches/<search_id>", *READERS)
def saved_search(search_id: str) -> ResponseReturnValue:
    """A search that was kept, carried out now."""
    row = saved_searches.get_saved(staff(), search_id)
    wanted = saved_searches.wanted_of(row)
    plain = saved_searches.to_plain(wanted)
    return shown(wanted, {"name": row.name} | {_FIELDS.get(name, name): value for name, value in plain.items()})


@staff_route("/searches/<search_id>/remove", *READERS, methods=("POST",))
def remove_search(search_id: str) -> ResponseReturnValue:
    """Forget a search."""
    saved_searches.remove(staff(), search_id)
    flash(str(_("这个查找已删除。")), "success")
    return redirect(url_for("office.search"), 303)


_FIELDS = {"text": "q", "unit_id": "unit"}  # how the form calls them


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
