"""Which queue a page was reached from, so that the next case is the next one of that queue. It is the query string of
the address (statuses, ids of units and colleagues: nothing about a person)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from models.application.tables import Application
from models.office import worklist
from models.office.queue_filter import Filter
from models.office.tables import Staff

_MARK = "q"  # that the page was reached from a queue at all: the plain one has no other sign


def of_queue(shown: Filter) -> dict[str, Any]:
    """What a link from the queue to one of its applications carries."""
    return {_MARK: 1, **shown.query()}


def current() -> Filter | None:
    """The queue that this page was reached from."""
    return Filter.read(request.args) if request.args.get(_MARK) else None


def carried(**besides: Any) -> dict[str, Any]:
    """What this page's links to pages of the same case, or of its neighbours, carry on."""
    found = current()
    kept = of_queue(found) if found else {}
    if request.args.get("sheet") == "1":
        kept["sheet"] = 1
    return {**kept, **besides}


def page_of(application_id: str) -> str:
    """The address of a case: its sheet where the person works from sheet to sheet."""
    ending = "sheet" if request.args.get("sheet") == "1" else "application"
    return url_for(f"office.{ending}", application_id=application_id, **carried())


def queue() -> str:
    """The address of the queue that this page was reached from."""
    found = current()
    return url_for("office.queue", **found.query()) if found else url_for("office.queue")


def following(staff: Staff, application: Application) -> str | None:
    """The next case of the queue; after the last one the first that is left."""
    found = current()
    if found is None:
        return None
    after = worklist.neighbours(staff, application, found)[1]
    left = worklist.ids(staff, found, 2) if after is None else []
    return after or next((one for one, _ in left if one != application.id), None)
