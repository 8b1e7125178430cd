"""What was read on an application's pages beside what was typed, and what the person says of a difference.

A difference is one question to the person, in either door. They may change the answer, take the photo again, or stand
by what they typed; unanswered it stops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from models import crypto
from models.application import lifecycle, readings, record
from models.documents.comparing import Compared, compare
from models.documents.gathering import FOREVER
from models.documents.reading import PageReading
from models.errors import NotFound
from models.interview import wording
from models.programme.pack import Text
from models.programme.showing import display
from models.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from models.application.queries import ApplicationView

_DATES = frozenset({"birth_date", "issued_on", "valid_from", "valid_until"})
MAY_STAND_BY = lifecycle.EDITABLE | {lifecycle.SUBMITTED}


def compared(view: ApplicationView, read: Mapping[str, PageReading] | None = None) -> tuple[Compared, ...]:
    """Everything that the kept pages show, in the order of the documents; pages to be taken again show nothing."""
    pages = [page for page in view.pages if page.state != "retake"]
    if not pages:
        return ()
    app_id = view.application.id
    found = readings.of_application(app_id) if read is None else read
    live = {ask.key for ask in view.plan.asks}
    return compare(view.pack, view.answers, pages, found, readings.confirmed(app_id), live, mark=_mark)


def stand_by(app_id: str, page_id: str, name: str) -> None:
    """The person says that what they typed is right although `name` on that page reads otherwise. What is no open
    difference (any more) is left as it is. Raises NotFound for a page that is none of the application's."""
    from models.application import queries

    with unit_of_work() as session:
        application = record.locked(session, app_id)
        view = queries.view(app_id)
        if page_id not in {page.id for page in view.pages}:
            raise NotFound("error.not_found")
        if application.status not in MAY_STAND_BY:
            return
        for one in view.differences:
            if (one.page_id, one.name) == (page_id, name):
                readings.confirm(session, app_id, {page_id: [_mark(name, one.typed)]})


def question(view: ApplicationView, one: Compared, lang: str) -> str:
    """The difference as a question, without a value: 「身份证」上的姓名和您填的不一样，请看一下。"""
    return wording.say("question.differs", lang, document=title(view, one), what=label(one))


def typed_value(view: ApplicationView, one: Compared, lang: str) -> str:
    """What was typed as people read it; empty where nothing is."""
    ask = view.plan.ask(one.key)
    return display(ask, one.typed, lang) if ask is not None and one.typed is not None else ""


def title(view: ApplicationView, one: Compared) -> Text:
    """The name of the document that it was read on."""
    return next(document.title for document in view.pack.documents.documents if document.id == one.document)


def label(one: Compared) -> Text:
    """What was read, in words."""
    return wording.text(f"read.{one.name}")


def read_value(one: Compared, lang: str) -> str:
    """What was read as people write it."""
    if one.found is None:
        return ""
    value = one.found.value or ""
    if one.name in _DATES:
        return spoken(value, lang) or one.found.text
    if one.name == "sex" and value in ("male", "female"):
        return wording.say(f"read.{value}", lang)
    return one.found.text or value


def spoken(day: str, lang: str) -> str:
    """An ISO date or month in words; empty for anything else."""
    try:
        known = date.fromisoformat(day if len(day) > len("2012-07") else f"{day}-01")
    except ValueError:
        return ""
    if day == FOREVER:
        return wording.say("read.forever", lang)
    return (
        wording.spoken_date(known, lang) if day.count("-") > 1 else wording.spoken_month(known.year, known.month, lang)
    )


def _mark(name: str, typed: Any) -> str:
    """What is kept of a confirmation: it holds for the answer as it was then, and does not tell it."""
    return f"{name}:{crypto.ring().blind_index(str(typed), f'confirmed:{name}')[:16]}"
