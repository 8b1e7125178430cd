"""Pages put in order and turned by the person. A page is turned by us, from the copy that we rebuilt: the files are
replaced by new ones under new keys, so that nothing that was read from the old ones is mixed up with them."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, storage
from models.application import readings, record
from models.application.pages import bound_to
from models.application.tables import DocumentPage
from models.errors import InvalidAnswer, NotFound
from models.unit_of_work import after_commit, unit_of_work

_QUALITY = 90


def move_page(app_id: str, page_id: str, place: int) -> None:
    """Put a page at `place` (1 is the first) among those of its document; the others make room. A place beyond the
    last is the last. Raises NotFound, InvalidAnswer."""
    with unit_of_work() as session:
        subject, page = _open_page(session, app_id, page_id)
        pages = list(
            session.scalars(
                select(DocumentPage)
                .where(
                    DocumentPage.application_id == app_id,
                    DocumentPage.document == page.document,
                    DocumentPage.removed_at.is_(None),
                )
                .order_by(DocumentPage.position, DocumentPage.id)
            )
        )
        before = [one.id for one in pages]
        pages.remove(page)
        pages.insert(max(place, 1) - 1, page)
        if [one.id for one in pages] == before:
            return
        for position, one in enumerate(pages, 1):
            one.position = position
        _note(subject, page)


def turn_page(app_id: str, page_id: str, seen: int | None = None) -> None:
    """Turn a page a quarter clockwise. `seen`: its `turn` when the person pressed, so that pressing twice turns once.

    What was read on it is forgotten. A portrait's crop stays: it was cut upright, however the photo lies. Raises
    NotFound, InvalidAnswer.
    """
    with unit_of_work() as session:
        _subject, page = _open_page(session, app_id, page_id)
        turn, image_key, thumb_key = page.turn, page.image_key, page.thumb_key
    if seen is not None and seen != turn:
        return
    if image_key is None or thumb_key is None:
        raise InvalidAnswer("error.page_not_seen")
    # Turned between two transactions: nobody waits for pictures behind our lock.
    try:
        copies = [storage.get(key, bound_to(page_id)) for key in (image_key, thumb_key)]
    except NotFound:
        if _is_shown(app_id, page_id, image_key):
            raise
        return  # turned meanwhile on another device, and the copies that we saw are gone
    fresh = [storage.put(_turned(copy), bound_to(page_id)) for copy in copies]
    try:
        with unit_of_work() as session:
            subject, page = _open_page(session, app_id, page_id)
            if page.image_key != image_key:
                raise _Overtaken
            page.image_key, page.thumb_key = fresh
            page.width, page.height = page.height, page.width
            page.turn += 1
            if page.reason == readings.UPSIDE_DOWN:
                page.reason = None
            readings.forget(session, [page_id])
            readings.promise(session, page)
            _note(subject, page)
            after_commit(_deleting([image_key, thumb_key]))
    except BaseException as exc:
        _deleting(fresh)()
        if not isinstance(exc, _Overtaken):
            raise


def _is_shown(app_id: str, page_id: str, image_key: str) -> bool:
    """Whether the page still has this copy. Raises NotFound where the page itself is gone."""
    with unit_of_work() as session:
        return _open_page(session, app_id, page_id)[1].image_key == image_key


class _Overtaken(Exception):
    """Somebody turned the page meanwhile."""


def _open_page(session: Session, app_id: str, page_id: str) -> tuple[record.Draft, DocumentPage]:
    """A page that the person may change now."""
    subject = record.draft(session, app_id)
    page = session.get(DocumentPage, page_id, populate_existing=True)
    if page is None or page.application_id != app_id or page.removed_at is not None:
        raise NotFound("error.not_found")
    record.require_reopened(subject, f"document:{page.document}")
    return subject, page


def _note(subject: record.Draft, page: DocumentPage) -> None:
    """A returned document may lack nothing but the right order or the right way up."""
    subject.application.updated_at = clock.current().now()
    record.mark_corrected(subject.application, [f"document:{page.document}"])


def _turned(copy: bytes) -> bytes:
    with Image.open(io.BytesIO(copy), formats=("JPEG",)) as picture:
        turned = picture.transpose(Image.Transpose.ROTATE_270)
    out = io.BytesIO()
    turned.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _deleting(keys: list[str]) -> Callable[[], None]:
    def delete() -> None:
        for key in keys:
            storage.delete(key)

    return delete
