"""Importing the text of a notice: plain text, guarded, without contact persons."""

from __future__ import annotations

from models import clock
from models.errors import InvalidAnswer
from models.extensions import db
from models.office import audit, scope
from models.office.tables import NoticeText, Staff
from models.programme.notice_text import without_contacts
from models.unit_of_work import unit_of_work

LARGEST = 1_000_000  # bytes; the longest notice at hand has 22,000
_SHORTEST = 200  # characters


def current(staff: Staff) -> str:
    """The imported text of the programme that `staff` works for; empty where there is none."""
    found = db.session.get(NoticeText, scope.programme(staff))
    return found.text if found is not None else ""


def import_text(staff: Staff, data: bytes) -> None:
    """Keep `data` as the notice's text, over the one before it. Raises InvalidAnswer for what is no plain text."""
    text = without_contacts(_decoded(data))
    slug = scope.programme(staff)
    with unit_of_work() as session:
        found = session.get(NoticeText, slug, with_for_update=True)
        if found is None:
            found = NoticeText(programme=slug)
            session.add(found)
        found.text, found.imported_by, found.imported_at = text, staff.id, clock.current().now()
        session.flush()
        audit.write(session, staff.id, audit.IMPORT_TEXT, f"programme:{slug}", f"{len(text)}")


def _decoded(data: bytes) -> str:
    """UTF-8, else GB 18030, as offices' editors save it."""
    if len(data) > LARGEST:
        raise InvalidAnswer("office.text_too_large")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if len(text.strip()) < _SHORTEST:
            raise InvalidAnswer("office.text_too_short")
        return text
    raise InvalidAnswer("office.text_not_plain")
