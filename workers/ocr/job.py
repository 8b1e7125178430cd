"""One page from its good verdict to what is written on it: read once a turning, kept sealed, and checked against.

A reading refuses nobody. What nobody could read is kept as *not checked*, which staff see.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import clock, storage
from models.application import readings
from models.application.pages import bound_to
from models.application.tables import DocumentPage
from models.documents.reading import PageReading
from models.extensions import db, reading
from workers import reading_news
from workers.ocr.warm import reader
from workers.runtime import run_prepared


@dataclass(frozen=True, slots=True)
class Read:
    """A reading of the page as it was turned, and what read it."""

    turn: int
    reading: PageReading
    engine: str


def read_page(outbox_id: str) -> None:
    """Job: read one page; before it one of a person who is waiting, should that stand behind a batch of the office's.

    The queue only says that there is something to read: which row is done first is ours to say, and its own message
    finds it done.
    """
    with reading():
        first = readings.waited_for(db.session(), outbox_id, clock.current().now())
        db.session.rollback()
    for promised in filter(None, (first, outbox_id)):
        run_prepared(promised, look_at, record)


def look_at(page_id: str) -> Read | None:
    """Read the rebuilt copy; None where there is nothing to read (any more), or it has been read. Takes no lock."""
    page = db.session.get(DocumentPage, page_id)
    if page is None or not readings.is_wanted(db.session(), page) or page.image_key is None:
        return None
    turn, image_key, expected = page.turn, page.image_key, readings.sides_of(page)
    db.session.rollback()  # reading takes a while: keep no transaction open meanwhile
    found = reader().read(storage.get(image_key, bound_to(page_id)), expected)
    return Read(turn, found, reader().engine)


def record(page_id: str, session: Session, read: Read | None) -> None:
    """Keep the reading, unless the page went or was turned meanwhile (then another job reads it)."""
    if read is None:
        return
    page = session.get(DocumentPage, page_id, with_for_update=True, populate_existing=True)
    if page is not None and page.removed_at is None and page.turn == read.turn:
        readings.keep(session, page, read.reading, read.engine)
        reading_news.tell(session, page, read.reading)
